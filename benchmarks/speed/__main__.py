"""Print tables of relative speed and memory: ``python -m benchmarks.speed``."""

from __future__ import annotations

import argparse

import torch

from benchmarks.speed._bank import bank_room
from benchmarks.speed._distillers import FULL, QUICK, costs_of, distiller_table
from benchmarks.speed._machine import describe_machine


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true",
        help="tiny sizes, to see that everything runs; its figures mean nothing",
    )  # fmt: skip
    quick = parser.parse_args().quick
    settings = QUICK if quick else FULL
    torch.set_num_threads(1)
    print(f"Machine: {describe_machine()}.\n")
    cases = ", ".join(f"{each.n_cases} with {each.student}" for each in settings)
    print(
        f"Cost of an epoch beside `none`: univariate series of {settings[0].n_timepoints} points "
        f"({cases}), batches of {settings[0].batch_size}, half of each series seen, teacher of the "
        f"student's architecture.\n"
    )
    print(distiller_table({each.student: costs_of(each) for each in settings}))
    print("\nStudents of several prefixes trained as one, beside one after another.\n")
    print(bank_room(quick))


if __name__ == "__main__":
    main()
