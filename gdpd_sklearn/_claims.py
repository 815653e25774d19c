"""Claims of a class about its own methods, which a subclass with other methods does not inherit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

__all__ = ["withdraw_claims"]


def withdraw_claims(cls: type, claims: Mapping[str, Any], harmless: Collection[str]) -> None:
    """Take back what the parents of a new class claim of methods that it replaces.

    A claim holds where the class that states it is the last to define methods. To be called from
    ``__init_subclass__``. A class that defines methods and states the claim too keeps its word.

    Parameters
    ----------
    cls : type
        The new class; a withdrawn claim becomes its own attribute.
    claims : mapping of str
        Attribute to the safe value that stands for no claim.
    harmless : collection of str
        Methods that the claims are not about. Special methods such as ``__init__`` never matter.

    Examples
    --------
    >>> class Seam:
    ...     careful = False
    ...     def __init_subclass__(cls):
    ...         withdraw_claims(cls, {"careful": False}, ("name",))
    >>> class Ours(Seam):
    ...     careful = True
    ...     def work(self): ...
    >>> class Theirs(Ours):
    ...     def work(self): ...
    >>> Ours.careful, Theirs.careful
    (True, False)
    """
    for claim, safe in claims.items():
        for each in cls.__mro__:
            if claim in vars(each):
                break
            if _defines_methods(each, harmless):
                setattr(cls, claim, safe)
                break


def _defines_methods(cls: type, harmless: Collection[str]) -> bool:
    return any(
        callable(value) or hasattr(value, "__get__")
        for name, value in vars(cls).items()
        if name not in harmless and not (name.startswith("__") and name.endswith("__"))
    )
