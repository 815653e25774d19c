"""Parts by name: one of a registry, or ``module:Class`` for one of your own."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["make_named"]


def make_named(what: str, name: str, known: Mapping[str, Callable[[], Any]]) -> Any:
    """Make the part that a name stands for.

    Parameters
    ----------
    what : str
        What the part is called in errors, such as ``"distiller"``.
    name : str
        A key of ``known``, or ``module:Class``. Python finds the module in the folder that the
        command is started in, or on ``PYTHONPATH``; the class is made without arguments.
    known : mapping of str to callable

    Raises
    ------
    ValueError
        If the name is neither, or there is no such module or class.
    """
    if name in known:
        return known[name]()
    module, colon, attribute = name.partition(":")
    if not colon:
        raise ValueError(
            f"{what}: {name!r} is unknown; known are {list(known)}, and module:Class for your own."
        )
    try:
        return getattr(importlib.import_module(module), attribute)()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"{what}: {name!r} cannot be made: {error}.") from error
