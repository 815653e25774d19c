"""The kernels of the ROCKET family that MiniRocket chose, and how they are spread.

Source: Dempster, Schmidt, Webb: MiniRocket. KDD 2021, section 3.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "N_KERNELS",
    "N_TAPS",
    "kernel_weights",
    "level_weights",
    "lower_quantiles",
    "mix_channels",
    "spread_dilations",
    "spread_fractions",
]

N_KERNELS, N_TAPS = 84, 9
# Kernels of a row are dealt to so many random sums of channels; it divides 84.
_N_MIXTURES = 12
_LARGEST_MIXTURE = 9
# Eight serve better than MiniRocket's up to 32: the features go into biases instead.
_MAX_DILATIONS = 8
_GOLDEN = (np.sqrt(5.0) + 1.0) / 2.0


def kernel_weights() -> NDArray[np.int8]:
    """Give all kernels with three weights 2 and six weights -1: (84, 9)."""
    weights = np.full((N_KERNELS, N_TAPS), -1, dtype=np.int8)
    chosen = np.array(list(itertools.combinations(range(N_TAPS), 3)))
    np.put_along_axis(weights, chosen, 2, axis=1)
    return weights


def level_weights() -> NDArray[np.int8]:
    """Give kernels whose output is the newest value: (84, 9).

    MiniRocket's kernels sum to zero, so that none of them sees at which level a series is.
    """
    weights = np.zeros((N_KERNELS, N_TAPS), dtype=np.int8)
    weights[:, -1] = 1
    return weights


def spread_fractions(n_biases: int) -> NDArray[np.float64]:
    """Give fractions in (0, 1) of low discrepancy, those of a kernel well spread: (biases, 84)."""
    phase = (np.arange(1, n_biases * N_KERNELS + 1) * _GOLDEN) % 1.0
    return phase.reshape(N_KERNELS, -1).T


def spread_dilations(n_timepoints: int, n_features: int) -> list[int]:
    """Spread dilations evenly in log scale over 1 … (length - 1) / 8, as far as features allow."""
    # each is a row of the series and one of its difference, beside the row of levels
    most = min(_MAX_DILATIONS, max(1, (n_features // N_KERNELS - 1) // 2))
    longest = max(1.0, (n_timepoints - 1) / 8)
    return sorted({int(d + 1e-9) for d in np.geomspace(1.0, longest, most)})


def mix_channels(n_channels: int, n_rows: int, random: np.random.Generator) -> NDArray[np.int8]:
    """Random sums of channels: ones and zeros, (rows, mixtures, C).

    The number of channels in a sum is log-uniform in 1 … 9, as in MiniRocket.
    """
    if n_channels == 1:
        return np.ones((n_rows, 1, 1), dtype=np.int8)
    mixing = np.zeros((n_rows, _N_MIXTURES, n_channels), dtype=np.int8)
    most = min(n_channels, _LARGEST_MIXTURE)
    for mixture in mixing.reshape(-1, n_channels):
        size = int(2.0 ** random.uniform(0.0, np.log2(most + 1)))
        mixture[random.choice(n_channels, size=size, replace=False)] = 1
    return mixing


def lower_quantiles(
    outputs: NDArray[np.float32], fractions: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Quantiles of each column, rounded down: (S, 84), (biases, 84) → int32 (biases, 84)."""
    ordered = np.sort(outputs, axis=0)  # NaN last
    n_valid = np.maximum((~np.isnan(ordered)).sum(0), 1)
    at = (fractions * n_valid).astype(int)
    chosen = np.nan_to_num(np.take_along_axis(ordered, at, axis=0))
    return np.floor(chosen).astype(np.int32)
