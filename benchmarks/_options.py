"""Command-line arguments of every benchmark that computes cells: where, and on what."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks._data import SUITES
from benchmarks._engine import BACKENDS
from benchmarks._suites import resolve_sets

__all__ = ["RunOptions", "add_run_options", "add_sets_option", "sets_of"]


def add_sets_option(parser: Any, default: Sequence[str] | None = None) -> None:
    """Add ``--sets``, which :func:`sets_of` reads, to a parser or a group of one."""
    parser.add_argument(
        "--sets", nargs="+", default=default, metavar="SET",
        help=f"names of sets, yours too, and of suites: {', '.join(SUITES)}",
    )  # fmt: skip


def sets_of(
    parser: argparse.ArgumentParser, names: Sequence[str], data_dir: str | None
) -> list[str]:
    """Give the sets that names of sets and suites stand for; one that is not there ends it all."""
    try:
        return resolve_sets(names, data_dir)
    except FileNotFoundError as error:
        parser.error(str(error))


def add_run_options(parser: argparse.ArgumentParser, out: str) -> None:
    """Add the arguments that :class:`RunOptions` reads; ``out`` is the default of ``--out``."""
    how = parser.add_argument_group("where and how")
    how.add_argument("--data-dir", type=Path, help="folder of sets; else aeon finds them")
    how.add_argument("--out", type=Path, default=Path(out))
    how.add_argument("--n-jobs", type=int, default=2)
    how.add_argument("--retry-failed", action="store_true")
    how.add_argument(
        "--redo-other-versions", action="store_true",
        help="compute cells anew that another version or commit computed; else they count as done",
    )  # fmt: skip
    how.add_argument("--backend", choices=BACKENDS, default="loky")
    how.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster; else a local one")


@dataclass(frozen=True)
class RunOptions:
    """What the arguments said.

    Parameters
    ----------
    data_dir : str, optional
        Absolute, since workers may run elsewhere.
    out : Path
        Absolute.
    how : dict
        Keyword arguments of :func:`benchmarks._cells.run_cells`: ``n_jobs``, ``retry_failed``,
        ``redo_other_versions``, ``backend``, ``scheduler``.
    """

    data_dir: str | None
    out: Path
    how: dict[str, Any]

    @classmethod
    def read(cls, parser: argparse.ArgumentParser, args: argparse.Namespace) -> RunOptions:
        """Check parsed arguments; what is wrong ends the command with a message."""
        if args.data_dir is not None and not args.data_dir.is_dir():
            parser.error(f"--data-dir {str(args.data_dir)!r} is no folder.")
        if args.out.exists() and not args.out.is_dir():
            parser.error(f"--out {str(args.out)!r} is a file, not a folder.")
        if args.scheduler is not None and args.backend != "dask":
            parser.error("--scheduler needs --backend dask.")
        return cls(
            data_dir=None if args.data_dir is None else str(args.data_dir.resolve()),
            out=args.out.resolve(),
            how={
                "n_jobs": args.n_jobs,
                "retry_failed": args.retry_failed,
                "redo_other_versions": args.redo_other_versions,
                "backend": args.backend,
                "scheduler": args.scheduler,
            },
        )
