"""Files of arrays and JSON with a seal: what was changed is refused, whatever the change.

A file is a safetensors file, which can be read outside Python. Its metadata hold

============  ==================================================================
gdpd_sklearn  what the file is, such as ``"PrefixModel"``
format        number of the format, counted from 1
version       version of the package that wrote it
about         JSON: all that is no array
digest        SHA-256 of the whole file with these 64 digits replaced by zeros
============  ==================================================================

The digest tells damage from what was written. It does not tell who wrote it: a stranger can seal
too, so that readers check sizes before they build anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from gdpd_sklearn._version import __version__
from gdpd_sklearn.persistence._atomic import check_path, write_atomically
from gdpd_sklearn.persistence._parts import UnknownPart
from gdpd_sklearn.persistence._stamp import check_stamp, stamped

__all__ = [
    "FORMAT",
    "Content",
    "check_format",
    "naming",
    "read_sealed",
    "seal",
    "unseal",
    "write_sealed",
]

FORMAT = 1

_LONGEST_HEADER = 2**26
# quotes within a value are escaped, so that this stands once, in the metadata themselves
_DIGEST = re.compile(rb'"digest":"([0-9a-f]{64})"')


class Content(NamedTuple):
    """What a sealed file holds.

    Attributes
    ----------
    about : dict
        All that is no array; values of JSON.
    arrays : dict of str to ndarray
    """

    about: dict[str, Any]
    arrays: dict[str, NDArray[Any]]


def write_sealed(
    path: str | Path, kind: str, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> None:
    """Write a sealed file, atomically.

    Parameters
    ----------
    path : str or Path
    kind : str
        What the file is.
    about : mapping
        Values of JSON, without NaN and infinity.
    arrays : mapping of str to ndarray
        Of booleans, integers or floats of at most 64 bits.
    """
    write_atomically(check_path(path), seal(kind, about, arrays))


def seal(kind: str, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Give the content of a sealed file; see :func:`write_sealed`."""
    metadata = {
        "gdpd_sklearn": kind,
        "format": str(FORMAT),
        "version": __version__,
        "about": json.dumps(about, allow_nan=False),
        "digest": "0" * 64,
    }
    blank = save({name: _as_stored(array) for name, array in arrays.items()}, metadata)
    return stamped(blank, _DIGEST, end=8 + len(_header(blank)))


def read_sealed(path: str | Path, kind: str) -> Content:
    """Read a sealed file.

    Parameters
    ----------
    path : str or Path
    kind : str
        What the file has to be.

    Raises
    ------
    ValueError
        That names the path: if the file is not one of ours, damaged, of another kind, or of a
        newer format.
    OSError
        If it cannot be read.
    """
    path = check_path(path)
    where = f"path={str(path)!r}"
    if path.exists() and not path.is_file():
        raise ValueError(f"{where} is no file.")
    return unseal(path.read_bytes(), kind, where)


def unseal(data: bytes, kind: str, where: str) -> Content:
    """Open the content of a sealed file; ``where`` names it in errors. See :func:`read_sealed`."""
    metadata = _metadata(data, where)
    found = metadata.get("format")
    if not isinstance(metadata.get("gdpd_sklearn"), str) or not _is_number(found):
        raise ValueError(f"{where} is not a file written by gdpd_sklearn.")
    check_format(int(str(found)), where)
    check_stamp(data, _DIGEST, where, end=8 + len(_header(data)))
    if metadata["gdpd_sklearn"] != kind:
        raise ValueError(
            f"{where} holds a {metadata['gdpd_sklearn']}, not a {kind}; open it by "
            f"{metadata['gdpd_sklearn']}.load."
        )
    try:
        return Content(_json(metadata["about"]), load(data))
    except (SafetensorError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{where} is damaged: {error}.") from error


@contextmanager
def naming(path: str | Path) -> Iterator[None]:
    """Turn whatever the values of a file lead to into a ValueError that names it."""
    where = f"path={str(path)!r}"
    try:
        yield
    except UnknownPart as error:
        raise ValueError(f"{where} {error}.") from error
    except Exception as error:  # a stranger's values, a user's own part
        raise ValueError(f"{where} is damaged: {error}.") from error


def check_format(found: int, where: str) -> None:
    """Refuse what a newer version of this package wrote."""
    if found > FORMAT:
        raise ValueError(
            f"{where} has format {found}; this version of gdpd_sklearn reads up to {FORMAT}. "
            f"Use a newer version."
        )


def _metadata(data: bytes, where: str) -> dict[str, Any]:
    try:
        metadata = _json(_header(data)).get("__metadata__", {})
        if not isinstance(metadata, dict):
            raise ValueError("its metadata are no object")
    except (ValueError, AttributeError, RecursionError) as error:
        raise ValueError(f"{where} is no safetensors file, or is damaged: {error}.") from error
    return metadata


def _header(data: bytes) -> bytes:
    n_bytes = int.from_bytes(data[:8], "little")
    if len(data) < 8 or n_bytes > min(len(data) - 8, _LONGEST_HEADER):
        raise ValueError("it has no complete header")
    return data[8 : 8 + n_bytes]


def _json(text: str | bytes) -> Any:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no number of JSON")

    return json.loads(text, parse_constant=refuse)


def _is_number(text: object) -> bool:
    # short: what is long is no number of ours, and slow to read
    return isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) < 10


def _as_stored(array: NDArray[Any]) -> NDArray[Any]:
    # safetensors writes the bytes as they lie
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(array.shape)
