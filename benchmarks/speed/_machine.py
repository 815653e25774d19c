"""The machine that the figures belong to."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch

__all__ = ["describe_machine"]


def describe_machine() -> str:
    """Name processor, cores, system, torch and the threads it uses, in one line."""
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}; Python "
        f"{platform.python_version()}, torch {torch.__version__}, {torch.get_num_threads()} thread"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
