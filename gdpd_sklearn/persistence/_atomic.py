"""Files that are there whole or not at all, whatever ends the writing."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

__all__ = ["check_path", "replacing", "write_atomically"]


def check_path(path: Any, name: str = "path") -> Path:
    """Return what names a file as a Path, or raise a TypeError: ``None`` is no name of a file."""
    if not isinstance(path, str | os.PathLike) or isinstance(path, bytes):
        raise TypeError(f"{name}={path!r} must be a str or a Path.")
    return Path(path)


def write_atomically(path: str | Path, data: bytes) -> None:
    """Write a file so that no reader, no kill and no full disk ever leaves a part of it.

    The folder must exist. Until the new file is complete and on the disk, an old one of that name
    stays as it is. Of several writers the last one wins.

    Raises
    ------
    TypeError
        If ``path`` is neither a str nor a Path.
    OSError
        If the file cannot be written; the error holds the path.
    """
    with replacing() as put:
        put(path, data)


@contextmanager
def replacing() -> Iterator[Callable[[str | Path, bytes], None]]:
    """Write several files: all of them take their names at the end of the block, or none does.

    The block gets a function of path and content. What it writes lies under other names, on the
    disk for sure, until the block ends. Only a kill between two renamings leaves some files old and
    some new, each of them whole.
    """
    staged: list[tuple[Path, Path]] = []

    def put(path: str | Path, data: bytes) -> None:
        # a link stays a link, to the new content
        target = Path(os.path.realpath(check_path(path)))
        partial = target.with_name(f".{target.name}.{secrets.token_hex(8)}.partial")
        staged.append((partial, target))
        _write_through(partial, target, data)

    try:
        yield put
        for partial, target in staged:
            try:
                os.replace(partial, target)
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(target)) from error
        for folder in {target.parent for _, target in staged}:
            _flush_folder(folder)
    finally:
        for partial, _ in staged:
            with suppress(OSError):
                partial.unlink()


def _write_through(partial: Path, target: Path, data: bytes) -> None:
    try:
        # not through tempfile: its files are for their owner alone
        with open(partial, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        # a full disk does not say which file it was, and the other name means nothing to anybody
        raise OSError(error.errno, error.strerror, str(target)) from error


def _flush_folder(folder: Path) -> None:
    """Bring the new names to the disk, where the system lets folders be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
