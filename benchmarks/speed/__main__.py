"""Print tables of relative speed and memory: ``python -m benchmarks.speed``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

import torch

from benchmarks.speed._bank import bank_room
from benchmarks.speed._distillers import distiller_tables
from benchmarks.speed._fits import fit_table, long_table
from benchmarks.speed._grid import grid_room
from benchmarks.speed._imports import import_table
from benchmarks.speed._kernels import kernel_tables
from benchmarks.speed._latency import latency_tables
from benchmarks.speed._machine import describe_machine
from benchmarks.speed._scale import scale_table
from benchmarks.speed._throughput import throughput_table

# Rooms that start processes stand first: nothing before them may use autograd (see _turns).
ROOMS: Mapping[str, Callable[[bool], str]] = {
    "distillers": distiller_tables,
    "scale": scale_table,
    "fits": fit_table,
    "long": long_table,
    "bank": bank_room,
    "grid": grid_room,
    "imports": import_table,
    "latency": latency_tables,
    "kernels": kernel_tables,
    "throughput": throughput_table,
}
"""Name to a function that measures (quickly, if told so) and returns markdown."""


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=ROOMS, default=list(ROOMS), help="what to measure"
    )
    parser.add_argument(
        "--quick", action="store_true",
        help="tiny sizes, to see that everything runs; its figures mean nothing",
    )  # fmt: skip
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"Machine: {describe_machine()}.", flush=True)
    for name, room in ROOMS.items():
        if name in arguments.only:
            print(f"\n{room(arguments.quick)}", flush=True)


if __name__ == "__main__":
    main()
