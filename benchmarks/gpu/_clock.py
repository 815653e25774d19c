"""Wall-clock time and memory of work on a device."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import torch

__all__ = ["Spent", "spend"]


class Spent(NamedTuple):
    """Seconds on the clock, peak memory of the device in MiB (NaN on a CPU), and the result."""

    seconds: float
    mib: float
    result: Any


def spend(work: Callable[[], Any], device: torch.device) -> Spent:
    """Do some work and wait for the device."""
    on_gpu = device.type == "cuda"
    if on_gpu:
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
    started = time.perf_counter()
    result = work()
    if on_gpu:
        torch.cuda.synchronize(device)
    seconds = time.perf_counter() - started
    mib = torch.cuda.max_memory_allocated(device) / 2**20 if on_gpu else float("nan")
    return Spent(seconds, mib, result)
