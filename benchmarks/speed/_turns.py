"""Trainings that take turns, epoch by epoch: what is compared is measured side by side."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Spread", "Train", "Training", "in_child", "measure_pair"]

Train = Callable[[int, Callable[[int], None]], None]
"""A whole training of so many epochs; calls its second argument when an epoch begins."""

# Forked, so that a process starts at once, with all libraries loaded and the same memory layout.
# Nothing in this process may use autograd before: torch forbids it in the children then.
_PROCESSES = multiprocessing.get_context("fork")


class Spread(NamedTuple):
    """Median and quartiles."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise values."""
        return cls(*(float(q) for q in np.percentile(values, [25, 50, 75])))


class Training:
    """A training in a process of its own that rests after every epoch until its next turn.

    Threads would be simpler, but in them trainings that do the same differed by up to a fifth all
    along a run (presumably because each thread allocates from a heap of its own), and nobody trains
    in such a thread.

    Parameters
    ----------
    train : Train
    n_turns : int
        Epochs that will be asked for.
    """

    def __init__(self, train: Train, n_turns: int) -> None:
        self._pipe, there = _PROCESSES.Pipe()
        # one epoch more: the first makes the optimiser's state, and is no turn
        self._process = _PROCESSES.Process(target=_train, args=(train, n_turns + 1, there))
        self._process.start()
        there.close()

    def __enter__(self) -> Training:
        self.turn()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pipe.close()
        if kind is not None:
            self._process.terminate()
        self._process.join()

    def turn(self) -> float:
        """Run one epoch and give its CPU time in seconds.

        Raises
        ------
        EOFError
            If the training failed; its own traceback is on stderr.
        """
        self._pipe.send(None)
        return float(self._pipe.recv())


def _train(train: Train, n_epochs: int, pipe: Connection) -> None:
    start = 0.0

    def rest(epoch: int) -> None:
        nonlocal start
        if epoch:
            pipe.send(time.process_time() - start)
        pipe.recv()
        start = time.process_time()

    train(n_epochs, rest)
    pipe.send(time.process_time() - start)


def measure_pair(
    train: Train, reference: Train, n_repeats: int, n_rounds: int
) -> tuple[list[float], list[float]]:
    """Divide epochs of a training by the mean of the reference's epochs before and after.

    Both neighbours, because a drift of the machine's speed then cancels. Both trainings start anew
    in every repeat.

    Parameters
    ----------
    train, reference : Train
    n_repeats : int
    n_rounds : int
        Measured epochs in a repeat.

    Returns
    -------
    ratios : list of float
    seconds : list of float
        CPU times of the reference's epochs.
    """
    ratios, seconds = [], []
    for _ in range(n_repeats):
        with Training(train, n_rounds) as one, Training(reference, n_rounds + 1) as other:
            before = other.turn()
            for _ in range(n_rounds):
                own, after = one.turn(), other.turn()
                ratios.append(2.0 * own / (before + after))
                seconds.append(before)
                before = after
    return ratios, seconds


def in_child(function: Callable[[], Any]) -> Any:
    """Call a function in a fresh process.

    Raises
    ------
    EOFError
        If it failed; its own traceback is on stderr.
    """
    here, there = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=lambda: there.send(function()))
    process.start()
    there.close()
    result = here.recv()
    process.join()
    return result
