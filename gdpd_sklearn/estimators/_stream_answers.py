"""What a stream answers: decisions, what came too late, and what went wrong."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Decision", "FallenDecisions", "Late", "OpenSeries", "PushError", "check_key"]


class Decision(NamedTuple):
    """A decision on one series.

    Attributes
    ----------
    label : object
    probabilities : ndarray of shape (K,)
    stop_time : int
        Time points seen at the decision.
    """

    label: Any
    probabilities: NDArray[np.float64]
    stop_time: int


class Late:
    """Answer to points of a series that was decided before: they are not looked at.

    It is false, so that ``if stream.push(key, points):`` is about new decisions.

    Attributes
    ----------
    decision : Decision
        The one that had fallen.
    """

    def __init__(self, decision: Decision) -> None:
        self.decision = decision

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"Late({self.decision!r})"


class FallenDecisions(dict[Hashable, Decision]):
    """Key to the decisions that fell with a push.

    Attributes
    ----------
    late : tuple of keys
        Series that were decided before; their points were not looked at.
    """

    late: tuple[Hashable, ...] = ()


class OpenSeries(NamedTuple):
    """A series that waits for its decision.

    Attributes
    ----------
    n_timepoints : int
        Time points so far.
    last_push : float
        When points came last, in seconds since the epoch.
    """

    n_timepoints: int
    last_push: float


class PushError(ValueError):
    """Some series of a push were refused, each for a reason of its own; the others went on.

    Attributes
    ----------
    errors : dict
        Key to the exception. These series are as they were before the push.
    fallen : FallenDecisions
        Decisions that fell on the other series.
    """

    def __init__(self, errors: Mapping[Hashable, Exception], fallen: FallenDecisions) -> None:
        # both are arguments, so that the error can be pickled
        super().__init__(errors, fallen)
        self.errors = dict(errors)
        self.fallen = fallen

    def __str__(self) -> str:
        reasons = "; ".join(f"{key!r}: {error}" for key, error in self.errors.items())
        return f"points of {len(self.errors)} series were refused, the others went on: {reasons}"


def check_key(key: Any) -> None:
    """Refuse what a dict would not find again, such as NaN.

    Raises
    ------
    TypeError
        If it is not hashable.
    ValueError
        If it is not equal to itself, or holds such a thing.
    """
    try:
        hash(key)
    except TypeError as error:
        raise TypeError(f"key={key!r} must be hashable, such as a str or an int.") from error
    if not _is_itself(key):
        raise ValueError(f"key={key!r} is not equal to itself, so that it is never found again.")


def _is_itself(key: Any) -> bool:
    if isinstance(key, tuple | frozenset):
        return all(_is_itself(each) for each in key)
    return bool(key == key)
