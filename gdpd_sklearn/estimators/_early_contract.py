"""The contract of aeon's early classifiers: pairs of answers and decisions, and a state."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.data import Mark
from gdpd_sklearn.estimators._answers import EarlyAnswer, decided_labels, decided_probabilities
from gdpd_sklearn.estimators._early_reading import EarlyReading
from gdpd_sklearn.estimators._labels import check_all_labelled
from gdpd_sklearn.estimators._score import EarlyScore, score_decisions
from gdpd_sklearn.estimators._session import Session
from gdpd_sklearn.estimators._state import EarlyState

__all__ = ["EarlyContract"]


class EarlyContract(EarlyReading):
    """What aeon asks of an early classifier."""

    unlabelled: Mark
    _session: Session

    def _start(self, X: Any) -> EarlyState:
        return self._session.start(self.engine_, X, complete=self._are_complete(X))

    def _update(self, X: Any) -> EarlyState:
        return self._session.update(self.engine_, X, complete=self._are_complete(X))

    def _predict(self, X: Any) -> EarlyAnswer:
        return decided_labels(self._start(X), self.classes_)

    def _predict_proba(self, X: Any) -> EarlyAnswer:
        return decided_probabilities(self._start(X))

    def _update_predict(self, X: Any) -> EarlyAnswer:
        return decided_labels(self._update(X), self.classes_)

    def _update_predict_proba(self, X: Any) -> EarlyAnswer:
        return decided_probabilities(self._update(X))

    def _score(self, X: Any, y: Any, sample_weight: Any = None) -> EarlyScore:
        info = self.engine_.decide(X).state_info(self.classification_points_)
        return score_decisions(info, y, self.classes_, self.n_timepoints_, sample_weight)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> EarlyScore:
        """Harmonic mean on complete series, which unpacks into it, accuracy and earliness.

        Earliness is the time of the decision as a share of the full length ``n_timepoints_``, of
        shorter series too; with ``prefix_by="share"`` it is a share of their own length.

        It is the harmonic mean whatever ``objective`` the rule was chosen for, as aeon has it: a
        search ranks by it unless it is told otherwise. ``gdpd_sklearn.estimators.SCORERS`` has
        scorers for ``scoring=``; that of ``"objective"`` ranks by cost where the objective is one.

        Parameters
        ----------
        X : array of shape (n_cases, n_channels, n_timepoints_) or list of arrays
            A shorter series has ended.
        y : array of shape (n_cases,)
            Labels of the type that fit saw; one that fit did not see is never right.
        sample_weight : array of shape (n_cases,), optional
            Weights of the cases in accuracy and earliness.
        """
        self._check_is_fitted()
        check_all_labelled(y, self.unlabelled)
        return self._score(self._preprocess_collection(X), y, sample_weight)

    def compute_harmonic_mean(
        self, state_info: NDArray[np.int64], y: NDArray[Any]
    ) -> tuple[float, float, float]:
        """Harmonic mean, accuracy and earliness of a state (n, 4) in which every case is decided.

        The method is aeon's; ``y`` are the true labels (n,).
        """
        score = score_decisions(state_info, y, self.classes_, self.n_timepoints_)
        return score.harmonic_mean, score.accuracy, score.earliness

    @property
    def state_info(self) -> NDArray[np.int64] | None:
        """State of the last prediction: point index, safe decisions, class code, length."""
        state = self._session.state
        return None if state is None else state.state_info(self.classification_points_)

    @state_info.setter
    def state_info(self, value: None) -> None:
        # aeon's base class assigns None in __init__ and reset_state_info; nothing else makes sense
        if value is not None:
            raise ValueError(f"state_info={value!r} can only be set to None, which resets it.")
        self._session = Session()
