"""Run the tests of a device and print tables of it: ``python -m benchmarks.gpu``."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Protocol

import torch

from benchmarks.gpu._fits import fit_table
from benchmarks.gpu._same import same_table
from benchmarks.gpu._steps import step_table
from benchmarks.speed._machine import describe_machine
from gdpd_sklearn._device import resolve_device


class Room(Protocol):
    """Measures something on a device (quickly, if told so) and returns markdown."""

    def __call__(self, device: torch.device, *, quick: bool) -> str: ...  # noqa: D102


def run_tests(device: torch.device, *, quick: bool) -> str:
    """Run all tests with the marker ``gpu`` in a process of their own."""
    command = [
        sys.executable, "-m", "pytest", "-m", "gpu", "-p", "no:cacheprovider", "-n", "4",
        "--dist=load", "tests/test_on_gpu.py",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).strip().splitlines()
    return "## Tests\n\n```\n" + "\n".join(lines[-60:]) + "\n```"


ROOMS: Mapping[str, Room] = {
    "tests": run_tests,
    "fits": fit_table,
    "steps": step_table,
    "same": same_table,
}
"""Name to what it measures."""


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=ROOMS, default=list(ROOMS), help="what to measure"
    )
    parser.add_argument("--device", default="cuda", help="'cpu' tries the command where no GPU is")
    parser.add_argument(
        "--quick", action="store_true",
        help="tiny sizes, to see that everything runs; its figures mean nothing",
    )  # fmt: skip
    arguments = parser.parse_args()
    device = resolve_device(arguments.device)
    torch.set_num_threads(1)
    print(f"Machine: {_card(device)}{describe_machine()}.", flush=True)
    for name, room in ROOMS.items():
        if name in arguments.only:
            started = time.perf_counter()
            print(f"\n{room(device, quick=arguments.quick)}", flush=True)
            print(f"\n({name}: {time.perf_counter() - started:.0f} s)", flush=True)


def _card(device: torch.device) -> str:
    if device.type != "cuda":
        return ""
    return f"{torch.cuda.get_device_name(device)}, CUDA {torch.version.cuda}; "


if __name__ == "__main__":
    main()
