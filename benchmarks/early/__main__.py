"""Early classifiers side by side, by the field's protocol: costs over α, ranks, harmonic mean.

``python -m benchmarks.early run --data-dir DIR`` fits contestants on the same splits and the same
classification points: every 5 % of the length, from ``--least-points`` on, or from where a
contestant can begin. Every rule is fitted for each cost on cases of the training split.
``report`` prints tables and draws them; with ``--stored`` of the figures that the repository holds,
beside which cells of ``--out`` are rows of their own. ``store`` writes the cells' figures as CSV.
Nothing is chosen by the test split.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks._cells import run_cells
from benchmarks._options import RunOptions, add_run_options, add_sets_option, sets_of
from benchmarks.early._compute import compute, contestant_cells
from benchmarks.early._figures import STORED, in_order, load_stored, read_cells, store
from benchmarks.early._report import chosen, report
from benchmarks.early.contestants import CONTESTANTS
from gdpd_sklearn.data import LEAST_POINTS


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.early", description=__doc__)
    parser.add_argument("action", choices=["run", "report", "store"])
    add_sets_option(parser, ["ucr12"])
    parser.add_argument(
        "--contestants", nargs="+", choices=CONTESTANTS, metavar="NAME",
        help=f"of {list(CONTESTANTS)}; by default the first, in a report all".replace("%", "%%"),
    )  # fmt: skip
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--least-points", type=_positive, default=LEAST_POINTS, metavar="N",
        help="the first classification point has at least so many time points (%(default)s), or as "
        "many as the contestant needs",
    )  # fmt: skip
    parser.add_argument(
        "--stored", nargs="?", type=Path, const=STORED, metavar="CSV",
        help="report the figures of a CSV file, by default the repository's",
    )  # fmt: skip
    add_run_options(parser, "results/early")
    args = parser.parse_args(arguments)
    options = RunOptions.read(parser, args)
    if args.action == "run":
        names = args.contestants or [next(iter(CONTESTANTS))]
        sets = sets_of(parser, args.sets, options.data_dir)
        cells = contestant_cells(names, sets, args.seeds, args.least_points)
        run_cells(partial(compute, data_dir=options.data_dir), cells, options.out, **options.how)
    if args.action == "store":
        path = args.stored or STORED
        store(read_cells(options.out), path)
        print(f"written: {path}")
        return
    report(chosen(_rows(options.out, args.stored), args.contestants), options.out / "report")


def _rows(folder: Path, stored: Path | None) -> pd.DataFrame:
    """Read cells, or stored rows with the cells that there are in place of what they renew."""
    if stored is None:
        return read_cells(folder)
    rows = load_stored(stored)
    if not any(folder.glob("*.json")):
        return rows
    own = read_cells(folder)
    key = ["contestant", "set", "seed"]
    both = pd.concat([own, rows]).drop_duplicates(key, keep="first", ignore_index=True)
    return in_order(both)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number of time points, at least 1.")
    return int(text)


if __name__ == "__main__":
    main()
