"""Stop when the most probable class is far enough ahead."""

from __future__ import annotations

from gdpd_sklearn.triggers._features import Floats, margin
from gdpd_sklearn.triggers._threshold import ThresholdTrigger

__all__ = ["Margin"]


class Margin(ThresholdTrigger):
    """Stop when the two largest class probabilities differ by a threshold.

    For two classes this is the probability threshold in another unit; for more classes it tells
    "one rival" from "many small ones".

    Parameters
    ----------
    threshold : float in [0, 1], optional
        Least difference. None: chosen on the held-out cases.
    consecutive : int, optional
        Consecutive points with the same predicted class and at least that difference. None: 1,
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
    >>> from gdpd_sklearn.triggers import Margin
    >>> p = np.array([[[0.6, 0.4]], [[0.8, 0.2]], [[0.9, 0.1]]])
    >>> Margin(threshold=0.5).fit(p, [0], [0.2, 0.6, 1.0]).stop_points(p).tolist()
    [1]
    """

    def _score(self, probabilities: Floats) -> Floats:
        return margin(probabilities)
