"""From margins to probabilities: one scale for all prefixes, by left-out likelihood."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from torch import Tensor

__all__ = ["fit_sharpness"]

# A margin of ±1 is a sure answer, so that softmax(2 · margin) is what a temperature starts from.
_START = 2.0
# As far as a temperature goes either way: margins that are all right ask for no end of it.
_BOUND = 5.0


def fit_sharpness(
    margins: Tensor, y: Tensor, sample_weight: Tensor | None = None, prior_weight: float = 2.0
) -> float:
    r"""Find the s that makes held-out cases most likely under ``softmax(s · margins)``.

    Minimises :math:`-\sum_i \log \mathrm{softmax}(s m_i)_{y_i} + w (\log (s / 2))^2` over s in
    [0.4, 10]: few cases stay near 2.

    Parameters
    ----------
    margins : Tensor of shape (P, N, K)
        Of cases held out, at all prefixes; each case counts once, not once a prefix.
    y : Tensor of int64, shape (N,)
    sample_weight : Tensor of shape (N,), optional
    prior_weight : float, default=2.0
        The w above.

    Returns
    -------
    float

    Examples
    --------
    >>> import torch
    >>> right = torch.tensor([[1.0, -1.0]]).repeat(40, 1)
    >>> y = torch.tensor([0] * 30 + [1] * 10)  # three of four are right
    >>> s = fit_sharpness(right[None], y, prior_weight=0.0)
    >>> round(2 * s, 3)  # their log-odds
    1.099
    """
    values: NDArray[np.float64] = margins.double().cpu().numpy()
    codes = y.cpu().numpy()
    weight = np.ones(len(codes)) if sample_weight is None else sample_weight.double().cpu().numpy()
    own = values[:, np.arange(len(codes)), codes]

    def negative_log_likelihood(log_sharpness: float) -> float:
        sharpness = np.exp(log_sharpness)
        losses = logsumexp(sharpness * values, axis=-1) - sharpness * own
        shift = log_sharpness - np.log(_START)
        return float(losses.mean(axis=0) @ weight + prior_weight * shift**2)

    bounds = (np.log(_START / _BOUND), np.log(_START * _BOUND))
    found = minimize_scalar(
        negative_log_likelihood, bounds=bounds, method="bounded", options={"xatol": 1e-6}
    )
    return float(np.exp(found.x))
