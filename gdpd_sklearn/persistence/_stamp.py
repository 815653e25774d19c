"""The digest of a file within the file: what was changed afterwards is found out."""

from __future__ import annotations

import hashlib
import re

__all__ = ["check_stamp", "stamped"]

_BLANK = b"0" * 64


def stamped(blank: bytes, pattern: re.Pattern[bytes], end: int | None = None) -> bytes:
    """Put the digest of a file into it.

    Parameters
    ----------
    blank : bytes
        The content, with 64 zeros where the digest is to stand.
    pattern : re.Pattern
        Whose one group is the digest. It must match once, before ``end``.
    end : int, optional
    """
    (place,) = _places(blank, pattern, end)
    return blank[: place.start] + _digest(blank, place).encode() + blank[place.stop :]


def check_stamp(
    data: bytes, pattern: re.Pattern[bytes], where: str, end: int | None = None
) -> None:
    """Refuse what :func:`stamped` did not give; ``where`` names the file in the error."""
    places = _places(data, pattern, end)
    if len(places) != 1:
        raise ValueError(f"{where} is damaged: it has {len(places)} digests in place of one.")
    if _digest(data, places[0]) != data[places[0]].decode():
        raise ValueError(f"{where} is damaged: its content is not what its digest was taken of.")


def _places(data: bytes, pattern: re.Pattern[bytes], end: int | None) -> list[slice]:
    found = pattern.finditer(data, 0, len(data) if end is None else end)
    return [slice(match.start(1), match.end(1)) for match in found]


def _digest(data: bytes, place: slice) -> str:
    """SHA-256 of all, with zeros in place of the digest."""
    digest = hashlib.sha256(memoryview(data)[: place.start])
    digest.update(_BLANK)
    digest.update(memoryview(data)[place.stop :])
    return digest.hexdigest()
