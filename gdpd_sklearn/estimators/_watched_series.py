"""One series of a stream: what is known of it, and the way back."""

from __future__ import annotations

import time
from copy import copy
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.estimators._engine import EarlyEngine

__all__ = ["Mark", "WatchedSeries"]


class Mark(NamedTuple):
    """Where a series stood."""

    length: int
    n_seen: int
    n_absorbed: int
    last_push: float
    state: Any


class WatchedSeries:
    """What is known of one series: its points so far, and the probabilities at points passed."""

    def __init__(self, engine: EarlyEngine) -> None:
        self._buffer = np.empty((engine.n_channels, engine.n_timepoints))
        self._history = np.empty((len(engine.points), engine.n_classes))
        self.length = 0
        self.n_seen = 0
        self.n_absorbed = 0
        self.last_push = time.time()
        self.state: Any = None

    def mark(self) -> Mark:
        """Note how far the series is, for :meth:`go_back`."""
        return Mark(self.length, self.n_seen, self.n_absorbed, self.last_push, self.state)

    def go_back(self, mark: Mark, engine: EarlyEngine) -> None:
        """Forget what came after the mark."""
        self.length, self.n_seen, self.n_absorbed, self.last_push, self.state = mark
        if engine.absorbs:
            # sums grow in place, so that those of the mark are no more: they are taken again
            until, self.n_absorbed, self.state = self.n_absorbed, 0, None
            self.absorb(engine, min(until, self.length))

    def absorb(self, engine: EarlyEngine, until: int | None = None) -> None:
        """Let the sums grow by the points up to ``until``, by default all."""
        new = self.values[:, self.n_absorbed : until]
        if new.shape[1]:
            self.state = engine.absorb(new, self.state)
            self.n_absorbed += new.shape[1]

    def padded(self, length: int) -> WatchedSeries:
        """Give a copy that ends here, with nothing but gaps up to so many points.

        A state that grows in place is that of the copy from now on.
        """
        ended = copy(self)
        ended._buffer = self._buffer.copy()
        ended._buffer[:, self.length : length] = np.nan
        ended.length = length
        return ended

    @property
    def values(self) -> NDArray[np.float64]:
        return self._buffer[:, : self.length]

    @property
    def history(self) -> NDArray[np.float64]:
        return self._history[: self.n_seen]

    def append(self, chunk: NDArray[np.float64]) -> None:
        self._buffer[:, self.length : self.length + chunk.shape[1]] = chunk
        self.length += chunk.shape[1]
        self.last_push = time.time()

    def see(self, probabilities: NDArray[np.float64]) -> None:
        self._history[self.n_seen] = probabilities
        self.n_seen += 1
