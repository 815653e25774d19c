"""Fits that are asked for one after another, trained together beforehand.

scikit-learn's tools call ``fit`` of one estimator at a time. To train those fits together and leave
scoring and bookkeeping to scikit-learn, each fit is gone through twice: rehearsed, where it stops
as soon as the estimator knows what it wants; and in earnest, where it finds that trained already.
An estimator whose request was never rehearsed is fitted as usual, so that results do not depend on
what is shared.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.training._fit import FitResult
from gdpd_sklearn.training._many import FitRequest, fit_many

__all__ = ["SharedFits", "fulfil"]

_ANSWER: ContextVar[Callable[[FitRequest], FitResult]] = ContextVar(
    "answer", default=FitRequest.run
)


def fulfil(request: FitRequest) -> FitResult:
    """Fit what an estimator wants, or find it among the shared fits that are in use."""
    return _ANSWER.get()(request)


class _Rehearsed(Exception):
    """Leaves an estimator's fit where the training would begin."""


class SharedFits:
    """Requests of several estimators, and later their results.

    Attributes
    ----------
    n_fits : int
        Fits that have been rehearsed.
    """

    def __init__(self) -> None:
        self._requests: dict[str, FitRequest] = {}
        self._series: dict[str, NDArray[np.floating]] = {}
        self._results: dict[str, FitResult] = {}

    @property
    def n_fits(self) -> int:
        """Count the different fits that have been rehearsed."""
        return len(self._requests)

    def rehearse(self, fit: Callable[[], Any]) -> None:
        """Go through an estimator's fit and note what it wants.

        An error that the fit raises is left to the fit in earnest, which meets it again.
        """
        try:
            with _answering(self._note):
                fit()
        except Exception:
            return

    def train(self, n_jobs: int | None = None) -> None:
        """Train all that has been noted."""
        self._results = dict(
            zip(self._requests, fit_many(list(self._requests.values()), n_jobs), strict=True)
        )

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Within, estimators find what was trained."""
        with _answering(self._look_up):
            yield

    def _note(self, request: FitRequest) -> FitResult:
        key = request.key()
        if key is not None:
            # every candidate comes with a copy of the fold of its own; one is enough
            X = self._series.setdefault(joblib.hash(request.X), request.X)
            self._requests.setdefault(key, replace(request, X=X))
        raise _Rehearsed

    def _look_up(self, request: FitRequest) -> FitResult:
        key = request.key()
        if key is None or key not in self._results:
            return request.run()
        result = self._results[key]
        # estimators may ask for the same fit; none shall hold another's model
        return replace(result, model=copy.deepcopy(result.model), history=result.history.copy())


@contextmanager
def _answering(answer: Callable[[FitRequest], FitResult]) -> Iterator[None]:
    token = _ANSWER.set(answer)
    try:
        yield
    finally:
        _ANSWER.reset(token)
