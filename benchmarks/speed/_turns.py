"""Trainings that take turns, epoch by epoch: what is compared is measured side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import torch

__all__ = ["Spread", "Training", "measure_ratios", "n_reference_epochs"]


class Spread(NamedTuple):
    """Median and quartiles."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """Summarise values."""
        return cls(*(float(q) for q in np.percentile(values, [25, 50, 75])))


class Training:
    """A training in a thread of its own that rests after every epoch until its next turn.

    Only one training runs at a time, so that the CPU time of the process between the two ends of
    a turn is that of the epoch.

    Parameters
    ----------
    train : callable
        A whole training; it calls its argument with the epoch's number when an epoch begins.
    """

    def __init__(self, train: Callable[[Callable[[int], None]], None]) -> None:
        self._train = train
        self._go, self._rested = threading.Semaphore(0), threading.Semaphore(0)
        self._error: Exception | None = None
        threading.Thread(target=self._run, daemon=True).start()
        self.turn()  # up to the first epoch
        self.turn()  # the first epoch, which makes the optimiser's state

    def _run(self) -> None:
        torch.set_num_threads(1)  # OpenMP keeps this number for each calling thread
        self._go.acquire()
        try:
            self._train(self._rest)
        except Exception as error:  # handed to the thread that waits
            self._error = error
        self._rested.release()

    def _rest(self, epoch: int) -> None:
        self._rested.release()
        self._go.acquire()

    def turn(self) -> float:
        """Run one epoch and give its CPU time in seconds."""
        start = time.process_time()
        self._go.release()
        self._rested.acquire()
        seconds = time.process_time() - start
        if self._error is not None:
            raise self._error
        return seconds


def n_reference_epochs(n_others: int, n_rounds: int) -> int:
    """Count the epochs of the reference that :func:`measure_ratios` needs."""
    return 2 + n_others * n_rounds


def measure_ratios(
    reference: Training, others: Mapping[str, Training], n_rounds: int
) -> tuple[Spread, dict[str, Spread]]:
    """Divide every epoch of the others by the mean of the reference's epochs before and after.

    Both neighbours, because a drift of the machine's speed then cancels.

    Parameters
    ----------
    reference : Training
    others : mapping of str to Training
    n_rounds : int
        Measured epochs of each.

    Returns
    -------
    seconds : Spread
        CPU time of a reference epoch.
    ratios : dict of str to Spread
    """
    ratios: dict[str, list[float]] = {name: [] for name in others}
    times = [reference.turn()]
    for _ in range(n_rounds):
        for name, training in others.items():
            seconds = training.turn()
            times.append(reference.turn())
            ratios[name].append(2.0 * seconds / (times[-2] + times[-1]))
    return Spread.of(times), {name: Spread.of(values) for name, values in ratios.items()}
