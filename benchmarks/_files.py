"""Files that are there whole or not at all."""

from __future__ import annotations

import uuid
from pathlib import Path

__all__ = ["write_atomically"]


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that no reader, and no kill, ever sees a part of it.

    The folder must exist: a worker on a machine that does not share it fails, instead of writing
    where nobody looks. Of several writers the last one wins.
    """
    partial = path.with_suffix(f".{uuid.uuid4().hex}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
