"""Random-kernel features of series that come point by point, in plain numpy.

For one new point the work of :class:`RocketFeatures` is so small that the overhead of torch's calls
would be most of it. The numbers are the same to the last bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.networks._rocket_features import RocketFeatures
from gdpd_sklearn.networks._rocket_kernels import N_KERNELS, N_TAPS

__all__ = ["RocketStream", "StreamState"]

Singles = NDArray[np.float32]


class StreamState(NamedTuple):
    """What is remembered of N series; every array has the series first.

    Attributes
    ----------
    context : ndarray of float32, shape (N, 2, C, 8 · d_max)
        Last values of the series and of its difference, on the grid of the kernels.
    counts : ndarray of int32, shape (N, F)
        At how many times each output was above its bias.
    n_valid : ndarray of int32, shape (N, rows · mixtures)
        How many windows held no missing value.
    n_seen : ndarray of int64, shape (N,)
        How many points were read.
    """

    context: Singles
    counts: NDArray[np.int32]
    n_valid: NDArray[np.int32]
    n_seen: NDArray[np.int64]


class RocketStream:
    """The features of a fitted module, for streams.

    Parameters
    ----------
    module : RocketFeatures
        Read once; a later change of it does not show here.
    """

    def __init__(self, module: RocketFeatures) -> None:
        self.n_rows, self.n_mixtures, self.n_channels = module.mixing.shape
        self.n_features, self.n_biases = module.n_features, len(module.biases)
        self.limit = np.float32(module.limit)
        self.step = np.ldexp(np.float32(1.0), -module.exponents.cpu().numpy()[:, None])
        self.mixing = module.mixing.cpu().numpy().astype(np.float32)
        kernels = module.kernels.cpu().numpy().astype(np.float32)
        shape = (self.n_rows, self.n_mixtures, -1, N_TAPS)
        kernels = kernels.reshape(shape).transpose(0, 1, 3, 2)
        # one channel: the kernels of all rows are the same, but those of the last one, the level
        self.kernels = kernels[0, 0] if self.n_channels == 1 else np.ascontiguousarray(kernels)
        self.used = module.kernels.cpu().numpy().astype(bool).any(1)[:, None]  # (rows, 1, 9)
        biases = module.biases.cpu().numpy().reshape(self.n_biases, -1)
        self.biases = biases.astype(np.float32)
        dilations = module.dilations.cpu().numpy()
        self.reach = 8 * int(dilations.max())
        self.dilations = dilations
        length = self.reach + 1  # of the context with one new point
        back = self.reach - np.arange(8, -1, -1) * dilations[:, None, None]  # (rows, 1, 9)
        source = module.differenced.cpu().numpy()[:, None, None] * self.n_channels
        self.positions = (source + np.arange(self.n_channels)[:, None]) * length + back

    def start(self, n_cases: int) -> StreamState:
        """Give the state before the first point of ``n_cases`` series."""
        return StreamState(
            np.zeros((n_cases, 2, self.n_channels, self.reach), dtype=np.float32),
            np.zeros((n_cases, self.n_features), dtype=np.int32),
            np.zeros((n_cases, self.n_rows * self.n_mixtures), dtype=np.int32),
            np.zeros(n_cases, dtype=np.int64),
        )

    def push(self, x: NDArray[np.floating], state: StreamState) -> StreamState:
        """Read further points (N, C, m); the cost of a point does not depend on those before."""
        values = np.clip(np.round(x.astype(np.float32) * self.step), -self.limit, self.limit)
        for time in range(x.shape[2]):
            state = self._push_one(values[:, :, time], state)
        return state

    def features(self, state: StreamState) -> Singles:
        """Features (N, F) of all points read."""
        n_cases = len(state.counts)
        fits = (8 * self.dilations < state.n_seen[:, None]) | (self.dilations == 1)
        valid = state.n_valid.reshape(n_cases, 1, self.n_rows, self.n_mixtures, 1)
        weight = ((valid > 0) & fits[:, None, :, None, None]).astype(np.float32)
        counts = state.counts.reshape(n_cases, self.n_biases, self.n_rows, self.n_mixtures, -1)
        divisor = np.maximum(valid, 1).astype(np.float32)
        shares = counts.astype(np.float32) / divisor * weight
        return shares.reshape(n_cases, -1)

    def _push_one(self, values: Singles, state: StreamState) -> StreamState:
        n_cases = len(values)
        longer = np.empty((n_cases, 2, self.n_channels, self.reach + 1), dtype=np.float32)
        longer[..., :-1] = state.context
        longer[:, 0, :, -1] = values
        change = np.clip(values - longer[:, 0, :, -2], -self.limit, self.limit)
        began = state.n_seen[:, None] > 0
        longer[:, 1, :, -1] = np.where(began, change, values - values)  # NaN stays NaN
        taps = longer.reshape(n_cases, -1).take(self.positions, axis=1)  # (N, rows, C, 9)
        holes = (np.isnan(taps) & self.used).any(-1)
        missing = bool(holes.any())
        if missing:
            taps = np.nan_to_num(taps)
        if self.n_channels == 1:
            outputs = (taps.reshape(-1, N_TAPS) @ self.kernels).reshape(n_cases, self.n_rows, -1)
            outputs[:, -1] = taps[:, -1, 0, -1:]
        else:
            outputs = (self.mixing @ taps)[:, :, :, None] @ self.kernels
        outputs = outputs.reshape(n_cases, self.n_rows * self.n_mixtures, -1)
        n_valid = state.n_valid + np.int32(1)
        if missing:
            hole = (self.mixing @ holes[..., None].astype(np.float32)).reshape(n_valid.shape) > 0
            outputs[hole] = -np.inf
            n_valid -= hole
        above = outputs.reshape(n_cases, 1, self.n_rows * N_KERNELS) > self.biases
        counts = state.counts + above.reshape(n_cases, -1)
        return StreamState(longer[..., 1:], counts, n_valid, state.n_seen + 1)
