"""Early classifiers side by side: harmonic mean, accuracy, earliness, costs, oracle, seconds.

``python -m benchmarks.early run --data-dir DIR`` fits contestants on the same splits and the same
classification points: every 5 % of the length, from ``--least-points`` on, or from where a
contestant can begin. ``python -m benchmarks.early triggers`` compares all stopping rules on the
same students; ``python -m benchmarks.early report`` prints the tables and draws accuracy against
earliness. Nothing is chosen by the test split.
"""

from __future__ import annotations

import argparse
from functools import partial

from benchmarks._cells import run_cells
from benchmarks._data import UCR_12
from benchmarks._options import RunOptions, add_run_options
from benchmarks.early._compute import compute, compute_triggers, contestant_cells
from benchmarks.early._report import report, report_triggers
from benchmarks.early.contestants import CONTESTANTS
from gdpd_sklearn.data import LEAST_POINTS


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.early", description=__doc__)
    parser.add_argument("action", choices=["run", "triggers", "report"])
    parser.add_argument("--sets", nargs="+", default=UCR_12)
    parser.add_argument(
        "--contestants", nargs="+", default=["default"], choices=CONTESTANTS, metavar="NAME",
        help=f"of {list(CONTESTANTS)}",
    )  # fmt: skip
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument(
        "--least-points", type=_positive, default=LEAST_POINTS, metavar="N",
        help="the first classification point has at least so many time points (%(default)s), or as "
        "many as the contestant needs",
    )  # fmt: skip
    add_run_options(parser, "results/early")
    args = parser.parse_args(arguments)
    options = RunOptions.read(parser, args)
    if args.action == "run":
        cells = contestant_cells(args.contestants, args.sets, args.seeds, args.least_points)
        run_cells(
            partial(compute, data_dir=options.data_dir), cells, options.out, **options.how
        )  # fmt: skip
    if args.action == "triggers":
        cells = [
            {"set": name, "seed": seed, "least_points": args.least_points}
            for seed in range(args.seeds)
            for name in args.sets
        ]
        folder = options.out / "triggers"
        run_cells(
            partial(compute_triggers, data_dir=options.data_dir), cells, folder, **options.how
        )  # fmt: skip
        report_triggers(folder)
    else:
        report(options.out)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number of time points, at least 1.")
    return int(text)


if __name__ == "__main__":
    main()
