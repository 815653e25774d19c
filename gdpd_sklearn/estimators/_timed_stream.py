"""A stream of readings that come at any time, on a regular grid."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdpd_sklearn._checks import check_choice, check_real
from gdpd_sklearn.data import CELL_RULES, cell_of
from gdpd_sklearn.estimators._stream import EarlyStream
from gdpd_sklearn.estimators._stream_answers import Decision, Late

__all__ = ["TimedStream"]

Answer = Decision | Late | None


class TimedStream:
    """Put readings on the grid of :func:`gdpd_sklearn.data.from_long`, and push it to a stream.

    A point is pushed when its interval is over: when a reading, or :meth:`tick`, is of a later one.
    Intervals without a reading are points without a value.

    Parameters
    ----------
    stream : EarlyStream
        As ``early.stream()`` opens it.
    step : float
        Length of an interval, in the unit of the times.
    rule : {"last", "mean"}, default="last"
        What stands for several readings of a channel in an interval.
    start : float, optional
        Where the grid of every series begins; by default at its first reading.

    Examples
    --------
    >>> timed = TimedStream(clf.stream(), step=1.0, start=0.0)  # doctest: +SKIP
    >>> timed.push("ward 3", {"pulse": 71}, time=0.4)  # doctest: +SKIP
    """

    def __init__(
        self, stream: EarlyStream, step: float, rule: str = "last", start: float | None = None
    ) -> None:
        self.stream = stream
        self.step = check_real("step", step, 0.0, open_minimum=True)
        self.rule = check_choice("rule", rule, CELL_RULES)
        self.start = None if start is None else check_real("start", start, -1e30)
        self._open: dict[Hashable, _Cell] = {}

    def push(self, key: Hashable, reading: ArrayLike, time: float) -> Answer:
        """Take a reading of one series.

        Parameters
        ----------
        key : hashable
            Which series; a new key opens one.
        reading : array-like of shape (C,), or a number
            A value for each channel; NaN for those that were not read.
        time : float
            When. Within an interval readings may come in any order.

        Returns
        -------
        Decision, Late or None
            What :meth:`EarlyStream.push` says of the points that are over by now.

        Raises
        ------
        ValueError
            If the interval of the time is over already or before the start, or the reading has
            another number of channels. The series is as it was.
        """
        values = np.atleast_1d(np.asarray(reading, dtype=np.float64))
        cell, place = self._cell(key, time, len(values))
        answer = self._over(key, cell, place)
        cell.add(values, check_real("time", time, -1e30))
        self._open[key] = cell
        return answer

    def tick(self, key: Hashable, time: float) -> Answer:
        """Tell what time it is: points that are over are pushed, without a further reading.

        Parameters
        ----------
        key : hashable
            An open series.
        time : float
        """
        if key not in self._open:
            raise KeyError(f"key={key!r} is no open series.")
        cell, place = self._cell(key, time, len(self._open[key].latest))
        return self._over(key, cell, place)

    def end(self, key: Hashable) -> Decision | Late:
        """Tell that a series is over: its last point is pushed, and it is decided."""
        if key not in self._open:
            raise KeyError(f"key={key!r} is no open series.")
        self.stream.push(key, self._open.pop(key).point(self.rule)[:, None])
        return self.stream.end(key)

    def __repr__(self) -> str:
        return (
            f"<TimedStream: {len(self._open)} series open, a point each {self.step} by "
            f"{self.rule!r}; {self.stream!r}>"
        )

    def _cell(self, key: Hashable, time: float, n_channels: int) -> tuple[_Cell, int]:
        """Give the interval of a series that is not over yet, and the number of that of a time."""
        now = check_real("time", time, -1e30)
        cell = self._open.get(key)
        if cell is None:
            cell = _Cell.empty(n_channels, now if self.start is None else self.start)
        if len(cell.latest) != n_channels:
            raise ValueError(
                f"reading has {n_channels} channels; those before had {len(cell.latest)}."
            )
        place = cell_of(now, cell.start, self.step)
        if place < cell.place:
            raise ValueError(
                f"time={time!r} is in an interval that is over or before start={cell.start!r}; "
                f"times of a series must not go back to before its present interval."
            )
        return cell, place

    def _over(self, key: Hashable, cell: _Cell, place: int) -> Answer:
        """Push what is over before the interval of this number."""
        n_over = place - cell.place
        if n_over == 0:
            return None
        points = np.full((len(cell.latest), n_over), np.nan)
        points[:, 0] = cell.point(self.rule)
        answer = self.stream.push(key, points)
        cell.begin(place)
        return answer


@dataclass
class _Cell:
    """An interval of one series: what was read in it so far, channel by channel."""

    start: float
    place: int
    latest: NDArray[np.float64]
    times: NDArray[np.float64]
    sums: NDArray[np.float64]
    counts: NDArray[np.float64]

    @classmethod
    def empty(cls, n_channels: int, start: float) -> _Cell:
        blank: list[Any] = [np.zeros(n_channels) for _ in range(4)]
        cell = cls(start, 0, *blank)
        cell.begin(0)
        return cell

    def begin(self, place: int) -> None:
        self.place = place
        self.latest.fill(np.nan)
        self.times.fill(-np.inf)
        self.sums.fill(0.0)
        self.counts.fill(0.0)

    def add(self, values: NDArray[np.float64], time: float) -> None:
        there = ~np.isnan(values)
        newer = there & (time >= self.times)
        self.latest[newer], self.times[newer] = values[newer], time
        self.sums[there] += values[there]
        self.counts[there] += 1.0

    def point(self, rule: str) -> NDArray[np.float64]:
        if rule == "last":
            return self.latest.copy()
        with np.errstate(invalid="ignore"):
            return self.sums / self.counts
