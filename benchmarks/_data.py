"""Data sets by name: from a folder, from aeon's bundle, or by aeon's own download.

PhysioNet's stays in intensive care (:mod:`benchmarks._physionet`) come from a folder only, raw sets
(:mod:`benchmarks._raw`) from generators and packages. A folder may hold any set, archived or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from aeon.datasets import load_classification
from numpy.typing import NDArray

from benchmarks import _physionet, _raw

__all__ = ["DEV_8", "SUITES", "UCR_12", "UEA_12", "check_set", "find_folder", "load_split"]

UCR_12 = (
    "CBF", "Coffee", "ECG200", "ECGFiveDays", "FaceFour", "GunPoint", "ItalyPowerDemand",
    "MoteStrain", "SonyAIBORobotSurface1", "SonyAIBORobotSurface2", "Trace", "TwoLeadECG",
)  # fmt: skip
"""Our reading of the paper's twelve UCR sets: six are known, the rest is ours."""

UEA_12 = (
    "ArticularyWordRecognition", "AtrialFibrillation", "BasicMotions", "ERing", "Epilepsy",
    "FingerMovements", "Handwriting", "JapaneseVowels", "Libras", "NATOPS", "RacketSports",
    "UWaveGestureLibrary",
)  # fmt: skip
"""Twelve UEA sets of several channels; the paper's list is not known, this one is ours."""

DEV_8 = (
    "ArrowHead", "DistalPhalanxOutlineCorrect", "MedicalImages", "Plane", "PowerCons",
    "SwedishLeaf", "SyntheticControl", "ToeSegmentation1",
)  # fmt: skip
"""Development sets: in neither of the two suites above, so that they may choose."""

MORI_45 = (
    "Adiac", "Beef", "CBF", "ChlorineConcentration", "CinCECGTorso", "Coffee", "CricketX",
    "CricketY", "CricketZ", "DiatomSizeReduction", "ECG200", "ECGFiveDays", "FaceAll", "FaceFour",
    "FacesUCR", "FiftyWords", "Fish", "GunPoint", "Haptics", "InlineSkate", "ItalyPowerDemand",
    "Lightning2", "Lightning7", "Mallat", "MedicalImages", "MoteStrain",
    "NonInvasiveFetalECGThorax1", "NonInvasiveFetalECGThorax2", "OSULeaf", "OliveOil",
    "SonyAIBORobotSurface1", "SonyAIBORobotSurface2", "StarLightCurves", "SwedishLeaf", "Symbols",
    "SyntheticControl", "Trace", "TwoLeadECG", "TwoPatterns", "UWaveGestureLibraryX",
    "UWaveGestureLibraryY", "UWaveGestureLibraryZ", "Wafer", "WordSynonyms", "Yoga",
)  # fmt: skip
"""The sets of Mori et al. (2018), as the ELECTS authors' tables of that paper list them; Lv et al.
(2019) have the same. Names are the archive's of 2018."""

ML_EDM_73 = (
    "ACSF1", "ArrowHead", "BME", "CBF", "Car", "Chinatown", "ChlorineConcentration", "CinCECGTorso",
    "Coffee", "Computers", "CricketX", "CricketY", "CricketZ", "Crop",
    "DistalPhalanxOutlineCorrect", "ECG200", "ECGFiveDays", "EOGVerticalSignal", "Earthquakes",
    "ElectricDevices", "EthanolLevel", "FaceAll", "FacesUCR", "Fish", "FordA",
    "FreezerRegularTrain", "GunPoint", "Ham", "HandOutlines", "Haptics", "Herring", "HouseTwenty",
    "InlineSkate", "InsectEPGRegularTrain", "InsectWingbeatSound", "ItalyPowerDemand",
    "LargeKitchenAppliances", "Lightning2", "Lightning7", "Meat", "MedicalImages",
    "MelbournePedestrian", "MixedShapesRegularTrain", "MoteStrain", "NonInvasiveFetalECGThorax1",
    "NonInvasiveFetalECGThorax2", "OSULeaf", "PhalangesOutlinesCorrect", "Plane", "PowerCons",
    "ProximalPhalanxOutlineCorrect", "RefrigerationDevices", "ScreenType", "SemgHandGenderCh2",
    "SmoothSubspace", "SonyAIBORobotSurface1", "SonyAIBORobotSurface2", "StarLightCurves",
    "Strawberry", "SwedishLeaf", "SyntheticControl", "ToeSegmentation1", "Trace", "TwoLeadECG",
    "TwoPatterns", "UMD", "UWaveGestureLibraryX", "UWaveGestureLibraryY", "UWaveGestureLibraryZ",
    "Wafer", "Wine", "Worms", "Yoga",
)  # fmt: skip
"""``datasets`` of the configuration with which the repository of ml_edm runs its benchmark. The
survey's own shorter list is not in that repository, and so it is not here."""

SUITES: Mapping[str, tuple[str, ...]] = {
    "ucr12": UCR_12,
    "uea12": UEA_12,
    "dev8": DEV_8,
    "mori45": MORI_45,
    "ml_edm73": ML_EDM_73,
    "raw": tuple(_raw.SETS),
}
"""Name, as commands take it, to sets."""


def find_folder(name: str, data_dir: str | None) -> str | None:
    """Find the folder under ``data_dir`` (itself, ``ucr`` or ``uea``) that holds a set.

    Raises
    ------
    FileNotFoundError
        If ``data_dir`` is given and holds no such set.
    """
    if data_dir is None:
        return None
    for folder in (Path(data_dir), Path(data_dir) / "ucr", Path(data_dir) / "uea"):
        if (folder / name / f"{name}_TRAIN.ts").exists():
            return str(folder)
    raise FileNotFoundError(
        f"data set {name!r}: no {name}/{name}_TRAIN.ts in --data-dir {data_dir!r}, nor in its "
        f"subfolders ucr and uea."
    )


def check_set(name: str, data_dir: str | None) -> None:
    """Refuse a set that is not there.

    Without ``data_dir`` any set of an archive is taken to be there: aeon downloads it when it is
    loaded.

    Raises
    ------
    FileNotFoundError
        That names the set, and where it was looked for or what it needs.
    """
    if name in _raw.SETS:
        _raw.check_set(name)
    elif name in _physionet.SETS:
        _physionet.find_set(name, data_dir)
    else:
        find_folder(name, data_dir)


def load_split(
    name: str, split: str, data_dir: str | None
) -> tuple[NDArray[np.floating], NDArray[Any]]:
    """Load the ``"train"`` or ``"test"`` split of a set.

    Series of unequal length are stretched, by linear interpolation, to the longest of the training
    split, as the paper resamples whole series before it cuts prefixes.

    Returns
    -------
    X : ndarray of shape (N, C, L)
    y : ndarray of shape (N,)
    """
    if name in _physionet.SETS:
        return _physionet.load_split(name, split, data_dir)
    if name in _raw.SETS:
        return _raw.load_split(name, split)
    folder = find_folder(name, data_dir)
    X, y = load_classification(name, split=split, extract_path=folder)
    if isinstance(X, np.ndarray):
        return X, y
    train = X if split == "train" else load_classification(name, "train", extract_path=folder)[0]
    return _stretch(X, max(series.shape[1] for series in train)), y


def _stretch(X: Sequence[NDArray[np.floating]], length: int) -> NDArray[np.floating]:
    """Series (C, L_i) to one array (N, C, length); end points are kept."""
    to = np.linspace(0.0, 1.0, length)
    return np.stack(
        [
            [np.interp(to, np.linspace(0.0, 1.0, series.shape[1]), channel) for channel in series]
            for series in X
        ]
    )
