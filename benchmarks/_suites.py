"""Suites of sets by name: a command that takes sets takes suites too."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from benchmarks._data import SUITES, check_set

__all__ = ["resolve_sets"]

def resolve_sets(names: Iterable[str], data_dir: str | None) -> list[str]:
    """Give sets for the names of sets and suites, each once, in the order of the names.

    A suite stands for the sets of it that are there; the others are named on stderr, once.

    Parameters
    ----------
    names : iterable of str
    data_dir : str or None
        Folder of sets. Without one every set of an archive counts as there: aeon downloads it.

    Raises
    ------
    FileNotFoundError
        If a set that is named by itself is not there, or none of a suite is. The message says
        where it was looked for.
    """
    sets: dict[str, None] = {}
    for name in names:
        sets |= dict.fromkeys(_of_suite(name, data_dir) if name in SUITES else [name])
        if name not in SUITES:
            _check_single(name, data_dir)
    return list(sets)


def _of_suite(suite: str, data_dir: str | None) -> list[str]:
    found, missing = [], {}
    for name in SUITES[suite]:
        try:
            check_set(name, data_dir)
        except FileNotFoundError as error:
            missing[name] = str(error)
        else:
            found.append(name)
    if not found:
        raise FileNotFoundError(f"suite {suite!r}: {next(iter(missing.values()))}")
    if missing:
        print(
            f"{suite}: {len(found)} of {len(SUITES[suite])} sets are there; without "
            f"{', '.join(missing)}.",
            file=sys.stderr,
        )
    return found


def _check_single(name: str, data_dir: str | None) -> None:
    try:
        check_set(name, data_dir)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{error} Suites are {list(SUITES)}.") from None
