"""The same bits twice on one GPU: algorithms that are deterministic, for the time of a fit.

On a CPU torch gives the same bits anyway. On CUDA sums are added up in an order that differs from
run to run, unless torch, cuDNN and cuBLAS are told otherwise. All of these switches belong to the
whole process. So the first fit to begin notes what it finds and sets them; the last to end puts
back what was found. Fits in several threads do not disturb each other; what other threads do with
torch in that time is deterministic too.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch

__all__ = ["same_twice"]

_CUBLAS = "CUBLAS_WORKSPACE_CONFIG"


@contextmanager
def same_twice(device: str | torch.device) -> Iterator[None]:
    """Within the block, what is computed on a CUDA device gives the same bits each time.

    Nothing happens for other devices. An operation that has no deterministic form is computed as
    usual, and torch warns of it.

    Notes
    -----
    cuBLAS reads its setting from the environment when it is first used. If the variable
    ``CUBLAS_WORKSPACE_CONFIG`` is not set, it becomes ``":4096:8"`` and stays so: that is what
    torch's documentation asks for. In a process that has multiplied matrices on the GPU before,
    torch may warn that it comes too late.
    """
    if torch.device(device).type != "cuda":
        yield
        return
    os.environ.setdefault(_CUBLAS, ":4096:8")
    _Blocks.enter()
    try:
        yield
    finally:
        _Blocks.leave()


class _Switches(NamedTuple):
    """The process's switches, as far as a block moves them."""

    algorithms: bool
    warns_only: bool
    fills: bool
    cudnn: bool
    tries: bool

    @classmethod
    def present(cls) -> _Switches:
        return cls(
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
            torch.utils.deterministic.fill_uninitialized_memory,  # type: ignore[attr-defined]
            torch.backends.cudnn.deterministic,
            torch.backends.cudnn.benchmark,
        )

    def set(self) -> None:
        torch.use_deterministic_algorithms(self.algorithms, warn_only=self.warns_only)
        torch.utils.deterministic.fill_uninitialized_memory = self.fills  # type: ignore[attr-defined]
        torch.backends.cudnn.deterministic = self.cudnn
        torch.backends.cudnn.benchmark = self.tries


class _Blocks:
    """How many blocks are open in this process, and what the first of them found."""

    _lock = threading.Lock()
    _n_open = 0
    _found: _Switches | None = None

    @classmethod
    def enter(cls) -> None:
        with cls._lock:
            if cls._n_open == 0:
                cls._found = _Switches.present()
                # who asked for errors gets them; nothing here reads memory before it is written
                strict = cls._found.algorithms and not cls._found.warns_only
                _Switches(True, not strict, False, True, False).set()
            cls._n_open += 1

    @classmethod
    def leave(cls) -> None:
        with cls._lock:
            cls._n_open -= 1
            if cls._n_open == 0 and cls._found is not None:
                cls._found.set()
                cls._found = None
