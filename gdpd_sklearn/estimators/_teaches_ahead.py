"""Training a teacher alone, for many fits."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from gdpd_sklearn.fitting import FitTask, FittedTeacher, fit_teacher_of

__all__ = ["TeachesAhead"]


class TeachesAhead:
    """Estimators whose teacher can be trained ahead of their fits."""

    if TYPE_CHECKING:  # of aeon's base class, beside which this one stands

        def _fit_setup(self, X: Any, y: Any) -> tuple[NDArray[np.floating], NDArray[Any]]: ...

    @abstractmethod
    def _task(
        self, X: NDArray[np.floating], y: NDArray[Any], sample_weight: ArrayLike | None
    ) -> FitTask:
        """Check data and parameters, and turn them into a task for the trainer."""

    def fit_teacher(
        self, X: NDArray[np.floating], y: NDArray[Any], sample_weight: ArrayLike | None = None
    ) -> FittedTeacher:
        """Train the teacher alone, the very one that ``fit`` would train.

        To be handed to many fits as ``teacher=``, in place of a ``memory``; the classifier itself
        stays as it is.

        Parameters
        ----------
        X : array of shape (n_cases, n_channels, n_timepoints)
            Complete series.
        y : array of shape (n_cases,)
            Class labels.
        sample_weight : array of shape (n_cases,), optional
            As for :meth:`fit`.

        Returns
        -------
        FittedTeacher
            ``model`` is a :class:`~gdpd_sklearn.networks.PrefixModel` of the complete series. The
            same ``random_state`` parts the cases in the same way, so that a student's validation
            part is none of its teacher's training cases.

        Examples
        --------
        >>> from aeon.datasets import load_gunpoint
        >>> from sklearn.base import clone
        >>> from gdpd_sklearn import GDPDClassifier
        >>> X, y = load_gunpoint(split="train")
        >>> clf = GDPDClassifier(distiller="gdpd", n_epochs=5, random_state=0)
        >>> teacher = clf.fit_teacher(X, y)
        >>> early, late = (
        ...     clone(clf).set_params(prefix_length=share, teacher=teacher).fit(X, y)
        ...     for share in (0.2, 0.8)
        ... )
        """
        other = clone(self)
        X, y = other._fit_setup(X, y)
        return fit_teacher_of(other._task(X, y, sample_weight))
