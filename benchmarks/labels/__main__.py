"""Few labels, many complete series: labels alone, self-training, and teachers that fill the gap.

``python -m benchmarks.labels run --data-dir DIR`` hides all but a few labels of each training
split, fits classifiers of prefixes and early classifiers in several ways, and scores them on the
test split; ``report`` prints means, gains with 95 % intervals over sets, and draws learning curves.
The labels that are hidden are read for the bound, "true labels", alone. Nothing is chosen by the
test split.
"""

from __future__ import annotations

import argparse
from functools import partial

from benchmarks._cells import run_cells
from benchmarks._options import RunOptions, add_run_options, add_sets_option, sets_of
from benchmarks.labels._compute import SHARES, compute
from benchmarks.labels._report import report
from benchmarks.labels._ways import WAYS

CONFIRMATION = (
    "ucr12", "Epilepsy", "ERing", "Libras", "NATOPS", "RacketSports", "ArticularyWordRecognition",
)  # fmt: skip
"""Named before they were run: none of them chose anything. A class has more than ten cases in most
of them; where it has fewer than the labels asked for, all are known."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.labels", description=__doc__)
    parser.add_argument("action", choices=["run", "report"])
    add_sets_option(parser, CONFIRMATION)
    parser.add_argument(
        "--ways", nargs="+", choices=WAYS, metavar="NAME", help=f"of {list(WAYS)}",
        default=["labels alone", "self-training", "default", "true labels"],
    )  # fmt: skip
    parser.add_argument("--students", nargs="+", default=["rocket"])
    parser.add_argument("--tasks", nargs="+", choices=["partial", "early"],
                        default=["partial", "early"])  # fmt: skip
    parser.add_argument(
        "--per-class", nargs="+", type=_number, default=[3, 5], metavar="N",
        help="labels that stay in each class; 'all' keeps them all",
    )  # fmt: skip
    parser.add_argument("--shares", nargs="+", type=float, default=SHARES)
    parser.add_argument("--draws", type=int, default=5)
    add_run_options(parser, "results/labels")
    args = parser.parse_args(arguments)
    options = RunOptions.read(parser, args)
    if args.action == "run":
        sets = sets_of(parser, args.sets, options.data_dir)
        cells = [
            {
                "set": name, "way": way, "student": student, "task": task, "per_class": per_class,
                "draw": draw, "shares": list(args.shares) if task == "partial" else [],
            }
            for draw in range(args.draws)
            for per_class in args.per_class
            for name in sets
            for task in args.tasks
            for student in args.students
            for way in args.ways
        ]  # fmt: skip
        run_cells(partial(compute, data_dir=options.data_dir), cells, options.out, **options.how)
    report(options.out)


def _number(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number of at least 2, or 'all'.")
    return int(text)


if __name__ == "__main__":
    main()
