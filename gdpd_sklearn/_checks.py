"""Checks of single parameters: the message names the parameter, its value and what is allowed."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["check_choice", "check_codes", "check_int", "check_real"]


def check_int(name: str, value: Any, minimum: int) -> int:
    """Return ``value`` as an int of at least ``minimum``, or raise a ValueError."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < minimum:
        raise ValueError(f"{name}={value!r} must be an integer of at least {minimum}.")
    return int(value)


def check_real(
    name: str,
    value: Any,
    minimum: float,
    maximum: float = float("inf"),
    *,
    open_minimum: bool = False,
    open_maximum: bool = False,
) -> float:
    """Return ``value`` as a finite float within the interval, or raise a ValueError."""
    number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    number = number and math.isfinite(value)
    low = number and (value > minimum if open_minimum else value >= minimum)
    high = number and (value < maximum if open_maximum else value <= maximum)
    if not (low and high):
        left = "(" if open_minimum else "["
        right = ")" if open_maximum or maximum == float("inf") else "]"
        raise ValueError(
            f"{name}={value!r} must be a number in {left}{minimum:g}, {maximum:g}{right}."
        )
    return float(value)


def check_choice(name: str, value: Any, choices: tuple[Any, ...]) -> Any:
    """Return ``value`` if it is one of ``choices``, or raise a ValueError that lists them."""
    if not any(value is choice or value == choice for choice in choices):
        raise ValueError(f"{name}={value!r} must be one of {list(choices)}.")
    return value


def check_codes(y: ArrayLike, n_cases: int, n_classes: int) -> NDArray[np.intp]:
    """Return class codes 0..n_classes-1 of so many cases as an array, or raise a ValueError."""
    codes = np.asarray(y)
    whole = codes.shape == (n_cases,) and np.issubdtype(codes.dtype, np.integer)
    if not whole or (n_cases and not 0 <= codes.min() <= codes.max() < n_classes):
        raise ValueError(
            f"y={y!r} must hold one class code in 0..{n_classes - 1} for each of the {n_cases} "
            f"cases of probabilities."
        )
    return codes.astype(np.intp)
