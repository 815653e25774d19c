"""One thread for a cell, whatever ran before it in the same process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["one_thread"]


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute on one thread.

    Sums come out the same to the last bit on however many cores, and seconds can be compared.
    The environment alone does not see to it: numba, which aeon's classifiers use, sets the number
    of OpenMP threads, which is torch's too, for all that follows in the process.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
