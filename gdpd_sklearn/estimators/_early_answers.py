"""What an early classifier says of series in plain arrays and tables, and as a stream."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gdpd_sklearn.data import ends_of_each, pad_series
from gdpd_sklearn.estimators._answers import EarlyPrediction, decided_labels
from gdpd_sklearn.estimators._as_classifier import EarlyAsClassifier
from gdpd_sklearn.estimators._early_reading import EarlyReading
from gdpd_sklearn.estimators._explains import Explains
from gdpd_sklearn.estimators._explanation import Asked, Voters
from gdpd_sklearn.estimators._report import HeldOutDecisions, report_of
from gdpd_sklearn.estimators._stream import EarlyStream

__all__ = ["EarlyAnswers"]


class EarlyAnswers(Explains, EarlyReading):
    """Answers for tools that know no pairs."""

    held_out_probabilities_: NDArray[np.float64]
    held_out_codes_: NDArray[np.int64]
    held_out_weights_: NDArray[np.float64] | None

    def predict_early(self, X: Any) -> EarlyPrediction:
        """Decide complete series, and tell when each decision fell.

        Parameters
        ----------
        X : array of shape (n, n_channels, n_timepoints_) or list of arrays (n_channels, m)
            A series that is shorter than the full length has ended, and so has one whose last
            values are missing in all channels. It is decided at its end, if not before.

        Returns
        -------
        EarlyPrediction
            ``(labels, probabilities, stop_times)``.
        """
        self._check_is_fitted()
        series = self._read(X)
        state = self.engine_.decide(self._stretched(series))
        labels, _ = decided_labels(state, self.classes_)
        stop_times = state.state_info(self.classification_points_)[:, 3]
        if self.prefix_by == "share":
            stop_times = self._own_times(stop_times, series)
        return EarlyPrediction(labels, state.latest(), stop_times)

    def report(self, X: Any) -> pd.DataFrame:
        """Tabulate the decisions on series, with how far to trust them.

        ``reliability`` tells how often held-out cases like this one were right. Those are training
        cases answered by students that never saw them; the fitted rule decides each of them. Alike
        are the 30 that come nearest: of the cases that stopped at the same classification point,
        or at the fewest points around it that hold 30, those whose confidence differs least. Equal
        differences all count, and so do all cases where there are no 30. Weights of cases count.
        The rule was chosen on the same cases, which flatters it a little.

        Parameters
        ----------
        X : array of shape (n_cases, n_channels, n_timepoints) or list of arrays
            As for ``predict``: what is known so far.

        Returns
        -------
        pandas.DataFrame
            A row for each case, all but the first column missing where the rule still waits:

            - ``decided``: bool.
            - ``label``, ``confidence``: the most probable class and its probability.
            - ``stop_time``, ``stop_share``: time points at the decision, and their share of the
              full length.
            - ``runner_up``, ``runner_up_probability``: the class that came second.
            - ``reliability``, ``n_alike``: the share of alike held-out cases that were right, and
              how many these are.

        Examples
        --------
        >>> from aeon.datasets import load_italy_power_demand
        >>> from gdpd_sklearn import GDPDEarlyClassifier
        >>> X, y = load_italy_power_demand(split="train")
        >>> early = GDPDEarlyClassifier(random_state=0).fit(X, y)
        >>> report = early.report(X[:5])
        >>> report.columns.tolist()[:4]
        ['decided', 'label', 'confidence', 'stop_time']
        """
        self._check_is_fitted()
        series = self._read(X)
        seen = self._stretched(series)
        state = self.engine_.start(seen, complete=self._are_complete(seen))
        table = report_of(
            state, self.engine_.points, self.classes_, self._held_out_decisions()
        )  # fmt: skip
        if self.prefix_by == "share":
            table["stop_time"] = self._own_times(table["stop_time"], series)
        return table

    def _held_out_decisions(self) -> HeldOutDecisions:
        """Give what the rule decides on held-out cases."""
        return HeldOutDecisions.of(
            self.engine_, self.held_out_probabilities_, self.held_out_codes_, self.held_out_weights_
        )

    def _own_times(self, times: Any, series: Any) -> Any:
        """Give times of stretched series in points of the series themselves, rounded up."""
        return -(-times * ends_of_each(series) // self.n_timepoints_)

    def stream(self) -> EarlyStream:
        """Open a session for series that arrive point by point, each at its own pace.

        Raises
        ------
        ValueError
            With ``prefix_by="share"``: of what length a share is, is known at the end alone.
        """
        self._check_is_fitted()
        if self.prefix_by == "share":
            raise ValueError(
                f"prefix_by={self.prefix_by!r} counts shares of each series' own length, which a "
                f"stream does not know before the end; fit with prefix_by='time'."
            )
        return EarlyStream(self.engine_, self.classes_)

    def as_classifier(self, prefix: float | int | None = None) -> EarlyAsClassifier:
        """View as a plain classifier, for every tool of scikit-learn; fitted if this one is.

        Its probabilities are those at the last classification point within ``prefix``, a share or
        a number of time points; by default those of each case's decision.
        """
        return EarlyAsClassifier.view(self, prefix)

    def _asked(self, X: Any) -> tuple[Voters, list[Asked]]:
        engine = self.engine_
        series = self._preprocess_collection(X)
        state = engine.start(series, complete=self._are_complete(series))
        points = (0, *engine.points)
        asked = [
            Asked(
                each, pad_series(each[None], points[n_seen])[0], int(n_seen) - 1,
                int(min(points[n_seen], end)), bool(decided),
            )
            for each, n_seen, end, decided in zip(
                series, state.n_seen, state.ends, state.decided, strict=True
            )
        ]  # fmt: skip
        voters = Voters(engine.models, engine.probabilities_at, engine.temperature, engine.tilt)
        return voters, asked
