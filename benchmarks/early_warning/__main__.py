"""Death in intensive care from 6, 12, 24 and 48 hours: as early as a constraint allows.

``python -m benchmarks.early_warning run --data-dir DIR`` fits the package's early classifier on the
PhysioNet/CinC challenge of 2012 for "sensitivity and specificity of at least so much, at the least
delay", beside logistic regression and gradient boosting on summaries of the same hours, which get
the same kind of rule. ``report`` prints figures on test stays: at each hour, and of the decisions.
Cuts and rules are chosen on held-out training stays.
"""

from __future__ import annotations

import argparse
from functools import partial

from benchmarks._cells import run_cells
from benchmarks._options import RunOptions, add_run_options
from benchmarks.early_warning._compute import compute
from benchmarks.early_warning._contestants import CONTESTANTS
from benchmarks.early_warning._report import report


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.early_warning", description=__doc__)
    parser.add_argument("action", choices=["run", "report"])
    parser.add_argument(
        "--contestants", nargs="+", choices=CONTESTANTS, metavar="NAME",
        help=f"of {list(CONTESTANTS)}",
        default=["default", "logistic regression", "gradient boosting"],
    )  # fmt: skip
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sensitivity", type=float, default=0.8)
    parser.add_argument("--specificity", type=float, default=0.6)
    add_run_options(parser, "results/early_warning")
    args = parser.parse_args(arguments)
    options = RunOptions.read(parser, args)
    if args.action == "run":
        cells = [
            {
                "contestant": name, "seed": seed, "sensitivity": args.sensitivity,
                "specificity": args.specificity,
            }
            for seed in range(args.seeds)
            for name in args.contestants
        ]  # fmt: skip
        run_cells(partial(compute, data_dir=options.data_dir), cells, options.out, **options.how)
    report(options.out)


if __name__ == "__main__":
    main()
