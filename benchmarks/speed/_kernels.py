"""Random kernels in use: one point of a stream, and one series at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._markdown import markdown
from benchmarks.speed._calls import milliseconds, take_turns
from benchmarks.speed._workload import make_series
from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier

__all__ = ["kernel_tables"]

Pair = tuple[list[float], list[float]]

LENGTHS = (100, 500, 2000)
_FIT: dict[str, Any] = {
    "student": "rocket", "distiller": "none", "device": "cpu", "random_state": 0,
}  # fmt: skip
# A push between points and at a point, one series: milliseconds.
_TARGETS = "0.05 ms, 0.15 ms, 1 ms"


def kernel_tables(quick: bool) -> str:
    """Measure pushes and single calls at several lengths, which take turns."""
    lengths = (24, 40) if quick else LENGTHS
    n_rounds, n_calls = (2, 2) if quick else (15, 10)
    data = {length: make_series(30, length) for length in lengths}
    X = {length: series for length, (series, _) in data.items()}
    early = {length: GDPDEarlyClassifier(**_FIT).fit(*data[length]) for length in lengths}
    partly = {length: GDPDClassifier(**_FIT).fit(*data[length]) for length in lengths}
    never = {length: GDPDEarlyClassifier(**_FIT).fit(*data[length]) for length in lengths}
    for clf in never.values():
        clf.trigger_.start_ = np.inf  # the default rule, but out of reach
    pushes = _pushes(never, X, n_rounds)
    calls: dict[str, Callable[[], Any]] = {}
    for length in lengths:
        calls[f"early {length}"] = partial(early[length].predict, X[length][:1])
        calls[f"partial {length}"] = partial(partly[length].predict_proba, X[length][:1])
    seconds = take_turns(calls, n_rounds, n_calls)
    rows = []
    for length in lengths:
        rows.append(
            [
                f"{length} points",
                *milliseconds(pushes[length][0]),
                *milliseconds(pushes[length][1]),
                *milliseconds(seconds[f"early {length}"]),
                *milliseconds(seconds[f"partial {length}"]),
            ]
        )
    head = ["length", "push between points", "quartiles", "push at a point", "quartiles"]
    head += ["early `predict`", "quartiles", "partial `predict_proba`", "quartiles"]
    return (
        f"## Random kernels in use\n\nOne univariate series; 20 classification points. Pushes of "
        f"one point each, without a decision before the end. `predict` decides a complete series; "
        f"`GDPDClassifier` sees half of it. Targets: {_TARGETS}.\n\n{markdown(head, rows)}"
    )


def _pushes(
    classifiers: Mapping[int, GDPDEarlyClassifier],
    X: Mapping[int, NDArray[np.floating]],
    n_rounds: int,
) -> dict[int, Pair]:
    """CPU seconds of pushes between points and at points: the median of each series."""
    found: dict[int, Pair] = {length: ([], []) for length in classifiers}
    for number in range(n_rounds + 1):
        for length, clf in classifiers.items():
            stream, ends = clf.stream(), set(clf.classification_points_)
            kinds: Pair = ([], [])
            for read, point in enumerate(X[length][number % len(X[length]), 0], 1):
                start = time.process_time()
                stream.push("series", point)
                kinds[read in ends].append(time.process_time() - start)
            if number:  # the first warms up
                for kind, seconds in zip(found[length], kinds, strict=True):
                    kind.append(float(np.median(seconds)))
    return found
