"""One series, one call; and one point of a stream."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from aeon.classification.base import BaseClassifier
from numpy.typing import NDArray

from benchmarks._markdown import markdown
from benchmarks.speed._calls import milliseconds, ratio, take_turns
from benchmarks.speed._workload import make_series
from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.networks import PrefixModel

__all__ = ["latency_tables"]

N_TIMEPOINTS = 100
_FIT: dict[str, Any] = {"teacher": "lstm1-8", "distiller": "none", "n_epochs": 1, "device": "cpu"}


def latency_tables(quick: bool) -> str:
    """Measure single calls and single pushes."""
    n_rounds, n_calls = (2, 2) if quick else (15, 40)
    return (
        f"## One call\n\n`predict_proba` of one univariate series of {N_TIMEPOINTS} points "
        f"(half of it seen), and what of it is aeon's own check of X and the network's bare "
        f"forward pass.\n\n{_call_table(n_rounds, n_calls)}\n\n"
        f"## One point of a stream\n\n`EarlyStream.push` of one point, 20 classification points "
        f"in {N_TIMEPOINTS}, no decision before the end: between classification points, at them, "
        f"and on average; the average beside one `predict_proba` of the whole series by one of "
        f"the students.\n\n{_stream_table(quick)}"
    )


def _call_table(n_rounds: int, n_calls: int) -> str:
    X, y = make_series(32, N_TIMEPOINTS)
    one = X[:1]
    rows = []
    for student in ("lite", "lstm2-32", "fcn"):
        clf = GDPDClassifier(student=student, random_state=0, **_FIT).fit(X, y)
        seconds = take_turns(
            {
                "call": partial(clf.predict_proba, one),
                "aeon": partial(BaseClassifier._preprocess_collection, clf, one, False),
                "forward": bare_forward(clf.model_, one),
            },
            n_rounds,
            n_calls,
        )
        rows.append(
            [
                student,
                *milliseconds(seconds["call"]),
                *milliseconds(seconds["aeon"])[:1],
                *milliseconds(seconds["forward"])[:1],
                *ratio(seconds["call"], seconds["forward"]),
            ]
        )
    head = ["student", "call", "quartiles", "aeon's check", "forward", "call / forward"]
    return markdown([*head, "quartiles"], rows)


def bare_forward(model: PrefixModel, X: NDArray[np.floating]) -> Callable[[], Any]:
    """Give the forward pass of the network over what it sees of X, already a tensor."""
    x = torch.as_tensor(X, dtype=model.dtype)
    with torch.inference_mode():
        seen = model.view(x)

    def forward() -> None:
        with torch.inference_mode():
            model[0](seen)

    return forward


def _stream_table(quick: bool) -> str:
    X, y = make_series(40, N_TIMEPOINTS)
    settings: dict[str, dict[str, Any]] = {
        "shared lstm2-32, one": {"student": "lstm2-32", "shared": True, "refit": True},
        "shared lstm2-32, vote of 4": {"student": "lstm2-32", "shared": True},
        "shared causal_fcn, one": {"student": "causal_fcn", "shared": True, "refit": True},
        "shared causal_fcn, vote of 4": {"student": "causal_fcn", "shared": True},
        "separate fcn, vote of 4": {"student": "fcn", "shared": False},
    }
    if quick:
        settings = dict(list(settings.items())[:1])
    rows = []
    for name, setting in settings.items():
        clf = GDPDEarlyClassifier(trigger=_at_the_end, random_state=0, **setting, **_FIT).fit(X, y)
        between, at, mean, whole = _pushes(clf, X[: 2 if quick else 12])
        rows.append(
            [name, *milliseconds(between), *milliseconds(at), *milliseconds(mean)[:1],
             *ratio(mean, whole)]
        )  # fmt: skip
    head = ["students", "between points", "quartiles", "at a point", "quartiles", "average push"]
    return markdown([*head, "average / one pass", "quartiles"], rows)


def _at_the_end(probabilities: NDArray[np.floating], fractions: Any) -> NDArray[np.bool_]:
    return np.full(probabilities.shape[1], fractions[-1] == 1.0)


def _pushes(clf: GDPDEarlyClassifier, X: NDArray[np.floating]) -> tuple[list[float], ...]:
    """CPU seconds of pushes between points and at points, their mean, and of one whole pass."""
    between, at, mean, whole = [], [], [], []
    last = len(clf.classification_points_) - 1
    for case, series in enumerate([X[0], *X]):
        stream, pushes = clf.stream(), []
        for point in series[0]:
            start = time.process_time()
            stream.push("series", point)
            pushes.append(time.process_time() - start)
        start = time.process_time()
        clf.models_[0].predict_proba(series[None], last)
        pass_seconds = time.process_time() - start
        if case:  # the first warms up
            ends = set(clf.classification_points_)
            at += [s for i, s in enumerate(pushes, 1) if i in ends]
            between += [s for i, s in enumerate(pushes, 1) if i not in ends]
            mean.append(float(np.mean(pushes)))
            whole.append(pass_seconds)
    return between, at, mean, whole
