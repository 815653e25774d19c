"""Development sets: outside the suites of ``benchmarks.accuracy``, so that they may choose."""

from __future__ import annotations

__all__ = ["DEVELOPMENT"]

DEVELOPMENT = (
    "ArrowHead", "DistalPhalanxOutlineCorrect", "MedicalImages", "Plane", "PowerCons",
    "SwedishLeaf", "SyntheticControl", "ToeSegmentation1",
)  # fmt: skip
