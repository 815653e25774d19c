"""Checks of single parameters: the message names the parameter, its value and what is allowed."""

from __future__ import annotations

import inspect
import numbers
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "check_choice",
    "check_codes",
    "check_int",
    "check_real",
    "check_switch",
    "check_takes",
    "check_weights",
]

# Beyond these single precision does not compute.
LARGEST = 1e30
_SMALLEST = 1e-30


def check_int(name: str, value: Any, minimum: int, maximum: int | None = None) -> int:
    """Return ``value`` as an int within ``minimum … maximum``, or raise a ValueError."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or value < minimum or (maximum is not None and value > maximum):
        allowed = f"of at least {minimum}" if maximum is None else f"in [{minimum}, {maximum}]"
        raise ValueError(f"{name}={value!r} must be an integer {allowed}.")
    return int(value)


def check_switch(name: str, value: Any) -> bool:
    """Return ``value`` if it is True or False, numpy's too, or raise a ValueError."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name}={value!r} must be True or False.")
    return bool(value)


def check_real(
    name: str,
    value: Any,
    minimum: float,
    maximum: float = LARGEST,
    *,
    open_minimum: bool = False,
    open_maximum: bool = False,
) -> float:
    """Return ``value`` as a float within the interval, or raise a ValueError.

    A positive number is at least 1e-30, and a large one at most 1e30 where nothing else is said:
    single precision computes with these.
    """
    number = isinstance(value, int | float | np.integer | np.floating)
    number = number and not isinstance(value, bool)
    smallest = _SMALLEST if open_minimum and minimum == 0 else minimum
    low = number and (value > minimum if open_minimum else value >= minimum) and value >= smallest
    high = number and (value < maximum if open_maximum else value <= maximum)
    if not (low and high):
        left = "(" if open_minimum else "["
        right = ")" if open_maximum or maximum == float("inf") else "]"
        raise ValueError(
            f"{name}={value!r} must be a number in {left}{minimum:g}, {maximum:g}{right}."
        )
    return float(value)


def check_choice(name: str, value: Any, choices: tuple[Any, ...]) -> Any:
    """Return the one of ``choices`` that ``value`` is, or raise a ValueError that lists them."""
    # arrays compare element by element, and True is equal to 1
    plain = value.item() if isinstance(value, np.generic) else value
    for choice in choices:
        if plain is choice or (isinstance(plain, type(choice)) and plain == choice):
            return choice
    raise ValueError(f"{name}={value!r} must be one of {list(choices)}.")


def check_takes(name: str, function: Any, arguments: tuple[str, ...]) -> None:
    """Refuse a function that cannot be called with so many arguments, before it is needed."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of what is written in C, nothing is known
        return
    try:
        signature.bind(*arguments)
    except TypeError as error:
        raise ValueError(
            f"{name}={function!r} must take the arguments ({', '.join(arguments)}): {error}."
        ) from error


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


def check_weights(sample_weight: ArrayLike | None, n_cases: int) -> NDArray[np.float64] | None:
    """Return weights of cases as an array (n_cases,) that sums to more than 0, or None."""
    if sample_weight is None:
        return None
    try:
        weights = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"sample_weight={sample_weight!r} must hold numbers.") from error
    fits = weights.shape == (n_cases,) and np.isfinite(weights).all() and (weights >= 0).all()
    if not fits or weights.sum() <= 0:
        raise ValueError(
            f"sample_weight={sample_weight!r} must hold a finite number of at least 0 for each of "
            f"the {n_cases} cases, not all of them 0."
        )
    return weights
