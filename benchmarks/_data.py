"""Data sets by name: from a folder, from aeon's bundle, or by aeon's own download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from aeon.datasets import load_classification
from numpy.typing import NDArray

__all__ = ["UCR_12", "UEA_12", "find_folder", "load_split"]

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
    """Load the ``"train"`` or ``"test"`` split of a set."""
    X, y = load_classification(name, split=split, extract_path=find_folder(name, data_dir))
    return X, y
