"""Stop every case at one point, chosen beforehand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_real
from gdpd_sklearn.triggers._base import Trigger
from gdpd_sklearn.triggers._features import Floats
from gdpd_sklearn.triggers._held_out import HeldOut, central

__all__ = ["FixedPoint"]


class FixedPoint(Trigger):
    """Stop all cases at the same point: the best one for the held-out cases.

    The rule never looks at the probabilities of the case in hand. It is the strongest rule there
    is where confidence tells nothing, and what any other rule has to beat. Its delay is known
    before the first value arrives.

    Parameters
    ----------
    fraction : float in [0, 1], optional
        Stop at the first point that has seen at least this share of the series: 0 is as soon as
        possible, 1 as late as possible. None: the point is chosen on the held-out cases.
    tolerance : float, default=0.01
        Points so near to the best objective count as equally good; the middle one is taken.

    Attributes
    ----------
    point_ : int
        Index of the point at which every case stops.

    References
    ----------
    The selective truncation of STRUT, in the framework of Akasiadis, Kladis, Kamberi,
    Michelioudakis, Alevizos, Artikis: A framework to evaluate early time-series classification
    algorithms. EDBT 2024. The best fixed time is also an old yardstick of cost-based rules.

    Examples
    --------
    >>> import numpy as np
    >>> from gdpd_sklearn.triggers import FixedPoint
    >>> p = np.array([[[0.5, 0.5], [0.6, 0.4]], [[0.9, 0.1], [0.1, 0.9]], [[0.9, 0.1], [0, 1]]])
    >>> FixedPoint().fit(p, [0, 1], [0.2, 0.4, 1.0]).stop_points(p).tolist()
    [1, 1]
    """

    def __init__(self, fraction: float | None = None, tolerance: float = 0.01) -> None:
        self.fraction = fraction
        self.tolerance = tolerance

    def check_parameters(self) -> None:
        """Refuse a share outside [0, 1], a negative tolerance."""
        if self.fraction is not None:
            check_real("fraction", self.fraction, 0.0, 1.0)
        check_real("tolerance", self.tolerance, 0.0)

    def _fit(self, held_out: HeldOut) -> None:
        shares = held_out.fractions
        if self.fraction is not None:
            # 0.3 of 20 points is met by 0.30000000000000004 and by 0.29999999999999999
            reached = shares >= float(self.fraction) - 1e-9
            self.point_ = int(reached.argmax())
            return
        points = np.arange(len(shares))
        stops = np.repeat(points[:, None], len(held_out.y), axis=1)
        self.point_ = central(held_out.value(stops), points.astype(np.float64), self.tolerance)

    def _safe(self, probabilities: Floats) -> NDArray[np.bool_]:
        n_points, n_cases, _ = probabilities.shape
        late = np.arange(n_points) >= self.point_
        return np.repeat(late[:, None], n_cases, axis=1)
