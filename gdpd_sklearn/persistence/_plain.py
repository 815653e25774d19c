"""Values of Python as JSON and arrays, and back, without code on either way.

Numbers, text, None and lists stand for themselves. All else is an object of one member that says
what it is: ``{"tuple": […]}``, ``{"dict": [[key, value], …]}``, ``{"array": name}``, and so on.
What a room adds to these is a :class:`Kind`.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Kind", "Members", "Unwritable", "pack", "unpack"]

_NUMBERS = "biuf"
_DATES = "mM"


class Members(dict[str, Any]):
    """Named values within a value, that are called as if they stood in it."""


class Unwritable(TypeError):
    """A value that cannot be written without code."""


@dataclass(frozen=True)
class Kind:
    """Objects that a room knows to take apart and to put together.

    Attributes
    ----------
    holds : callable
        Whether an object is of this kind.
    apart : callable
        Object to a dict of values, which are packed in turn.
    together : callable
        Such a dict to the object. It may raise anything that bad values lead to.
    """

    holds: Callable[[Any], bool]
    apart: Callable[[Any], dict[str, Any]]
    together: Callable[[dict[str, Any]], Any]


def pack(
    values: Mapping[str, Any], kinds: Mapping[str, Kind]
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Turn named values into JSON and arrays.

    Parameters
    ----------
    values : mapping of str
    kinds : mapping of str to Kind

    Returns
    -------
    trees : dict of str
        Each value as values of JSON.
    arrays : dict of str to ndarray
        What the trees refer to, by the place where it stands, such as ``"trigger_.centres_"``.

    Raises
    ------
    Unwritable
        That names the part: if it is code, or nothing that is known here.
    """
    arrays: dict[str, NDArray[Any]] = {}
    try:
        return _Packer(kinds, arrays).members(values, ""), arrays
    except RecursionError as error:
        raise Unwritable(
            f"{sorted(values)} hold themselves, or too much within each other, for a file."
        ) from error


def unpack(
    trees: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], kinds: Mapping[str, Kind]
) -> dict[str, Any]:
    """Turn JSON and arrays into the named values again.

    Raises
    ------
    Exception
        Whatever bad values lead to: who opens a file says which it is.
    """
    return _Unpacker(kinds, arrays).members(trees)


@dataclass(frozen=True)
class _Packer:
    kinds: Mapping[str, Kind]
    arrays: dict[str, NDArray[Any]]

    def pack(self, value: Any, name: str) -> Any:
        """Pack one value, which is called so in errors."""
        if isinstance(value, np.generic) and value.dtype.kind in _NUMBERS + "U":
            value = value.item()
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"float": str(value)}
        for kind, each in self.kinds.items():
            if each.holds(value):
                return {kind: self.members(each.apart(value), name)}
        if isinstance(value, list):
            return self._items(value, name)
        if type(value) is tuple:
            return {"tuple": self._items(value, name)}
        if isinstance(value, range):
            return {"range": [value.start, value.stop, value.step]}
        if isinstance(value, Mapping):
            return {"dict": self._pairs(value, name)}
        if isinstance(value, np.ndarray):
            return self._array(value, name)
        # a moment is a date too
        if type(value) is datetime.datetime:
            return {"datetime": value.isoformat()}
        if type(value) is datetime.date:
            return {"date": value.isoformat()}
        raise Unwritable(
            f"{name}={_short(value)} is Python code, or a type that a file without code cannot "
            f"store; use joblib.dump."
        )

    def _items(self, values: list[Any] | tuple[Any, ...], name: str) -> list[Any]:
        return [self.pack(value, f"{name}[{i}]") for i, value in enumerate(values)]

    def _pairs(self, values: Mapping[Any, Any], name: str) -> list[Any]:
        return [
            [self.pack(key, f"key {key!r} of {name}"), self.pack(value, f"{name}[{key!r}]")]
            for key, value in values.items()
        ]

    def members(self, values: Mapping[str, Any], name: str) -> dict[str, Any]:
        """Pack what stands in a value of that name."""
        inner = f"{name}." if name else ""
        return {
            key: {"members": self.members(value, name)}
            if isinstance(value, Members)
            else self.pack(value, inner + key)
            for key, value in values.items()
        }

    def _array(self, array: NDArray[Any], name: str) -> dict[str, Any]:
        kind, shape = array.dtype.kind, list(array.shape)
        if kind in _NUMBERS and array.dtype.itemsize <= 8:
            self.arrays[name] = np.asarray(array)
            return {"array": name}
        if kind in _DATES:
            self.arrays[name] = np.asarray(array).view(np.int64)
            return {"dates": [name, array.dtype.str]}
        if kind in "US":
            text = np.char.decode(array, "latin-1") if kind == "S" else array
            return {"text": [array.dtype.newbyteorder("=").str, shape, text.ravel().tolist()]}
        if kind == "O":
            return {"objects": [shape, self._items(array.ravel().tolist(), name)]}
        raise Unwritable(
            f"{name} is an array of {array.dtype}, which a file cannot store; use joblib.dump."
        )


@dataclass(frozen=True)
class _Unpacker:
    kinds: Mapping[str, Kind]
    arrays: Mapping[str, NDArray[Any]]

    def members(self, trees: Mapping[str, Any]) -> dict[str, Any]:
        """Unpack named values."""
        return {str(key): self.unpack(tree) for key, tree in trees.items()}

    def unpack(self, tree: Any) -> Any:
        """Unpack one value."""
        if isinstance(tree, list):
            return [self.unpack(item) for item in tree]
        if not isinstance(tree, dict):
            return tree
        ((what, content),) = tree.items()
        if what in self.kinds:
            return self.kinds[what].together(self.members(content))
        match what:
            case "members":
                return self.members(content)
            case "float":
                return float(content)
            case "tuple":
                return tuple(self.unpack(list(content)))
            case "dict":
                return {self.unpack(key): self.unpack(value) for key, value in content}
            case "range":
                return range(*content)
            case "array":
                return self.arrays[content]
            case "dates":
                name, dtype = content
                return self.arrays[name].view(_dtype(dtype, _DATES))
            case "text":
                dtype, shape, text = content
                return _text(_dtype(dtype, "US"), text).reshape(shape)
            case "objects":
                shape, items = content
                return _objects(self.unpack(list(items))).reshape(shape)
            case "datetime":
                return datetime.datetime.fromisoformat(content)
            case "date":
                return datetime.date.fromisoformat(content)
        raise ValueError(f"it holds {what!r}, which this version does not know")


def _dtype(text: str, kinds: str) -> np.dtype[Any]:
    dtype = np.dtype(text)
    if dtype.kind not in kinds:
        raise ValueError(f"{text!r} is no type of such an array")
    return dtype


def _text(dtype: np.dtype[Any], text: list[str]) -> NDArray[Any]:
    width = dtype.itemsize // (4 if dtype.kind == "U" else 1)
    if not all(type(each) is str and len(each) <= width for each in text):
        raise ValueError(f"its text is longer than {width} characters")
    if width > max(map(len, text), default=0) + 2**10:
        raise ValueError(f"its text is not as long as {width} characters")
    return np.array([each.encode("latin-1") for each in text] if dtype.kind == "S" else text, dtype)


def _objects(items: list[Any]) -> NDArray[np.object_]:
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:  # whatever a user's object raises when it is printed
        text = type(value).__name__
    return text if len(text) <= 200 else text[:197] + "..."
