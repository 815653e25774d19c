"""Gaussian kernel sums with plain arrays."""

from __future__ import annotations

import numpy as np

from gdpd_sklearn.triggers._features import Floats

__all__ = ["gaussian_kernel", "kernel_sum"]

# rows per step: the (rows, m, d) differences then stay within some megabytes
CHUNK = 256


def gaussian_kernel(x: Floats, centres: Floats, gamma: float) -> Floats:
    """``exp(-gamma · ‖x - c‖²)``: (n, d), (m, d) -> (n, m)."""
    distance = ((x[:, None] - centres) ** 2).sum(axis=-1)
    return np.asarray(np.exp(-gamma * distance))


def kernel_sum(x: Floats, centres: Floats, coefficients: Floats, gamma: float) -> Floats:
    """Weighted sum of kernels at each row, the same to the last bit whatever rows are beside.

    A matrix product would be quicker, but its rounding depends on the number of rows, and a
    streamed case must be decided as in a batch.
    """
    total = np.empty(len(x))
    for start in range(0, len(x), CHUNK):
        rows = slice(start, start + CHUNK)
        total[rows] = (gaussian_kernel(x[rows], centres, gamma) * coefficients).sum(axis=-1)
    return total
