"""Series that arrive point by point."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdpd_sklearn._checks import check_real
from gdpd_sklearn.data import ends_of, fill_gaps
from gdpd_sklearn.estimators._engine import EarlyEngine
from gdpd_sklearn.estimators._pushed import as_chunk
from gdpd_sklearn.estimators._stream_answers import (
    Decision,
    FallenDecisions,
    Late,
    OpenSeries,
    PushError,
    check_key,
)
from gdpd_sklearn.estimators._watched_series import WatchedSeries

__all__ = ["EarlyStream"]

Points: TypeAlias = ArrayLike | None
"""None is a point without values."""


class EarlyStream:
    """Watch many series side by side, each at its own pace.

    Made by ``GDPDEarlyClassifier.stream()``, for the students and the rule that are fitted then. A
    series is known by a key of the caller's. The stream can be pickled at any moment and resumed
    elsewhere. Decisions are those of ``predict`` on the same data, exactly. Shared students go on
    from where they were, so that a new point costs the same at the end of a series as at its
    beginning.

    NaN or None says that there is no value at this time, and :meth:`end` that a series is over.

    A push happens wholly or changes nothing, series by series: points that are refused, or a rule
    that raises, leave that series as it was, and the others go on.

    Attributes
    ----------
    decisions : dict
        Key to :class:`Decision`, of all series decided so far.

    Examples
    --------
    >>> from aeon.datasets import load_italy_power_demand
    >>> from gdpd_sklearn import GDPDEarlyClassifier
    >>> X, y = load_italy_power_demand(split="train")
    >>> clf = GDPDEarlyClassifier(n_epochs=2, n_folds=2, random_state=0).fit(X, y)
    >>> stream = clf.stream()
    >>> for point in X[0].T:
    ...     decision = stream.push("meter 7", point)
    ...     if decision is not None:
    ...         break
    >>> decision == stream.decisions["meter 7"]
    True
    """

    def __init__(self, engine: EarlyEngine, classes: NDArray[Any]) -> None:
        self._engine = engine
        self._classes = classes
        self._series: dict[Hashable, WatchedSeries] = {}
        self.decisions: dict[Hashable, Decision] = {}

    def push(self, key: Hashable, points: Points) -> Decision | Late | None:
        """Add points to one series.

        Parameters
        ----------
        key : hashable
            Which series; a new key opens one.
        points : array-like
            One point of a univariate series as a number, one point of all channels as (C,), or a
            chunk of m points as (C, m). NaN, None or a mask say that a value is missing; None alone
            is a point without any.

        Returns
        -------
        None, Decision or Late
            None while the series waits; its decision, if it fell with these points; and a
            :class:`Late`, which is false and holds that decision, to all points after it: they are
            not looked at.

        Raises
        ------
        ValueError
            As for :meth:`push_many`; the series is as it was.
        TypeError
            If the key is not hashable.
        """
        check_key(key)
        if key in self.decisions:
            return Late(self.decisions[key])
        chunk = self._chunk(key, points)
        series = self._series.get(key)
        if series is not None and not self._is_due(series, chunk):
            self._keep(series, chunk)
            return None
        return self._advance({key: chunk}).get(key)

    def push_many(self, points: Mapping[Hashable, Points]) -> FallenDecisions:
        """Add points to several series at once; those that reach a point are classified together.

        Returns
        -------
        FallenDecisions
            A dict of the decisions that fell with these points. Its ``late`` names the series that
            were decided before.

        Raises
        ------
        PushError
            A ValueError: if points have another number of channels, are infinite, or go beyond
            the full length, or if the rule raised. Its ``errors`` tell the reason for each series,
            which is as it was before; the others went on, and its ``fallen`` are the decisions on
            them.
        TypeError
            If ``points`` is no mapping, or a key not hashable.
        """
        if not isinstance(points, Mapping):
            raise TypeError(f"points={points!r} must be a mapping of key to points.")
        for key in points:
            check_key(key)
        late = tuple(key for key in points if key in self.decisions)
        fallen, errors = self._take(
            {k: each for k, each in points.items() if k not in self.decisions}
        )
        fallen.late = late
        if errors:
            raise PushError(errors, fallen)
        return fallen

    def _take(
        self, points: Mapping[Hashable, Points]
    ) -> tuple[FallenDecisions, dict[Hashable, Exception]]:
        """Add points of undecided series, as far as nothing is wrong with them."""
        chunks: dict[Hashable, NDArray[np.float64]] = {}
        errors: dict[Hashable, Exception] = {}
        for key, each in points.items():
            try:
                chunks[key] = self._chunk(key, each)
            except ValueError as error:
                errors[key] = error
        try:
            return self._advance(chunks), errors
        except Exception as error:  # whatever a rule of the user's raises
            if len(chunks) == 1:
                return FallenDecisions(), errors | dict.fromkeys(chunks, error)
        # one of them is to blame: each by itself
        fallen = FallenDecisions()
        for key, chunk in chunks.items():
            try:
                fallen |= self._advance({key: chunk})
            except Exception as error:
                errors[key] = error
        return fallen, errors

    def _advance(self, chunks: Mapping[Hashable, NDArray[np.float64]]) -> FallenDecisions:
        """Add checked points and decide, or change nothing."""
        before = {key: self._series.get(key) for key in chunks}
        marks = {key: series.mark() for key, series in before.items() if series is not None}
        try:
            fallen = self._add(chunks)
        except BaseException:  # an interrupt too
            for key, known in before.items():
                if known is None:
                    self._series.pop(key, None)
                else:
                    known.go_back(marks[key], self._engine)
            raise
        self.decisions |= fallen
        for key in fallen:
            del self._series[key]
        return fallen

    def _add(self, chunks: Mapping[Hashable, NDArray[np.float64]]) -> FallenDecisions:
        due: dict[int, list[Hashable]] = {}
        for key, chunk in chunks.items():
            series = self._series.get(key)
            if series is None:
                series = self._series[key] = WatchedSeries(self._engine)
            series.append(chunk)
            for point in range(series.n_seen, self._reach(series)):
                due.setdefault(point, []).append(key)
        fallen = FallenDecisions()
        for point in sorted(due):
            waiting = [key for key in due[point] if key not in fallen]
            if waiting:
                fallen |= self._classify(waiting, point)
        if self._engine.absorbs:
            for key in chunks.keys() - fallen.keys():
                self._series[key].absorb(self._engine)
        return fallen

    def end(self, key: Hashable) -> Decision | Late:
        """Say that a series has ended, and decide it: by all that was seen of it.

        Parameters
        ----------
        key : hashable

        Returns
        -------
        Decision or Late
            Its decision, with the time of its last value. It is that of ``predict_early`` on the
            complete series. A :class:`Late`, if it was decided before.

        Raises
        ------
        KeyError
            If no points of it came.
        """
        check_key(key)
        if key in self.decisions:
            return Late(self.decisions[key])
        if key not in self._series:
            raise KeyError(f"key={key!r} is no open series: no points of it came.")
        series, engine = self._series[key], self._engine
        end = int(ends_of(series.values[None])[0])
        # the last points may have been gaps: then an answer is there
        final = int(engine.final_point(np.array(end)))
        if final < series.n_seen:
            row = series.history[final]
        else:
            mark = series.mark()
            try:
                row = self._answers([series.padded(engine.points[final])], final)[0]
            except BaseException:  # an interrupt too
                series.go_back(mark, engine)
                raise
        decision = Decision(self._classes[row.argmax()], row.copy(), end)
        self.decisions[key] = decision
        del self._series[key]
        return decision

    def open_series(self) -> dict[Hashable, OpenSeries]:
        """List the series that wait for a decision, the one longest without points first."""
        listed = {
            key: OpenSeries(each.length, each.last_push) for key, each in self._series.items()
        }
        return dict(sorted(listed.items(), key=lambda item: item[1].last_push))

    def forget_idle(self, seconds: float) -> list[Hashable]:
        """Drop open series that got no points for longer than so many seconds.

        Returns
        -------
        list
            Their keys; points that come yet open a series anew.
        """
        check_real("seconds", seconds, 0.0)
        now = time.time()
        idle = [k for k, each in self._series.items() if now - each.last_push > seconds]
        for key in idle:
            del self._series[key]
        return idle

    def __repr__(self) -> str:
        engine = self._engine
        return (
            f"<EarlyStream: {len(self._series)} series open, {len(self.decisions)} decided; "
            f"{engine.n_channels} channels, {engine.n_timepoints} time points, "
            f"{engine.n_classes} classes>"
        )

    def forget(self, key: Hashable) -> None:
        """Drop a series and its decision, so that the key can be used again."""
        self._series.pop(key, None)
        self.decisions.pop(key, None)

    def n_timepoints(self, key: Hashable) -> int:
        """Count the time points of a series that is being watched; 0 for an unknown key."""
        return self._series[key].length if key in self._series else 0

    def _keep(self, series: WatchedSeries, chunk: NDArray[np.float64]) -> None:
        """Add points with which no classification point is reached, or change nothing."""
        length = series.length
        try:
            series.append(chunk)
            if self._engine.absorbs:
                series.absorb(self._engine)
        except BaseException:  # an interrupt
            series.go_back(series.mark()._replace(length=length), self._engine)
            raise

    def _is_due(self, series: WatchedSeries, chunk: NDArray[np.float64]) -> bool:
        """Whether the series reaches a classification point with this chunk."""
        return series.length + chunk.shape[1] >= self._engine.points[series.n_seen]

    def _reach(self, series: WatchedSeries) -> int:
        return bisect_right(self._engine.points, series.length)

    def _answers(self, series: Sequence[WatchedSeries], point: int) -> NDArray[np.float64]:
        """Calibrated probabilities (n, K) at a point that all of these have just reached."""
        engine = self._engine
        m = engine.points[point]
        if engine.absorbs:
            for each in series:
                each.absorb(engine, m)
            return np.stack([engine.answer(each.state, point) for each in series])
        if not engine.advances:
            return engine.probabilities_at(np.stack([s.values[:, :m] for s in series]), point)
        start = engine.points[point - 1] if point else 0
        # what stands in a gap may be from before these points
        new = np.stack([fill_gaps(each.values[:, :m])[:, start:] for each in series])
        states = [each.state for each in series] if point else None
        probabilities, states = engine.advance(new, states)
        for each, state in zip(series, states, strict=True):
            each.state = state
        return probabilities

    def _classify(self, keys: list[Hashable], point: int) -> dict[Hashable, Decision]:
        engine = self._engine
        m = engine.points[point]
        series = [self._series[key] for key in keys]
        probabilities = self._answers(series, point)
        for each, row in zip(series, probabilities, strict=True):
            each.see(row)
        history = np.stack([self._series[key].history for key in keys], axis=1)
        safe = engine.trigger.should_stop(history)
        return {
            # a copy: a view would keep the history of all of them
            key: Decision(self._classes[history[-1, i].argmax()], history[-1, i].copy(), m)
            for i, key in enumerate(keys)
            if safe[i]
        }

    def _chunk(self, key: Hashable, points: Points) -> NDArray[np.float64]:
        chunk = as_chunk(key, points, self._engine.n_channels)
        full = self._engine.n_timepoints
        total = self.n_timepoints(key) + chunk.shape[1]
        if total > full:
            raise ValueError(
                f"points of series {key!r} would make it {total} long, more than the full length "
                f"{full} of fit."
            )
        return chunk
