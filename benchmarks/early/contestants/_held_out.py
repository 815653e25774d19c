"""Contestants of classifiers at each point, and a rule that learns from held-out answers.

A subclass says how probabilities of training cases come about that no classifier has trained on,
and what the classifiers answer at each point. The rest, rules and costs, is the same for all.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import StratifiedKFold

from benchmarks.early.contestants._rules import RULES
from gdpd_sklearn.metrics import Objective
from gdpd_sklearn.triggers import TRIGGERS

__all__ = ["CrossFitted", "EachRule", "HeldOutAnswers", "LearnsFromHeldOut"]


class HeldOutAnswers(NamedTuple):
    """What rules learn from.

    Parameters
    ----------
    probabilities : ndarray of shape (P, N, K)
        Of training cases that the classifiers did not learn from.
    codes : ndarray of int, shape (N,)
        Their classes.
    """

    probabilities: NDArray[np.float64]
    codes: NDArray[np.intp]


class LearnsFromHeldOut(BaseEstimator, ABC):
    """Base class: classifiers at each point, and a rule that learns from held-out answers.

    Attributes
    ----------
    trigger : str
        Of the class: name of its rule in ``TRIGGERS``.
    labels_ : ndarray of shape (K,)
        Sorted labels.
    points_ : ndarray of int, shape (P,)
        Time points of each classification point.
    held_out_ : HeldOutAnswers
    rule_ : gdpd_sklearn.triggers.Trigger
        The rule that decides, fitted.
    """

    trigger = "falling_threshold"

    @property
    def classes_(self) -> NDArray[Any]:
        """Sorted labels."""
        return self.labels_

    def fit(
        self,
        X: NDArray[np.floating],
        y: NDArray[Any],
        classification_points: tuple[int, ...],
        random_state: int,
    ) -> Self:
        """Fit the classifiers, keep the held-out answers, and learn the rule."""
        self.labels_, codes = np.unique(y, return_inverse=True)
        self.points_ = np.array(classification_points)
        self.held_out_ = self._learn(X, codes, random_state)
        self.rule_ = TRIGGERS[self.trigger]()
        return self.fit_rule("harmonic_mean")

    def probabilities(self, X: NDArray[np.floating]) -> NDArray[np.float64]:
        """Give the probabilities (P, n, K) of complete series at each point."""
        return np.stack([self._answer(p, X[..., :m]) for p, m in enumerate(self.points_)])

    def fit_rule(self, objective: Objective) -> Self:
        """Learn the rule from the held-out answers."""
        self.rule_ = clone(self.rule_).fit(
            *self.held_out_, self.points_ / self.points_[-1], objective
        )
        return self

    def decide_on(
        self, probabilities: NDArray[np.float64]
    ) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
        """Give the likeliest class, whatever errors cost, where the rule decides."""
        stops = self.rule_.stop_points(probabilities)
        return probabilities[stops, np.arange(len(stops))].argmax(axis=-1), stops

    def decide(self, X: NDArray[np.floating]) -> tuple[NDArray[Any], NDArray[np.integer]]:
        """Give labels and stop times of complete series."""
        codes, stops = self.decide_on(self.probabilities(X))
        return self.labels_[codes], self.points_[stops]

    @abstractmethod
    def _learn(
        self, X: NDArray[np.floating], codes: NDArray[np.intp], random_state: int
    ) -> HeldOutAnswers:
        """Fit a classifier at each of ``points_``, on codes that have no gaps."""

    @abstractmethod
    def _answer(self, point: int, prefix: NDArray[np.floating]) -> NDArray[np.float64]:
        """Give the probabilities (n, K) of the classifier of a point."""


class EachRule(LearnsFromHeldOut):
    """The same, with every rule on the one fit."""

    rules = RULES

    def use_rule(self, name: str) -> Self:
        """Take another rule, which is learned with the next ``fit_rule``."""
        self.rule_ = TRIGGERS[name]()
        return self


class CrossFitted(LearnsFromHeldOut):
    """Base class: held-out answers by folds, and one classifier a point of all cases.

    Folds hold out a part of each class. A class with fewer cases than folds is missing from some
    training parts or held-out ones; a classifier that never saw it gives it no probability. A class
    of one case is so never predicted rightly where it is held out.

    Attributes
    ----------
    n_folds : int
        A parameter of every subclass.
    models_ : list
        The classifier of each point.
    """

    n_folds: int

    def _learn(
        self, X: NDArray[np.floating], codes: NDArray[np.intp], random_state: int
    ) -> HeldOutAnswers:
        held_out = np.zeros((len(self.points_), len(codes), len(self.labels_)))
        for rest, fold in _folds(codes, self.n_folds, random_state):
            seen, own = np.unique(codes[rest], return_inverse=True)
            for point, m in enumerate(self.points_):
                model = self._fit_one(X[rest][..., :m], own, random_state)
                answers = self._answer_of(model, X[fold][..., :m])
                held_out[point, fold[:, None], seen] = answers
        self.models_ = [self._fit_one(X[..., :m], codes, random_state) for m in self.points_]
        return HeldOutAnswers(held_out, codes)

    def _answer(self, point: int, prefix: NDArray[np.floating]) -> NDArray[np.float64]:
        return self._answer_of(self.models_[point], prefix)

    @abstractmethod
    def _fit_one(
        self, prefix: NDArray[np.floating], codes: NDArray[np.intp], random_state: int
    ) -> Any:
        """Fit a classifier of one prefix, on codes that have no gaps."""

    @abstractmethod
    def _answer_of(self, model: Any, prefix: NDArray[np.floating]) -> NDArray[np.float64]:
        """Give the probabilities of the classes that a classifier was fitted on."""


def _folds(
    codes: NDArray[np.intp], n_folds: int, random_state: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Give (rest, fold) with at least two classes in each rest."""
    n = min(n_folds, int(np.bincount(codes).max()))
    splitter = StratifiedKFold(max(2, n), shuffle=True, random_state=random_state)
    with warnings.catch_warnings():
        # that a class is smaller than the number of folds is said above
        warnings.filterwarnings("ignore", message="The least populated class")
        yield from splitter.split(codes, codes)
