"""Stop when the most probable class is probable enough."""

from __future__ import annotations

import numpy as np

from gdpd_sklearn.triggers._features import Floats, confidence
from gdpd_sklearn.triggers._threshold import ThresholdTrigger

__all__ = ["ProbabilityThreshold"]


class ProbabilityThreshold(ThresholdTrigger):
    """Stop when the largest class probability reaches a threshold.

    One threshold serves all points and classes.

    Parameters
    ----------
    threshold : float in [0, 1], optional
        Least probability of the predicted class. None: chosen on the held-out cases.
    consecutive : int, optional
        Consecutive points with the same predicted class and at least that probability. None: 1,
        2 or 3, chosen together with the threshold.
    tolerance : float, default=0.02
        Candidates so near to the best objective count as equally good; the middle one is taken.

    Attributes
    ----------
    threshold_ : float
        The threshold in use.
    consecutive_ : int
        The number of agreeing points in use.

    Examples
    --------
    >>> import numpy as np
    >>> from gdpd_sklearn.triggers import ProbabilityThreshold
    >>> p = np.array([[[0.6, 0.4]], [[0.8, 0.2]], [[0.9, 0.1]]])
    >>> rule = ProbabilityThreshold(threshold=0.7).fit(p, [0], [0.2, 0.6, 1.0])
    >>> rule.stop_points(p).tolist()
    [1]
    """

    def least_confidence(self) -> Floats:
        """Give the threshold at each point; see :meth:`Trigger.least_confidence`."""
        return np.full(len(self.fractions_), self.threshold_)

    def _score(self, probabilities: Floats) -> Floats:
        return confidence(probabilities)
