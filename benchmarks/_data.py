"""Data sets by name: from a folder, from aeon's bundle, or by aeon's own download.

PhysioNet's stays in intensive care (:mod:`benchmarks._physionet`) come from a folder only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from aeon.datasets import load_classification
from numpy.typing import NDArray

from benchmarks import _physionet

__all__ = ["SUITES", "UCR_12", "UEA_12", "find_folder", "load_split"]

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

SUITES: Mapping[str, tuple[str, ...]] = {"ucr12": UCR_12, "uea12": UEA_12}


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
