"""Names of swappable parts: a name or an object in, an object out.

The dicts ``ARCHITECTURES``, ``DISTILLERS`` and ``TRIGGERS`` are literals in the face of their
room; nothing registers itself by being imported.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")

__all__ = ["resolve", "with_plain_numbers"]

_LARGEST_COUNT = 2**31


def resolve(
    value: Any, registry: Mapping[str, Callable[[], T]], kind: str, base: type | None = None
) -> T:
    """Give the part that a name or an object stands for.

    Parameters
    ----------
    value : str or object
        A key of ``registry``, or the part itself, which is returned as it is.
    registry : mapping of str to callable
        Name to a class (or another callable without arguments) that makes the part.
    kind : str
        What the part is called in the error, such as ``"distiller"``.
    base : type, optional
        What an object must be an instance of.

    Returns
    -------
    object
        The part.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the valid ones.
    TypeError
        For an object that is no ``base``.
    """
    if isinstance(value, str):
        if value in registry:
            return registry[value]()
        close = difflib.get_close_matches(value, registry, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise ValueError(
            f"{kind}={value!r} is unknown{hint}; valid names are {sorted(registry)}, "
            f"or pass an object."
        )
    if isinstance(value, type) or (base is not None and not isinstance(value, base)):
        expected = base.__name__ if base is not None else kind
        raise TypeError(
            f"{kind}={value!r} must be one of the names {sorted(registry)} "
            f"or an instance of {expected}."
        )
    return value


def with_plain_numbers(part: T) -> T:
    """Turn the numbers of a part, which were checked, into Python's own, in place.

    numpy's small integers overflow in products, and Python's large ones fit into no tensor: they
    become floats where the default is one. Small ones stay integers, since ``warmup=3`` and
    ``warmup=3.0`` are not the same. Parts of the part are treated alike.
    """
    defaults = inspect.signature(type(part)).parameters
    for name, value in part.get_params(deep=False).items():  # type: ignore[attr-defined]
        if hasattr(value, "get_params") and not isinstance(value, type):
            with_plain_numbers(value)
        elif isinstance(value, np.number):
            setattr(part, name, value.item())
        elif isinstance(value, int) and abs(value) > _LARGEST_COUNT:
            is_real = name in defaults and isinstance(defaults[name].default, float)
            setattr(part, name, float(value) if is_real else value)
    return part
