"""Many series in one call, beside the network's bare forward pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._markdown import markdown
from benchmarks.speed._calls import milliseconds, ratio, take_turns
from benchmarks.speed._latency import bare_forward
from benchmarks.speed._workload import make_series
from gdpd_sklearn import GDPDClassifier

__all__ = ["throughput_table"]

N_TIMEPOINTS = 100
# Cases that the bare forward pass gets at once, as many as a chunk of predict_proba.
_BATCH = 1024


def throughput_table(quick: bool) -> str:
    """Measure how much of ``predict_proba`` is the network itself."""
    n_cases, n_rounds = (64, 2) if quick else (4 * _BATCH, 5)
    X, y = make_series(n_cases, N_TIMEPOINTS)
    X = X.astype(np.float32)
    rows = []
    for student in ("lite", "lstm2-32", "fcn", "lstm1-8"):
        clf = GDPDClassifier(
            student=student, teacher="lstm1-8", distiller="none", n_epochs=1, device="cpu",
            random_state=0,
        ).fit(X[:32], y[:32])  # fmt: skip
        passes = [bare_forward(clf.model_, part) for part in _parts(X)]
        seconds = take_turns(
            {
                "predict": partial(clf.predict_proba, X),
                "model": partial(clf.model_.predict_proba, X),
                "forward": partial(_run, passes),
            },
            n_rounds,
            1,
        )
        rows.append(
            [
                student,
                f"{n_cases / np.median(seconds['predict']):,.0f}",
                *milliseconds(seconds["forward"])[:1],
                *ratio(seconds["forward"], seconds["predict"]),
                *ratio(seconds["forward"], seconds["model"])[:1],
            ]
        )
    head = ["student", "series per second", "forward", "forward / predict_proba", "quartiles"]
    return (
        f"## Many series in one call\n\n`predict_proba` of {n_cases} univariate series of "
        f"{N_TIMEPOINTS} points (half seen), beside the forward pass over tensors in batches of "
        f"{_BATCH}.\n\n{markdown([*head, 'forward / without aeon'], rows)}"
    )


def _parts(X: NDArray[np.floating]) -> list[NDArray[np.floating]]:
    return [X[start : start + _BATCH] for start in range(0, len(X), _BATCH)]


def _run(passes: Sequence[Callable[[], Any]]) -> None:
    for each in passes:
        each()
