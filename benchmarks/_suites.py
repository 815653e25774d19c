"""Suites of sets by name: a command that takes sets takes suites too."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from benchmarks._data import SUITES, check_set

__all__ = ["found_sets", "resolve_sets"]


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
        if name in SUITES:
            sets |= dict.fromkeys(found_sets(name, SUITES[name], data_dir))
        else:
            _check_single(name, data_dir)
            sets[name] = None
    return list(sets)


def found_sets(what: str, names: Iterable[str], data_dir: str | None) -> list[str]:
    """Give the sets that are there, and name the others on stderr.

    Parameters
    ----------
    what : str
        What the names are, such as a suite's name.
    names : iterable of str
        Of sets.
    data_dir : str or None

    Raises
    ------
    FileNotFoundError
        If none is there.
    """
    found, missing = [], {}
    for name in names:
        try:
            check_set(name, data_dir)
        except FileNotFoundError as error:
            missing[name] = str(error)
        else:
            found.append(name)
    if not found:
        raise FileNotFoundError(f"{what}: {next(iter(missing.values()))}")
    if missing:
        n = len(found) + len(missing)
        left_out = ", ".join(missing)
        print(f"{what}: {len(found)} of {n} sets are there, without {left_out}.", file=sys.stderr)
    return found


def _check_single(name: str, data_dir: str | None) -> None:
    try:
        check_set(name, data_dir)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{error} Suites are {list(SUITES)}.") from None
