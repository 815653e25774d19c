"""Series that arrive point by point."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdpd_sklearn.estimators._engine import EarlyEngine
from gdpd_sklearn.estimators._series import check_finite

__all__ = ["Decision", "EarlyStream"]


class Decision(NamedTuple):
    """A decision on one series.

    Attributes
    ----------
    label : object
    probabilities : ndarray of shape (K,)
    stop_time : int
        Time points seen at the decision.
    """

    label: Any
    probabilities: NDArray[np.float64]
    stop_time: int


class EarlyStream:
    """Watch many series side by side, each at its own pace.

    Made by ``GDPDEarlyClassifier.stream()``, for the students and the rule that are fitted then. A
    series is known by a key of the caller's. The stream can be pickled at any moment and resumed
    elsewhere. Decisions are those of ``predict`` on the same data, exactly. Shared students go on
    from where they were, so that a new point costs the same at the end of a series as at its
    beginning.

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
        self._series: dict[Hashable, _Series] = {}
        self.decisions: dict[Hashable, Decision] = {}

    def push(self, key: Hashable, points: ArrayLike) -> Decision | None:
        """Add points to one series.

        Parameters
        ----------
        key : hashable
            Which series; a new key opens one.
        points : array-like
            One point of a univariate series as a number, one point of all channels as (C,), or a
            chunk of m points as (C, m).

        Returns
        -------
        Decision or None
            The decision, if it fell with these points. Points after the decision are not needed
            and not looked at.
        """
        return self.push_many({key: points}).get(key)

    def push_many(self, points: Mapping[Hashable, ArrayLike]) -> dict[Hashable, Decision]:
        """Add points to several series at once; those that reach a point are classified together.

        Returns
        -------
        dict
            The decisions that fell with these points.

        Raises
        ------
        ValueError
            If points have another number of channels, are not finite, or go beyond the full length;
            no series is changed then.
        """
        chunks = {
            key: self._chunk(key, each) for key, each in points.items() if key not in self.decisions
        }
        due: dict[int, list[Hashable]] = {}
        for key, chunk in chunks.items():
            series = self._series.get(key)
            if series is None:
                series = self._series[key] = _Series(self._engine)
            series.append(chunk)
            for point in range(series.n_seen, self._reach(series)):
                due.setdefault(point, []).append(key)
        fallen: dict[Hashable, Decision] = {}
        for point in sorted(due):
            waiting = [key for key in due[point] if key not in fallen]
            if waiting:
                fallen |= self._classify(waiting, point)
        self.decisions |= fallen
        for key in fallen:
            del self._series[key]
        if self._engine.absorbs:
            for key in chunks.keys() - fallen.keys():
                self._series[key].absorb(self._engine)
        return fallen

    def forget(self, key: Hashable) -> None:
        """Drop a series and its decision, so that the key can be used again."""
        self._series.pop(key, None)
        self.decisions.pop(key, None)

    def n_timepoints(self, key: Hashable) -> int:
        """Count the time points of a series that is being watched; 0 for an unknown key."""
        return self._series[key].length if key in self._series else 0

    def _reach(self, series: _Series) -> int:
        return bisect_right(self._engine.points, series.length)

    def _classify(self, keys: list[Hashable], point: int) -> dict[Hashable, Decision]:
        engine = self._engine
        m = engine.points[point]
        start = engine.points[point - 1] if point else 0
        series = [self._series[key] for key in keys]
        if engine.absorbs:
            for each in series:
                each.absorb(engine, m)
            probabilities = np.stack([engine.answer(each.state, point) for each in series])
        elif engine.advances:
            new = np.stack([each.values[:, start:m] for each in series])
            states = [each.state for each in series] if point else None
            probabilities, states = engine.advance(new, states)
            for each, state in zip(series, states, strict=True):
                each.state = state
        else:
            seen = np.stack([each.values[:, :m] for each in series])
            probabilities = engine.probabilities_at(seen, point)
        for each, row in zip(series, probabilities, strict=True):
            each.see(row)
        history = np.stack([self._series[key].history for key in keys], axis=1)
        safe = engine.trigger.should_stop(history)
        return {
            key: Decision(self._classes[history[-1, i].argmax()], history[-1, i], m)
            for i, key in enumerate(keys)
            if safe[i]
        }

    def _chunk(self, key: Hashable, points: ArrayLike) -> NDArray[np.float64]:
        chunk = np.asarray(points, dtype=np.float64)
        n_channels, full = self._engine.n_channels, self._engine.n_timepoints
        if chunk.ndim == 0:
            chunk = chunk[None]
        if chunk.ndim == 1:
            chunk = chunk[:, None]
        if chunk.ndim != 2 or chunk.shape[0] != n_channels:
            raise ValueError(
                f"points of series {key!r} have the shape {np.shape(points)}; one point of "
                f"{n_channels} channels has ({n_channels},), a chunk of m points "
                f"({n_channels}, m)."
            )
        check_finite(chunk, f"points of series {key!r} contain")
        total = self.n_timepoints(key) + chunk.shape[1]
        if total > full:
            raise ValueError(
                f"points of series {key!r} would make it {total} long, more than the full length "
                f"{full} of fit."
            )
        return chunk


class _Series:
    """What is known of one series: its points so far, and the probabilities at points passed."""

    def __init__(self, engine: EarlyEngine) -> None:
        self._buffer = np.empty((engine.n_channels, engine.n_timepoints))
        self._history = np.empty((len(engine.points), engine.n_classes))
        self.length = 0
        self.n_seen = 0
        self.n_absorbed = 0
        self.state: Any = None

    def absorb(self, engine: EarlyEngine, until: int | None = None) -> None:
        """Let the sums grow by the points up to ``until``, by default all."""
        new = self.values[:, self.n_absorbed : until]
        if new.shape[1]:
            self.state = engine.absorb(new, self.state)
            self.n_absorbed += new.shape[1]

    @property
    def values(self) -> NDArray[np.float64]:
        return self._buffer[:, : self.length]

    @property
    def history(self) -> NDArray[np.float64]:
        return self._history[: self.n_seen]

    def append(self, chunk: NDArray[np.float64]) -> None:
        self._buffer[:, self.length : self.length + chunk.shape[1]] = chunk
        self.length += chunk.shape[1]

    def see(self, probabilities: NDArray[np.float64]) -> None:
        self._history[self.n_seen] = probabilities
        self.n_seen += 1
