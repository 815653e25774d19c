"""Stopping rules, which say when it is safe to decide.

Rules learn from held-out probabilities alone, never from series or models; numpy and
scikit-learn only.
"""

from collections.abc import Callable
from typing import Any

from gdpd_sklearn._registry import resolve
from gdpd_sklearn.metrics import Objective
from gdpd_sklearn.triggers._base import Trigger, check_objective
from gdpd_sklearn.triggers._calibration import FLOOR as PROBABILITY_FLOOR
from gdpd_sklearn.triggers._calibration import (
    apply_temperature,
    fit_temperature,
    pool_votes,
)
from gdpd_sklearn.triggers._calimera import Calimera
from gdpd_sklearn.triggers._callable import CallableTrigger
from gdpd_sklearn.triggers._ecec import Ecec
from gdpd_sklearn.triggers._economy_gamma import EconomyGamma
from gdpd_sklearn.triggers._falling_threshold import FallingThreshold
from gdpd_sklearn.triggers._fixed_point import FixedPoint
from gdpd_sklearn.triggers._margin import Margin
from gdpd_sklearn.triggers._probability_threshold import ProbabilityThreshold
from gdpd_sklearn.triggers._stopping_rule import StoppingRule
from gdpd_sklearn.triggers._teaser import Teaser
from gdpd_sklearn.triggers._tilt import fit_tilt

__all__ = [
    "PROBABILITY_FLOOR",
    "TRIGGERS",
    "Calimera",
    "CallableTrigger",
    "Ecec",
    "EconomyGamma",
    "FallingThreshold",
    "FixedPoint",
    "Margin",
    "Objective",
    "ProbabilityThreshold",
    "StoppingRule",
    "Teaser",
    "Trigger",
    "apply_temperature",
    "check_objective",
    "fit_temperature",
    "fit_tilt",
    "pool_votes",
    "resolve_trigger",
]

TRIGGERS: dict[str, Callable[[], Trigger]] = {
    "falling_threshold": FallingThreshold,
    "probability_threshold": ProbabilityThreshold,
    "margin": Margin,
    "stopping_rule": StoppingRule,
    "teaser": Teaser,
    "economy_gamma": EconomyGamma,
    "calimera": Calimera,
    "ecec": Ecec,
    "fixed_point": FixedPoint,
}


def resolve_trigger(trigger: Any) -> Trigger:
    """Give the rule that a name, an object or a function stands for.

    Parameters
    ----------
    trigger : str, Trigger or callable
        A key of ``TRIGGERS``; a rule, which is returned as it is (clone it before fitting); or a
        function for :class:`CallableTrigger`.

    Returns
    -------
    Trigger

    Raises
    ------
    ValueError
        For an unknown name; the message lists the valid ones.
    TypeError
        For anything else.

    Examples
    --------
    >>> from gdpd_sklearn.triggers import resolve_trigger
    >>> resolve_trigger("margin")
    Margin()
    """
    if callable(trigger) and not isinstance(trigger, (type, Trigger)):
        return CallableTrigger(trigger)
    return resolve(trigger, TRIGGERS, "trigger", base=Trigger)
