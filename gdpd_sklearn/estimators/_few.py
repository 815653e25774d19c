"""Quick answers about a few series, where torch would spend its time on calls."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.networks import PrefixModel, RocketAnswers

__all__ = ["FEW", "FewSeries"]

# Cases up to which students answer in numpy: more of them keep torch busy.
FEW = 16


class FewSeries:
    """A box for the numpy form of a fitted model; it is always copied and pickled empty.

    An estimator must not change when it predicts (aeon hashes every attribute before and after),
    and the form is made when it is first asked for.
    """

    def __init__(self) -> None:
        self._known: tuple[PrefixModel | None, RocketAnswers | None] = (None, None)

    def __reduce__(self) -> tuple[Any, ...]:
        return (FewSeries, ())

    def predict_proba(self, model: PrefixModel, X: NDArray[np.floating]) -> NDArray[np.float64]:
        """Class probabilities (N, K) of a model of one prefix length, by the quicker way."""
        if len(X) > FEW:
            return model.predict_proba(X)
        known, answers = self._known
        if known is not model:
            answers = RocketAnswers.of([model])
            self._known = model, answers
        return model.predict_proba(X) if answers is None else answers.predict_proba(X, 0)
