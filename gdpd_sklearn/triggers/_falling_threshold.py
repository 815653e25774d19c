"""Stop when confidence reaches a threshold that falls as time goes by."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_real
from gdpd_sklearn.triggers._base import Trigger
from gdpd_sklearn.triggers._features import Floats, confidence, log_odds
from gdpd_sklearn.triggers._held_out import HeldOut, central, first_safe

__all__ = ["FallingThreshold"]

N_SLOPES, N_LEVELS = 7, 60
# Of a standard error: half of one waits too long, none follows chance (docs/research.md).
_SHARE = 0.25


class FallingThreshold(Trigger):
    r"""Stop when the log-odds of the predicted class reach a line that falls with time.

    Stop if :math:`\log\frac{p}{1-p} \ge a - b f` with p the largest class probability, f the
    fraction seen and :math:`b \ge 0`. A single threshold (b = 0) makes a case that never becomes
    certain wait to the very end; under the harmonic mean that is dear. The line lets it go once
    waiting has cost more than certainty could bring. Two numbers are learnt for all points and
    classes, so few held-out cases are enough, and log-odds make the line straight where
    confidences crowd near 1; rescaling probabilities by a temperature hardly matters.

    The rule belongs to this package; it is the stopping rule SR1 of Mori et al. (2017) with
    log-odds in place of confidence and margin, a constant, and signs that make sense by
    construction.

    Parameters
    ----------
    max_slope : float, default=3.0
        Largest b that is tried, in standard deviations of the held-out log-odds per full length;
        0 gives a probability threshold.
    tolerance : float, optional
        Candidates so near to the best objective count as equally good; the one in their midst is
        taken. None: a quarter of the standard error that an accuracy of 0.8 has over the held-out
        cases, for the more of them there are, the less a difference is owed to chance.

    Attributes
    ----------
    start_ : float
        The a above: log-odds demanded at the beginning.
    slope_ : float
        The b above: by how much the demand falls over the full length.

    Examples
    --------
    >>> import numpy as np
    >>> from gdpd_sklearn.triggers import FallingThreshold
    >>> p = np.array([[[0.5, 0.5], [0.6, 0.4]], [[0.9, 0.1], [0.1, 0.9]], [[0.9, 0.1], [0, 1]]])
    >>> FallingThreshold().fit(p, [0, 1], [0.2, 0.4, 1.0]).stop_points(p).tolist()
    [1, 1]
    """

    def __init__(self, max_slope: float = 3.0, tolerance: float | None = None) -> None:
        self.max_slope = max_slope
        self.tolerance = tolerance

    def check_parameters(self) -> None:
        """Refuse a negative or infinite slope, a negative tolerance."""
        check_real("max_slope", self.max_slope, 0.0, sys.float_info.max)
        if self.tolerance is not None:
            check_real("tolerance", self.tolerance, 0.0)

    def _fit(self, held_out: HeldOut) -> None:
        odds = _odds(held_out.probabilities)
        spread = float(odds.std()) or 1.0
        # levels in equal steps of rank: a slope moves the levels with it, and the midst of the
        # near-optimal candidates is then a matter of how often a rule stops, not of its units
        ranks = np.linspace(0.0, 1.0, N_LEVELS)
        steepest = float(self.max_slope)
        slopes = np.linspace(0.0, steepest, N_SLOPES) if steepest > 0 else np.zeros(1)
        candidates = []
        for step, slope in enumerate(slopes * spread):
            risen = odds + slope * held_out.fractions[:, None]
            for rank, level in zip(ranks, np.quantile(risen, ranks), strict=True):
                value = float(held_out.value(first_safe(risen >= level)))
                candidates.append((value, step / N_SLOPES, rank, slope, level))
        table = np.array(candidates)
        tolerance = self.tolerance
        if tolerance is None:
            tolerance = _SHARE * float(np.sqrt(0.8 * 0.2 / held_out.n_effective))
        chosen = table[central(table[:, 0], table[:, 1:3], tolerance)]
        self.slope_, self.start_ = float(chosen[3]), float(chosen[4])

    def least_confidence(self) -> Floats:
        """Give the line as a probability; see :meth:`Trigger.least_confidence`."""
        return np.asarray(1.0 / (1.0 + np.exp(self.slope_ * self.fractions_ - self.start_)))

    def _safe(self, probabilities: Floats) -> NDArray[np.bool_]:
        seen = self.fractions_[: len(probabilities), None]
        return np.asarray(_odds(probabilities) + self.slope_ * seen >= self.start_)


def _odds(probabilities: Floats) -> Floats:
    # beyond 999 to 1 a softmax of a small network says no more
    return log_odds(confidence(probabilities), bound=1e-3)
