"""Fits that are asked for one after another, trained together beforehand.

scikit-learn's tools call ``fit`` of one estimator at a time. To train those fits together and leave
scoring and bookkeeping to scikit-learn, each fit is gone through twice: once *dry*, up to the tasks
that it hands to the trainer; and once for real, where it finds these tasks done. The estimators
meet the shared fits in their parameter ``memory``, so nothing else stands between a fit and the
trainer.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.fitting import FitResult, FitTask, attempt, fit
from gdpd_sklearn.recipes import DivergedError

__all__ = ["FitMemory", "SharedFits"]


class FitMemory:
    """Stands in the parameter ``memory`` of an estimator while its fits are shared.

    Clones of the estimator keep it; a pickle holds the estimator's own memory in its place.

    Parameters
    ----------
    shared : SharedFits
    own : None, str or joblib.Memory
        The estimator's own ``memory``.
    """

    def __init__(self, shared: SharedFits, own: Any) -> None:
        self.shared = shared
        self.own = own

    def fit(self, tasks: Sequence[FitTask], n_jobs: int | None = None) -> list[FitResult]:
        """Give the results of tasks."""
        return self.shared.recall(tasks, n_jobs)

    def __sklearn_clone__(self) -> FitMemory:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> FitMemory:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _give, (self.own,)


def _give(value: Any) -> Any:
    return value


class _DryRunOver(Exception):
    """Leaves an estimator's fit where the training would begin."""


class SharedFits:
    """Tasks of several estimators, and later their results."""

    def __init__(self) -> None:
        self._tasks: dict[str, FitTask] = {}
        self._arrays: dict[str, NDArray[Any]] = {}
        self._results: dict[str, FitResult | DivergedError] = {}
        self._dry = False

    @property
    def n_fits(self) -> int:
        """Count the different tasks that have been noted."""
        return len(self._tasks)

    def dry_run(self, fit: Callable[[], Any]) -> None:
        """Go through an estimator's fit and note the tasks that it has for the trainer.

        An error that the fit raises is left to the fit for real, which meets it again.

        Raises
        ------
        TypeError
            If the fit trains nothing here: it would be done twice.
        """
        self._dry = True
        try:
            fit()
        except Exception:  # a dry run's end, or what the fit for real will raise again
            return
        finally:
            self._dry = False
        raise TypeError(
            "the estimator's fit has nothing to train together; a GDPDClassifier or "
            "GDPDEarlyClassifier must be among its parameters and be fitted by it."
        )

    def train(self, n_jobs: int | None = None) -> None:
        """Train all that has been noted; what diverges does not stop the others."""
        tasks = list(self._tasks.values())
        self._results = dict(zip(self._tasks, attempt(tasks, n_jobs), strict=True))

    def forget(self) -> None:
        """Drop tasks and results: estimators that still know these fits train by themselves."""
        self._tasks, self._arrays, self._results = {}, {}, {}

    def recall(self, tasks: Sequence[FitTask], n_jobs: int | None) -> list[FitResult]:
        """Give the results of tasks, fitting those that were never noted.

        Raises
        ------
        DivergedError
            If one of them diverged, as its fit alone would.
        """
        keys = [task.key() for task in tasks]
        if self._dry:
            for key, task in zip(keys, tasks, strict=True):
                if key is not None:
                    self._tasks.setdefault(key, self._with_known_arrays(task))
            raise _DryRunOver
        new = [i for i, key in enumerate(keys) if key is None or key not in self._results]
        results = dict(zip(new, fit([tasks[i] for i in new], n_jobs), strict=True))
        for i, key in enumerate(keys):
            if i not in results:
                found = self._results[str(key)]
                if isinstance(found, DivergedError):
                    raise found
                # estimators may ask for the same fit; none shall hold another's model
                results[i] = replace(
                    found, model=copy.deepcopy(found.model), history=found.history.copy()
                )
        return [results[i] for i in range(len(tasks))]

    def _with_known_arrays(self, task: FitTask) -> FitTask:
        """Every candidate comes with a copy of the fold of its own; one is enough."""
        X: NDArray[np.floating] = self._arrays.setdefault(joblib.hash(task.X), task.X)
        return replace(task, X=X)
