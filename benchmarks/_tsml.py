"""Results in the file format of tsml and aeon, and the summaries that aeon's loaders read."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from gdpd_sklearn.persistence import write_atomically

__all__ = ["summarise_tsml_results", "write_tsml_results"]


def write_tsml_results(
    folder: Path,
    estimator: str,
    data_set: str,
    resample: int,
    split: str,
    y_true: ArrayLike,
    y_pred: ArrayLike,
    probabilities: ArrayLike,
    *,
    parameters: str,
    fit_milliseconds: float,
    predict_milliseconds: float,
    n_classes: int,
) -> Path:
    """Write ``<folder>/<estimator>/Predictions/<data_set>/{train,test}Resample<k>.csv``.

    The file appears at once, complete.

    Parameters
    ----------
    folder : Path
    estimator, data_set : str
        Part of the path: no separators, and no commas, which separate fields in the file.
    resample : int
        0 is the archive's own split.
    split : {"train", "test"}
    y_true, y_pred : array-like of shape (n,)
        Class codes 0 … n_classes − 1, as the format has them.
    probabilities : array-like of shape (n, n_classes)
    parameters : str
        One line that tells the estimator's parameters.
    fit_milliseconds, predict_milliseconds : float
        Milliseconds.
    n_classes : int

    Raises
    ------
    ValueError
        If a name cannot be part of the path, the split is unknown, or shapes or codes do not fit.
    """
    for name, value in (("estimator", estimator), ("data_set", data_set)):
        if not value or set(value) & set("/\\,\n") or value in (".", ".."):
            raise ValueError(f"{name}={value!r} must be a plain name without '/', '\\' and ','.")
    if split not in ("train", "test"):
        raise ValueError(f"split={split!r} must be 'train' or 'test'.")
    true, predicted = _codes("y_true", y_true, n_classes), _codes("y_pred", y_pred, n_classes)
    scores = np.asarray(probabilities, dtype=float)
    if len(true) != len(predicted) or scores.shape != (len(true), n_classes):
        raise ValueError(
            f"y_true of length {len(true)}, y_pred of length {len(predicted)} and probabilities of "
            f"shape {scores.shape} do not fit n_classes={n_classes}."
        )
    accuracy = (true == predicted).mean()
    # accuracy, fit, predict, benchmark and memory, classes, train estimate: method and two times;
    # -1 is the format's "not measured"
    figures = [accuracy, fit_milliseconds, predict_milliseconds, -1, -1, n_classes, "", -1, -1]
    lines = [
        f"{data_set},{estimator},{split.upper()},{resample},MILLISECONDS,gdpd_sklearn benchmarks",
        " ".join(parameters.splitlines()),
        ",".join(map(str, figures)),
        *(
            f"{t},{p},,{','.join(map(repr, row))}"
            for t, p, row in zip(true, predicted, scores.tolist(), strict=True)
        ),
    ]
    path = folder / estimator / "Predictions" / data_set / f"{split}Resample{resample}.csv"
    _write(path, "\n".join(lines) + "\n")
    return path


def summarise_tsml_results(
    folder: Path, estimator: str, split: Literal["train", "test"] = "test"
) -> Path:
    """Collect an estimator's accuracies where ``aeon.benchmarking.results_loaders`` looks for them.

    aeon reads no prediction files, but a table of sets and resamples. With ``path=str(folder)``,
    ``get_estimator_results(estimator, …)`` then reads the accuracies back.

    Parameters
    ----------
    folder : Path
        That of :func:`write_tsml_results`.
    estimator : str
        aeon reads estimators it knows by name only; make it known by
        ``aeon.benchmarking.results_loaders.NAME_ALIASES[estimator] = []``.
    split : {"train", "test"}, default="test"

    Returns
    -------
    Path
        ``<folder>/classification/accuracy/<estimator>_accuracy.csv``: a row for each set, a column
        for each resample, empty where there is no file.

    Raises
    ------
    FileNotFoundError
        If there is no result of the estimator.
    """
    accuracies: dict[str, dict[int, float]] = {}
    predictions = folder / estimator / "Predictions"
    for path in sorted(predictions.glob(f"*/{split}Resample*.csv")):
        resample = int(path.stem.removeprefix(f"{split}Resample"))
        figures = path.read_text().splitlines()[2].split(",")
        accuracies.setdefault(path.parent.name, {})[resample] = float(figures[0])
    if not accuracies:
        raise FileNotFoundError(f"no {split}Resample<k>.csv under {str(predictions)!r}.")
    table = pd.DataFrame.from_dict(accuracies, orient="index").sort_index()
    n_resamples = int(max(table.columns)) + 1
    table = table.reindex(columns=range(n_resamples)).reset_index(names="Resamples:")
    target = folder / "classification" / "accuracy" / f"{estimator}_accuracy.csv"
    _write(target, table.to_csv(index=False))
    return target


def _codes(name: str, labels: ArrayLike, n_classes: int) -> NDArray[np.int64]:
    values = np.asarray(labels)
    if values.ndim != 1 or values.dtype.kind not in "iu" or not len(values):
        raise ValueError(
            f"{name} of shape {values.shape} and type {values.dtype} must be a non-empty array of "
            f"class codes, integers from 0."
        )
    if values.min() < 0 or values.max() >= n_classes:
        raise ValueError(
            f"{name} holds codes from {values.min()} to {values.max()}, which must be in 0 … "
            f"{n_classes - 1} for n_classes={n_classes}."
        )
    return values.astype(np.int64)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.encode())
