"""The costs that the field compares by: two settings, over the weight α of an error.

Setting (i) of the survey of Renault et al. (TMLR 2025), ``linear``: an error costs 1, the share
``f`` of the series that was seen costs ``f``. Setting (ii), ``rare``: an error on the rarest class
costs 100, another one 1, and time costs ``100 ** f``. A decision costs α · error + (1 − α) · time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.metrics import DecisionCost

__all__ = ["ALPHAS", "SETTINGS", "decision_cost"]

ALPHAS = tuple(tenth / 10 for tenth in range(11))
"""Weights of an error."""

_DEAR = 100.0


def _each_error_costs_one(y: NDArray[Any]) -> NDArray[np.float64]:
    n_classes = len(np.unique(y))
    return 1.0 - np.eye(n_classes)


def _errors_on_the_rarest_are_dear(y: NDArray[Any]) -> NDArray[np.float64]:
    """Of several rarest classes, the first one."""
    errors = _each_error_costs_one(y)
    errors[np.unique(y, return_counts=True)[1].argmin()] *= _DEAR
    return errors


def _exponential(shares: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    return weight * _DEAR**shares


Errors = Callable[[NDArray[Any]], NDArray[np.float64]]
Delay = Callable[..., NDArray[np.float64]]

SETTINGS: Mapping[str, tuple[Errors, Delay | None]] = {
    # a constant price of time is said as a number: not every contestant serves a function
    "linear": (_each_error_costs_one, None),
    "rare": (_errors_on_the_rarest_are_dear, _exponential),
}
"""Name to the cost of errors, given training labels, and to that of time, if it is not linear."""


def decision_cost(setting: str, alpha: float, y: NDArray[Any]) -> DecisionCost:
    """Give the cost of a setting at α, for the labels of a training split.

    Parameters
    ----------
    setting : {"linear", "rare"}
    alpha : float
        In [0, 1].
    y : ndarray of shape (N,)
        Labels of the training split; rows and columns of the matrix are these, sorted.
    """
    errors, delay = SETTINGS[setting]
    waiting = 1.0 - alpha
    return DecisionCost(
        misclassification=alpha * errors(y),
        delay=waiting if delay is None else partial(delay, weight=waiting),
    )
