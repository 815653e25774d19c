"""What the archive's normalisation hides: a scale that only complete series have.

``python -m benchmarks.leak run --data-dir DIR`` takes sets whose series are as they were measured,
and z-normalises each complete series, as most sets of the UCR archive are. A prefix of such a
series tells how much is to come: where it stands in the mean and spread of the whole. Contestants
are fitted and scored on raw and on normalised series. At the full length there is no future to
leak: what is gained or lost there is what normalising does by itself.
"""

from __future__ import annotations

import argparse
from functools import partial

from benchmarks._cells import run_cells
from benchmarks._options import RunOptions, add_run_options, add_sets_option, sets_of
from benchmarks.early.contestants import CONTESTANTS
from benchmarks.leak._compute import compute
from benchmarks.leak._report import report
from benchmarks.leak._sets import RAW_SETS


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leak", description=__doc__)
    parser.add_argument("action", choices=["run", "report"])
    add_sets_option(parser, RAW_SETS)
    parser.add_argument(
        "--contestants", nargs="+", choices=CONTESTANTS, metavar="NAME",
        default=["default", "threshold, MiniRocket"],
    )  # fmt: skip
    parser.add_argument("--seeds", type=int, default=3)
    add_run_options(parser, "results/leak")
    args = parser.parse_args(arguments)
    options = RunOptions.read(parser, args)
    if args.action == "run":
        sets = sets_of(parser, args.sets, options.data_dir)
        cells = [
            {"set": name, "series": series, "contestant": contestant, "seed": seed}
            for seed in range(args.seeds)
            for name in sets
            for contestant in args.contestants
            for series in ("raw", "normalised")
        ]
        run_cells(partial(compute, data_dir=options.data_dir), cells, options.out, **options.how)
    report(options.out)


if __name__ == "__main__":
    main()
