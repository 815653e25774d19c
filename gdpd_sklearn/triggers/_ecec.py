"""ECEC (Lv et al. 2019): how reliable predictions were, fused over the points so far."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_choice, check_real
from gdpd_sklearn.triggers._base import Trigger
from gdpd_sklearn.triggers._features import Floats, predictions
from gdpd_sklearn.triggers._held_out import HeldOut, central, first_safe

__all__ = ["Ecec"]

N_THRESHOLDS = 201


class Ecec(Trigger):
    r"""Stop when the predictions so far, weighed by how often such were right, agree enough.

    1. Reliability: of the held-out cases for which point t predicted class k, the share that is
       of class c, :math:`r_t(c\,|\,k)`; 0 where point t never predicted k.
    2. Confidence in the present prediction c of point t, fused over all points so far:
       :math:`1 - \prod_{s \le t} (1 - r_s(c\,|\,k_s))`. With ``fuse="agreeing"`` only points whose
       prediction :math:`k_s` is c take part, with ``fuse="all"`` every point does.
    3. The case stops where the confidence reaches one threshold, chosen for the objective.

    Only the predicted classes are read, never the probabilities: classifiers need not be
    calibrated.

    ==========================  =====================
    paper                       here
    ==========================  =====================
    reliability                 ``reliability_``
    fused confidence            ``_confidence``
    confidence threshold        ``threshold_``
    ==========================  =====================

    Parameters
    ----------
    fuse : {"agreeing", "all"}, default="agreeing"
        Which points speak for the present prediction.
    tolerance : float, default=0.01
        Thresholds so near to the best objective count as equally good; the middle one is taken.

    Attributes
    ----------
    reliability_ : ndarray of shape (P, K, K)
        At [t, k, c], the share of class c among the cases that point t called k.
    threshold_ : float
        Least confidence.

    References
    ----------
    Lv, Hu, Li, Li: An effective confidence-based early classification of time series. IEEE Access
    7, 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from gdpd_sklearn.triggers import Ecec
    >>> p = np.array([[[0.4, 0.6], [0.4, 0.6]], [[0.9, 0.1], [0.1, 0.9]], [[0.9, 0.1], [0, 1]]])
    >>> Ecec().fit(p, [0, 1], [0.2, 0.4, 1.0]).stop_points(p).tolist()
    [1, 1]
    """

    def __init__(self, fuse: str = "agreeing", tolerance: float = 0.01) -> None:
        self.fuse = fuse
        self.tolerance = tolerance

    def check_parameters(self) -> None:
        """Refuse an unknown way to fuse, a negative tolerance."""
        check_choice("fuse", self.fuse, ("agreeing", "all"))
        check_real("tolerance", self.tolerance, 0.0)

    def _fit(self, held_out: HeldOut) -> None:
        labels = predictions(held_out.probabilities)
        n_classes = held_out.probabilities.shape[2]
        counts = np.zeros((len(labels), n_classes, n_classes))
        for point, called in zip(counts, labels, strict=True):
            np.add.at(point, (called, held_out.y), held_out.weights)
        totals = counts.sum(axis=2, keepdims=True)
        self.reliability_ = counts / np.where(totals > 0, totals, 1.0)
        confidence = self._confidence(held_out.probabilities)
        # equal steps in rank, not in value: fused confidences crowd near 1
        ranks = np.linspace(0.0, 1.0, N_THRESHOLDS)
        thresholds = np.quantile(confidence, ranks)
        values = np.array([held_out.value(first_safe(confidence >= least)) for least in thresholds])
        self.threshold_ = float(thresholds[central(values, ranks, self.tolerance)])

    def _confidence(self, probabilities: Floats) -> Floats:
        """Fuse the reliabilities of the points so far: (P, n, K) -> (P, n)."""
        labels = predictions(probabilities)
        n_points, n_cases, n_classes = probabilities.shape
        cases = np.arange(n_cases)
        doubt = np.ones((n_cases, n_classes))
        confidence = np.empty((n_points, n_cases))
        for t, called in enumerate(labels):
            if self.fuse == "all":
                doubt *= 1.0 - self.reliability_[t, called]
            else:
                doubt[cases, called] *= 1.0 - self.reliability_[t, called, called]
            confidence[t] = 1.0 - doubt[cases, called]
        return confidence

    def _safe(self, probabilities: Floats) -> NDArray[np.bool_]:
        return np.asarray(self._confidence(probabilities) >= self.threshold_)
