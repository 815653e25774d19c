"""Results in the format of tsml and ``aeon.benchmarking``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from benchmarks._files import write_atomically

__all__ = ["write_tsml_results"]


def write_tsml_results(
    folder: Path,
    estimator: str,
    data_set: str,
    resample: int,
    split: str,
    y_true: Sequence[int] | NDArray[Any],
    y_pred: Sequence[int] | NDArray[Any],
    probabilities: NDArray[Any],
    *,
    parameters: str,
    fit_milliseconds: float,
    predict_milliseconds: float,
    n_classes: int,
) -> Path:
    """Write ``<folder>/<estimator>/Predictions/<data_set>/<split>Resample<resample>.csv``."""
    accuracy = float((y_true == y_pred).mean())  # type: ignore[union-attr]
    lines = [
        f"{data_set},{estimator},{split},{resample},MILLISECONDS",
        parameters,
        f"{accuracy},{fit_milliseconds},{predict_milliseconds},-1,-1,,{n_classes},,",
    ]
    for true, predicted, row in zip(y_true, y_pred, probabilities, strict=True):
        lines.append(f"{true},{predicted},,{','.join(str(p) for p in row)}")
    path = folder / estimator / "Predictions" / data_set / f"{split}Resample{resample}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, "\n".join(lines).encode())
    return path
