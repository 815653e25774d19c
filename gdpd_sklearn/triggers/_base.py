"""The seam of all stopping rules: fit on held-out probabilities, then ask at each point."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from gdpd_sklearn._checks import check_codes, check_weights
from gdpd_sklearn.metrics import DecisionCost, LeastDelay, Objective
from gdpd_sklearn.triggers._features import Floats, Ints
from gdpd_sklearn.triggers._held_out import HeldOut

__all__ = ["Trigger", "check_objective"]


class Trigger(BaseEstimator, ABC):
    """Base class of stopping rules.

    A rule writes ``_fit`` and ``_safe``. ``_safe`` answers for every point that it is given, and
    its row p may depend on rows 0..p of the probabilities alone, and on no other case: then
    asking point by point and asking once for the whole series agree by construction. That the
    last point always stops is seen to here, in one place, and is no business of a rule.

    Attributes
    ----------
    fractions_ : ndarray of shape (P,)
        Share of the full length at each classification point.
    n_classes_ : int
        The number of classes K.
    """

    fractions_: Floats
    n_classes_: int

    def fit(
        self,
        probabilities: ArrayLike,
        y: ArrayLike,
        fractions: ArrayLike,
        objective: Objective = "harmonic_mean",
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Learn the rule from held-out cases.

        Parameters
        ----------
        probabilities : array-like of shape (P, N, K)
            Class probabilities at each of P classification points, of cases that the classifiers
            did not train on.
        y : array-like of int, shape (N,)
            Class codes 0..K-1.
        fractions : array-like of shape (P,)
            Share of the full length at each point, increasing, in (0, 1]; the last is 1.
        objective : "harmonic_mean", DecisionCost or LeastDelay, default="harmonic_mean"
            What the rule's own parameters are chosen for; labels in it are codes. Fitting again
            with another objective needs nothing but these arguments.
        sample_weight : array-like of shape (N,), optional
            What each case counts; only ratios matter, and one of 0 is as if it were not there.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a shape, a code, a fraction, a weight, the objective or a hyperparameter is not as
            above.
        """
        stack = _check_probabilities(probabilities)
        codes = check_codes(y, stack.shape[1], stack.shape[2])
        shares = _check_fractions(fractions, len(stack))
        weights = check_weights(sample_weight, stack.shape[1])
        if weights is not None:
            counts = weights > 0
            stack, codes, weights = stack[:, counts], codes[counts], weights[counts]
            # as a rule without weights counts each case
            weights = weights / weights.mean()
        held_out = HeldOut(stack, codes, shares, objective, weights)
        self.check_parameters()
        check_objective(objective, stack.shape[2], held_out.fractions)
        self.fractions_ = held_out.fractions
        self.n_classes_ = stack.shape[2]
        self._fit(held_out)
        return self

    def check_parameters(self) -> None:
        """Refuse bad hyperparameters; ``fit`` asks first, and so does who trains before it.

        Raises
        ------
        ValueError
            That names the parameter, its value and what is allowed.
        """

    def should_stop(self, probabilities: ArrayLike) -> NDArray[np.bool_]:
        """Say which cases may be decided at the current point. Keeps no state.

        Parameters
        ----------
        probabilities : array-like of shape (p + 1, n, K)
            All points seen so far, the current one last. n may be 0.

        Returns
        -------
        ndarray of bool, shape (n,)
            All True at the last classification point.

        Raises
        ------
        ValueError
            If the shape or the number of points does not fit what ``fit`` saw.
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        """
        return self.safe_points(probabilities)[-1]

    def safe_points(self, probabilities: ArrayLike) -> NDArray[np.bool_]:
        """Say the same of every point so far: row p is what ``should_stop`` says at point p.

        Parameters
        ----------
        probabilities : array-like of shape (p + 1, n, K)

        Returns
        -------
        ndarray of bool, shape (p + 1, n)

        Raises
        ------
        ValueError, sklearn.exceptions.NotFittedError
            As :meth:`should_stop`.
        """
        return self._decided(self._check_seen(probabilities))

    def stop_points(self, probabilities: ArrayLike) -> Ints:
        """Return the first point at which ``should_stop`` is True for each case.

        Parameters
        ----------
        probabilities : array-like of shape (P, n, K)
            Class probabilities at every classification point.

        Returns
        -------
        ndarray of int, shape (n,)
            Index of the stopping point.

        Raises
        ------
        ValueError
            If the shape or the number of points does not fit what ``fit`` saw.
        """
        stack = self._check_seen(probabilities)
        if len(stack) != len(self.fractions_):
            raise ValueError(
                f"probabilities has {len(stack)} points; stop_points needs all "
                f"{len(self.fractions_)}."
            )
        return self._decided(stack).argmax(axis=0)

    def least_confidence(self) -> Floats | None:
        """Give the line of this rule: the confidence below which it does not stop, point by point.

        For pictures; rules are asked by :meth:`should_stop`. A confidence above the line may not
        be enough for a rule that asks for more, such as some points in agreement.

        Returns
        -------
        ndarray of shape (P,), or None
            None where the rule has no such line, since it looks at something else.
        """
        return None

    def _decided(self, stack: Floats) -> NDArray[np.bool_]:
        safe = self._safe(stack)
        if len(stack) == len(self.fractions_):
            safe[-1] = True
        return safe

    @abstractmethod
    def _fit(self, held_out: HeldOut) -> None:
        """Set the fitted attributes."""

    @abstractmethod
    def _safe(self, probabilities: Floats) -> NDArray[np.bool_]:
        """Say at each point given whether it is safe to stop: (p + 1, n, K) -> (p + 1, n)."""

    def _check_seen(self, probabilities: ArrayLike) -> Floats:
        if not hasattr(self, "fractions_"):  # scikit-learn's own check takes its time
            check_is_fitted(self, "fractions_")
        stack = _check_probabilities(probabilities, empty=True)
        if not 1 <= len(stack) <= len(self.fractions_) or stack.shape[2] != self.n_classes_:
            raise ValueError(
                f"probabilities of shape {stack.shape} must have the shape (1 to "
                f"{len(self.fractions_)} points, n_cases, {self.n_classes_} classes)."
            )
        return stack


def _check_probabilities(probabilities: ArrayLike, *, empty: bool = False) -> Floats:
    # one precision and memory order: rules shall not round differently for a view or a float32
    stack = np.ascontiguousarray(probabilities, dtype=np.float64)
    if stack.ndim != 3 or len(stack) == 0 or stack.shape[2] == 0:
        raise ValueError(
            f"probabilities of shape {stack.shape} must have the shape "
            f"(n_points, n_cases, n_classes)."
        )
    if stack.shape[1] == 0 and not empty:
        raise ValueError(f"probabilities of shape {stack.shape} must hold at least one case.")
    if not ((stack >= 0) & (stack <= 1 + 1e-6)).all():
        raise ValueError("probabilities must lie in [0, 1]; some are outside, NaN or infinite.")
    if not (np.abs(stack.sum(axis=-1) - 1.0) <= 1e-3).all():
        raise ValueError("probabilities must sum to 1 over the classes (the last axis).")
    return stack


def _check_fractions(fractions: ArrayLike, n_points: int) -> Floats:
    shares = np.asarray(fractions, dtype=np.float64)
    if (
        shares.shape != (n_points,)
        or not (np.diff(shares) > 0).all()
        or not shares[0] > 0
        or not np.isclose(shares[-1], 1.0)
    ):
        raise ValueError(
            f"fractions={fractions!r} must be {n_points} increasing numbers in (0, 1], one for "
            f"each point of probabilities, the last one 1."
        )
    return np.minimum(shares, 1.0)


def check_objective(objective: Any, n_classes: int, fractions: ArrayLike) -> None:
    """Refuse what is no objective for so many classes and such fractions.

    Raises
    ------
    ValueError
        That names the parameter, its value and what is allowed.
    """
    if isinstance(objective, DecisionCost):
        objective.matrix(n_classes)
        objective.delay_cost(fractions)
    elif isinstance(objective, LeastDelay):
        objective.check_parameters()
        objective.for_classes(range(n_classes))
    elif not (isinstance(objective, str) and objective == "harmonic_mean"):
        raise ValueError(
            f"objective={objective!r} must be 'harmonic_mean', a DecisionCost or a LeastDelay."
        )
