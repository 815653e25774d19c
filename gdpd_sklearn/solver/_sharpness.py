"""From margins to probabilities: one scale for all prefixes, by left-out likelihood."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from torch import Tensor

__all__ = ["fit_sharpness"]

# A margin of 1 is a sure answer; with these its odds against one other class are e^0.1 and e^100.
_BOUNDS = (0.1, 100.0)


def fit_sharpness(margins: Tensor, y: Tensor, sample_weight: Tensor | None = None) -> float:
    """Find the s that makes held-out cases most likely under ``softmax(s · margins)``.

    Parameters
    ----------
    margins : Tensor of shape (P, N, K)
        Of cases held out, at all prefixes; each case counts once, not once a prefix.
    y : Tensor of int64, shape (N,)
    sample_weight : Tensor of shape (N,), optional

    Returns
    -------
    float
        Between 0.1 and 100.

    Examples
    --------
    >>> import torch
    >>> right = torch.tensor([[1.0, -1.0]]).repeat(40, 1)
    >>> s = fit_sharpness(right[None], torch.tensor([0] * 30 + [1] * 10))  # three of four right
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
        return float(losses.mean(axis=0) @ weight)

    found = minimize_scalar(
        negative_log_likelihood, bounds=tuple(np.log(_BOUNDS)), method="bounded",
        options={"xatol": 1e-6},
    )  # fmt: skip
    return float(np.exp(found.x))
