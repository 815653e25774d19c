"""Parts of an estimator in files: hyperparameters, what was learned, and a name for the class.

A class of this package is called by the room that shows it, ``gdpd_sklearn.networks.FCN``; any
other by its module, ``mine.FCN``. So no class of a user's is ever taken for one of ours.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sklearn.base import BaseEstimator

from gdpd_sklearn.persistence._plain import Kind, Members

__all__ = ["UnknownPart", "name_of", "own_parts", "part_kind"]

_PACKAGE = __name__.partition(".")[0]


class UnknownPart(ValueError):
    """A file names a class that its reader was not told of."""


def name_of(cls: type) -> str:
    """Give the name of a class in files."""
    package, _, rest = cls.__module__.partition(".")
    if package == _PACKAGE:
        return f"{package}.{rest.partition('.')[0]}.{cls.__qualname__}"
    return f"{cls.__module__}.{cls.__qualname__}"


def own_parts(candidates: Iterable[Any]) -> dict[str, type]:
    """Pick the classes of parts that are this package's, by their names in files."""
    return {
        name_of(each): each
        for each in candidates
        if isinstance(each, type)
        and issubclass(each, BaseEstimator)
        and each.__module__.partition(".")[0] == _PACKAGE
    }


def part_kind(own: Mapping[str, type], strangers: Sequence[type] = ()) -> Kind:
    """Make the kind of parts, whose classes are found by name among those given here alone.

    Parameters
    ----------
    own : mapping of str to class
        See :func:`own_parts`.
    strangers : sequence of class
        Further classes, a user's.

    Raises
    ------
    TypeError
        If ``strangers`` holds anything but classes of parts.
    ValueError
        If two of them share their name.
    """
    known = dict(own)
    for cls in strangers:
        if not (isinstance(cls, type) and issubclass(cls, BaseEstimator)):
            raise TypeError(f"parts={strangers!r} must be classes of parts; {cls!r} is none.")
        if known.setdefault(name_of(cls), cls) is not cls:
            raise ValueError(f"parts={strangers!r} has two classes of the name {name_of(cls)!r}.")

    def apart(part: BaseEstimator) -> dict[str, Any]:
        each = [
            p
            for p in inspect.signature(type(part)).parameters.values()
            if p.kind is p.VAR_POSITIONAL
        ]
        arguments = [item for p in each for item in getattr(part, p.name)]
        parameters = {} if each else part.get_params(deep=False)
        given = {*parameters, *(p.name for p in each)}
        learned = {key: value for key, value in vars(part).items() if key not in given}
        return {
            "class": name_of(type(part)), "arguments": arguments, "parameters": Members(parameters),
            "learned": Members(learned),
        }  # fmt: skip

    def together(members: dict[str, Any]) -> BaseEstimator:
        name = members["class"]
        if name not in known:
            own_name = str(name).startswith(f"{_PACKAGE}.")
            hint = "" if own_name else ", or hand in its class as parts=(…,)"
            raise UnknownPart(f"holds the part {name!r}; known are {sorted(known)}{hint}")
        part: BaseEstimator = known[name](*members["arguments"], **members["parameters"])
        for key, value in members["learned"].items():
            _check_learned(part, key)
            setattr(part, key, value)
        return part

    return Kind(lambda value: isinstance(value, BaseEstimator), apart, together)


def _check_learned(part: BaseEstimator, key: str) -> None:
    """Refuse to learn what is a method or a parameter."""
    own = getattr(type(part), key, None)
    if not key.isidentifier() or key.startswith("__") or callable(own) or hasattr(own, "__get__"):
        raise ValueError(f"{type(part).__name__} cannot have learned {key!r}")
    if key in part.get_params(deep=False):
        raise ValueError(f"{key!r} is a parameter of {type(part).__name__}")
