"""What decides in use: students that vote, their calibration, and a rule."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdpd_sklearn._checks import check_int
from gdpd_sklearn._progress import phase
from gdpd_sklearn.data import ends_of_each, pad_series
from gdpd_sklearn.estimators._few import FEW, SeriesReader
from gdpd_sklearn.estimators._state import EarlyState
from gdpd_sklearn.networks import Ensemble, PrefixModel, RocketAnswers, merge_states, split_states
from gdpd_sklearn.triggers import (
    Objective,
    Trigger,
    apply_temperature,
    fit_temperature,
    fit_tilt,
    pool_votes,
)

__all__ = ["EarlyEngine"]


# Points at which one series is answered about together: fewer calls, but some points too many.
_SPAN = 5


@dataclass(frozen=True)
class EarlyEngine:
    """All that is fitted of an early classifier; it knows class codes, and neither labels nor aeon.

    Attributes
    ----------
    models : list of PrefixModel
        The voting students.
    points : tuple of int, length P
        Classification points in time points; the last is the full length.
    shared : bool
        Whether one pass of a student answers at every point.
    temperature : float
        Calibrates the pooled votes.
    trigger : Trigger
        The fitted rule.
    tilt : tuple of float, length K, or None
        Added to the logarithms of calibrated probabilities, where the objective prefers a class:
        what is decided has the least expected cost, or keeps two rates.
    """

    models: list[PrefixModel]
    points: tuple[int, ...]
    shared: bool
    temperature: float
    trigger: Trigger
    tilt: tuple[float, ...] | None = None

    @classmethod
    @phase("calibration and rule")
    def learn(
        cls,
        models: list[PrefixModel],
        points: tuple[int, ...],
        shared: bool,
        held_out: NDArray[np.float64],
        codes: NDArray[np.int64],
        trigger: Trigger,
        objective: Objective,
        temperature: float | None = None,
        weight: NDArray[np.float64] | None = None,
    ) -> Self:
        """Learn calibration and rule from held-out cases, for students that are trained already.

        Parameters
        ----------
        models, points, shared
            As above.
        held_out : ndarray of shape (P, M, K)
            Probabilities of cases by students that never saw them.
        codes : ndarray of int, shape (M,)
            Class codes of these cases.
        trigger : Trigger
            Not yet fitted; it is fitted in place.
        objective : "harmonic_mean", DecisionCost or LeastDelay
            Labels in it are codes.
        temperature : float, optional
            By default found by the held-out cases too.
        weight : ndarray of shape (M,), optional
            What these cases count.
        """
        if temperature is None:
            temperature = fit_temperature(held_out, codes, sample_weight=weight)
        fractions = np.array(points) / points[-1]
        calibrated = apply_temperature(held_out, temperature)
        tilt = fit_tilt(trigger, calibrated, codes, fractions, objective, weight)
        if tilt is not None:
            calibrated = apply_temperature(held_out, temperature, tilt)
        trigger.fit(calibrated, codes, fractions, objective, weight)
        return cls(models, points, shared, temperature, trigger, tilt)

    @property
    def n_timepoints(self) -> int:
        """Full length."""
        return self.points[-1]

    @cached_property
    def n_channels(self) -> int:
        """Number of channels C."""
        return self.models[0].n_channels

    @property
    def n_classes(self) -> int:
        """Number of classes K."""
        return self.trigger.n_classes_

    # -- probabilities

    def probabilities_at(self, X: NDArray[np.floating], point: int) -> NDArray[np.float64]:
        """Calibrated probabilities of point number ``point`` of series (n, C, ≥ its length)."""
        if self._answers is not None or self._ensemble is not None:
            self.models[0].view.check(X, point)
        if self._answers is not None and len(X) <= FEW:
            return self._calibrate(self._answers.predict_proba(X, point)[None])
        if self._ensemble is not None and len(X) <= FEW:
            return self._calibrate(self._ensemble.predict_proba(X, point))
        return self._calibrate([model.predict_proba(X, point) for model in self.models])

    def probabilities_up_to(self, X: NDArray[np.floating], n_points: int) -> NDArray[np.float64]:
        """Calibrated probabilities of the first ``n_points`` points, shape (n_points, n, K)."""
        if check_int("n_points", n_points, 0, len(self.points)) == 0:
            return np.empty((0, len(X), self.n_classes))
        return self._calibrate([model.predict_proba_all(X, n_points) for model in self.models])

    @cached_property
    def advances(self) -> bool:
        """Whether the students can go on from a state, see :meth:`advance`."""
        return all(model.advances for model in self.models)

    def advance(
        self, X: NDArray[np.floating], states: Sequence[Any] | None
    ) -> tuple[NDArray[np.float64], list[Any]]:
        """Calibrated probabilities of series that go on, at the cost of what is new.

        Parameters
        ----------
        X : array of shape (n, C, m)
            The next m points.
        states : sequence of length n or None
            What the last call returned for each series; None at the beginning.
        """
        if self._ensemble is not None:
            votes, memories = self._ensemble.advance(X, states)
            return self._calibrate(votes), memories
        before = [None] * len(self.models) if states is None else merge_states(states)
        pairs = [model.advance(X, s) for model, s in zip(self.models, before, strict=True)]
        after = split_states([state for _, state in pairs], len(X))
        return self._calibrate([votes for votes, _ in pairs]), after

    @property
    def absorbs(self) -> bool:
        """Whether a series can be read point by point, see :meth:`absorb`."""
        return self._answers is not None

    def absorb(self, points: NDArray[np.floating], state: Any | None) -> Any:
        """Read the next points (C, m) of one series, without an answer; None begins.

        The state that is returned may be the one that was given, changed in place.
        """
        assert self._answers is not None
        return self._answers.absorb(points, state)

    def answer(self, state: Any, point: int) -> NDArray[np.float64]:
        """Calibrated probabilities (K,) of a series that was read up to point ``point``."""
        assert self._answers is not None
        return self._calibrate(self._answers.probabilities(state, point)[None])

    def absorb_through(
        self, points: NDArray[np.floating], state: Any | None, through: range
    ) -> tuple[NDArray[np.float64], Any]:
        """Read the next points (C, m) of one series, and answer at several points on the way.

        Calibrated probabilities (len(through), K) and the state.
        """
        assert self._answers is not None
        votes, state = self._answers.absorb_through(points, state, through)
        return self._calibrate(votes[None]), state

    @cached_property
    def _answers(self) -> RocketAnswers | None:
        """The one student as sums that grow, where it can be."""
        return RocketAnswers.of(self.models)

    @cached_property
    def _ensemble(self) -> Ensemble | None:
        """The students as one, where they can be."""
        return Ensemble.of(self.models)

    def ready_to_move(self) -> list[PrefixModel]:
        """Give the students, after their numpy forms are made, which are made on the CPU alone."""
        forms = (self._answers, self._ensemble)
        del forms  # kept where they are cached
        return self.models

    def __getstate__(self) -> dict[str, Any]:
        # what is cached follows from the rest
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def check(self) -> None:
        """Refuse parts that do not belong together, as a damaged or strange file has them.

        Raises
        ------
        Exception
            Of whatever kind the parts lead to.
        """
        n_points = len(self.points)
        for model in self.models:
            sizes = (model.lengths, model.n_channels, model.n_classes)
            if sizes != (self.points, self.n_channels, self.n_classes):
                raise ValueError(f"a student has lengths, channels and classes {sizes}")
            if model.view.stretched == self.shared:
                raise ValueError(f"a student does not fit shared={self.shared!r}")
        if not self.models or any(a >= b for a, b in itertools.pairwise(self.points)):
            raise ValueError(f"it has {len(self.models)} students of points {self.points!r}")
        if self.tilt is not None and np.shape(self.tilt) != (self.n_classes,):
            raise ValueError(f"its tilt {self.tilt!r} is not of {self.n_classes} classes")
        even = np.full((n_points, 1, self.n_classes), 1.0 / self.n_classes)
        calibrated = self._calibrate(even[None])
        for point in range(n_points):
            safe = self.trigger.should_stop(calibrated[: point + 1])
            if safe.shape != (1,) or safe.dtype != bool:
                raise ValueError(f"its rule {self.trigger!r} answers {safe!r}")

    def _calibrate(self, votes: ArrayLike) -> NDArray[np.float64]:
        return apply_temperature(pool_votes(votes), self.temperature, self.tilt)

    # -- decisions

    def start(self, X: Sequence[NDArray[np.floating]], *, complete: bool = False) -> EarlyState:
        """Look at cases for the first time: prefixes (C, m) of equal or unequal lengths m.

        With ``complete`` none is left waiting, and those that are shorter than others have ended.
        """
        state = EarlyState(len(self.points), len(X), self.n_classes)
        self.show(state, X, complete=complete)
        return state

    def decide(self, X: Sequence[NDArray[np.floating]]) -> EarlyState:
        """Decide complete series."""
        return self.start(X, complete=True)

    def final_point(self, end: NDArray[np.int64]) -> NDArray[np.int64]:
        """Say which point decides a series of so many time points: the first not before its end.

        Students there know series that ended before, as they know those of fit that did.
        """
        return np.minimum(np.searchsorted(self.points, end), len(self.points) - 1)

    def show(
        self, state: EarlyState, X: Sequence[NDArray[np.floating]], *, complete: bool = False
    ) -> None:
        """Show the cases of ``state`` longer prefixes, and decide where the rule says so.

        A case that has ended is decided at its end: one that is shown to the full length with NaN
        at last, and with ``complete`` any.
        """
        lengths = np.array([series.shape[1] for series in X], dtype=np.int64)
        reach = np.searchsorted(self.points, lengths, side="right")
        ended = (lengths == self.n_timepoints) | complete
        if ended.any():
            state.ends[ended] = ends_of_each(
                X if ended.all() else [X[i] for i in np.flatnonzero(ended)]
            )
        reach[ended] = self.final_point(state.ends[ended]) + 1
        X = self._padded(X, reach)
        self._look(state, X, reach)
        waiting = ended & ~state.decided
        # a gap at last may have been taken for one that points follow
        state.n_seen[waiting] = reach[waiting]
        state.decided |= ended
        state.length = lengths

    def _padded(
        self, X: Sequence[NDArray[np.floating]], reach: NDArray[np.int64]
    ) -> Sequence[NDArray[np.floating]]:
        """Put NaN behind series that ended, up to the point at which they are decided."""
        wanted = np.asarray((0, *self.points))[reach]
        if all(series.shape[1] >= length for series, length in zip(X, wanted, strict=True)):
            return X
        return [pad_series(X[i][None], int(length))[0] for i, length in enumerate(wanted)]

    def _look(
        self, state: EarlyState, X: Sequence[NDArray[np.floating]], reach: NDArray[np.int64]
    ) -> None:
        """Let students answer and the rule look, up to ``reach`` points of each case."""
        few = self.absorbs and len(X) <= FEW
        readers = [SeriesReader(self, series) for series in X] if few else []
        known = self._known(X, reach, state) if self.shared and not few else None
        n_points = len(self.points)
        # separate students are asked point by point; an answer that comes along costs little
        n_together = _SPAN if readers else 1 if known is None else n_points
        for first in range(0, n_points, n_together):
            ends = np.minimum(reach, first + n_together)
            waiting = ~state.decided & (state.n_seen < ends) & (first < ends)
            for end in np.unique(ends[waiting]):
                group = np.flatnonzero(waiting & (ends == end))
                if readers:
                    for i in group:
                        points = range(max(first, state.n_seen[i]), end)
                        state.probabilities[points, i] = readers[i].answer(points)
                elif known is not None:
                    new = np.arange(end)[:, None] >= state.n_seen[group]
                    rows, columns = np.nonzero(new)
                    cases = group[columns]
                    state.probabilities[rows, cases] = known[rows, cases]
                else:
                    prefixes = np.stack([X[i][:, : self.points[first]] for i in group])
                    state.probabilities[first, group] = self.probabilities_at(prefixes, first)
                self._judge(state, group, int(end))

    def _judge(self, state: EarlyState, group: NDArray[np.intp], end: int) -> None:
        """Let the rule look at some cases, at the points that are new before number ``end``."""
        safe = self.trigger.safe_points(state.probabilities[:end, group])
        safe &= np.arange(end)[:, None] >= state.n_seen[group]
        decided = safe.any(axis=0)
        state.n_seen[group] = np.where(decided, safe.argmax(axis=0) + 1, end)
        state.decided[group[decided]] = True

    def _known(
        self, X: Sequence[NDArray[np.floating]], reach: NDArray[np.int64], state: EarlyState
    ) -> NDArray[np.float64]:
        """One pass of the shared students over each group of cases of equal reach."""
        known = np.zeros_like(state.probabilities)
        for n_points in np.unique(reach[(reach > state.n_seen) & ~state.decided]):
            group = np.flatnonzero((reach == n_points) & ~state.decided)
            m = self.points[n_points - 1]
            prefixes = np.stack([X[i][:, :m] for i in group])
            known[:n_points, group] = self.probabilities_up_to(prefixes, int(n_points))
        return known
