"""Random-kernel features of a series that comes point by point, in plain numpy.

For one new point the work of :class:`RocketFeatures` is so small that the overhead of torch's calls
would be most of it. The numbers are the same to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.networks._rocket_features import RocketFeatures
from gdpd_sklearn.networks._rocket_kernels import N_TAPS

__all__ = ["RocketStream", "StreamState"]

Singles = NDArray[np.float32]

# Points that are read together; their indicators then stay in a core's cache.
_BLOCK_POINTS = 32
# Sums of indicators are bytes until they could overflow.
_MOST_RECENT = 255


@dataclass(slots=True)
class StreamState:
    """What is remembered of one series; reading changes it in place.

    Attributes
    ----------
    window : ndarray of float32, shape (2, C, W)
        Latest values of the series and of its difference, on the grid of the kernels. It is filled
        from left to right; when it is full, what the kernels still reach moves to the front.
    end : int
        Where the next value goes.
    counts : ndarray of int32, shape (F,)
        At how many times each output was above its bias, but for the latest times.
    recent : ndarray of uint8, shape (F,)
        The same of the latest ``n_recent`` times.
    n_recent : int
    n_holes : ndarray of int32, shape (rows · mixtures,)
        How many windows held a missing value.
    n_seen : int
        How many points were read.
    whole_from : int
        From so many points on, windows hold none of the missing values that were read.
    """

    window: Singles
    end: int
    counts: NDArray[np.int32]
    recent: NDArray[np.uint8]
    n_recent: int
    n_holes: NDArray[np.int32]
    n_seen: int
    whole_from: int


class RocketStream:
    """The features of a fitted module, for streams.

    Parameters
    ----------
    module : RocketFeatures
        Read once; a later change of it does not show here.
    """

    def __init__(self, module: RocketFeatures) -> None:
        self.n_rows, self.n_mixtures, self.n_channels = module.mixing.shape
        self.n_features, n_biases = module.n_features, len(module.biases)
        self._limit = np.float32(module.limit)
        self._step = np.ldexp(np.float32(1.0), -module.exponents.cpu().numpy()[:, None])
        self._mixing = module.mixing.cpu().numpy().astype(np.float32)
        kernels = module.kernels.cpu().numpy().astype(np.float32)
        shape = (self.n_rows, self.n_mixtures, -1, N_TAPS)
        kernels = kernels.reshape(shape).transpose(0, 1, 3, 2)
        # one channel: the kernels of all rows are the same
        self._kernels = kernels[0, 0] if self.n_channels == 1 else np.ascontiguousarray(kernels)
        biases = module.biases.cpu().numpy().reshape(n_biases, -1)
        self._biases = biases.astype(np.float32)  # (biases, outputs)
        dilations = module.dilations.cpu().numpy()
        self._fits_after = np.where(dilations == 1, 0, 8 * dilations).repeat(self.n_mixtures)
        self.reach = 8 * int(dilations.max())
        # twice the reach: it is seldom moved to the front then
        self._width = self.reach + max(self.reach, _BLOCK_POINTS)
        back = self.reach - np.arange(8, -1, -1) * dilations[:, None, None]  # (rows, 1, 9)
        source = module.differenced.cpu().numpy()[:, None, None] * self.n_channels
        source = (source + np.arange(self.n_channels)[:, None]) * self._width
        self._taps = source + back  # (rows, C, 9), of the first window

    def start(self) -> StreamState:
        """Give the state before the first point of a series."""
        return StreamState(
            window=np.zeros((2, self.n_channels, self._width), dtype=np.float32),
            end=self.reach,
            counts=np.zeros(self.n_features, dtype=np.int32),
            recent=np.zeros(self.n_features, dtype=np.uint8),
            n_recent=0,
            n_holes=np.zeros(self.n_rows * self.n_mixtures, dtype=np.int32),
            n_seen=0,
            whole_from=0,
        )

    def push(self, x: NDArray[np.floating], state: StreamState) -> None:
        """Read further points (C, m); the cost of a point does not depend on those before."""
        values = np.rint(x.astype(np.float32) * self._step)
        np.minimum(values, self._limit, out=values)
        np.maximum(values, -self._limit, out=values)
        for start in range(0, values.shape[1], _BLOCK_POINTS):
            self._push_block(values[:, start : start + _BLOCK_POINTS], state)

    def features(self, state: StreamState) -> Singles:
        """Features (F,) of all points read."""
        self._flush(state)
        valid = state.n_seen - state.n_holes
        counted = (valid > 0) & (self._fits_after < state.n_seen)
        # what does not count is divided by infinity
        divisor = np.where(counted, valid, np.inf).astype(np.float32)[:, None]
        shares: Singles = state.counts.astype(np.float32)
        by_mixture = shares.reshape(len(self._biases), len(divisor), -1)
        np.divide(by_mixture, divisor, out=by_mixture)
        return shares

    def _push_block(self, values: Singles, state: StreamState) -> None:
        """Read at most so many points (C, m) as a block has."""
        n_new = values.shape[1]
        taps = self._windows(values, state)
        missing = state.n_seen < state.whole_from
        holes = np.isnan(taps).any(-1) if missing else None
        if missing:
            taps = np.nan_to_num(taps)
        outputs = self._outputs(taps)
        if holes is not None:
            hole = (self._mixing @ holes[..., None].astype(np.float32)).reshape(n_new, -1) > 0
            outputs.reshape(n_new, hole.shape[1], -1)[hole] = -np.inf
            state.n_holes += hole.sum(0, dtype=np.int32)
        if state.n_recent + n_new > _MOST_RECENT:
            self._flush(state)
        recent = state.recent.reshape(self._biases.shape)
        if n_new == 1:
            recent += np.greater(outputs, self._biases).view(np.uint8)
        else:
            above = np.greater(outputs, self._biases[:, None]).view(np.uint8)
            recent += np.add.reduce(above, axis=1, dtype=np.uint8)
        state.n_recent += n_new
        state.n_seen += n_new

    def _windows(self, values: Singles, state: StreamState) -> Singles:
        """Put new points (C, m) into the window, and read what the kernels see: (m, rows, C, 9)."""
        n_new = values.shape[1]
        window = state.window
        if state.end + n_new > self._width:
            window[..., : self.reach] = window[..., state.end - self.reach : state.end]
            state.end = self.reach
        first, end = state.end, state.end + n_new
        window[0, :, first:end] = values
        change = values - window[0, :, first - 1 : end - 1]
        if state.n_seen == 0:  # before the first point there is no difference: 0
            change[:, 0] = values[:, 0] - values[:, 0]  # NaN stays NaN
        np.minimum(change, self._limit, out=change)
        np.maximum(change, -self._limit, out=window[1, :, first:end])
        if np.isnan(values).any():
            # the difference after a missing value is missing too
            state.whole_from = state.n_seen + n_new + self.reach + 1
        state.end = end
        seen = window.reshape(-1)[first - self.reach :]
        if n_new == 1:
            return seen.take(self._taps)[None]
        return seen.take(self._taps + np.arange(n_new)[:, None, None, None])

    def _outputs(self, taps: Singles) -> Singles:
        """Kernel outputs: (m, rows, C, 9) → (m, outputs)."""
        n_new = len(taps)
        if self.n_channels == 1:
            return (taps.reshape(-1, N_TAPS) @ self._kernels).reshape(n_new, -1)
        mixed = (self._mixing @ taps).transpose(1, 2, 0, 3)  # (rows, mixtures, m, 9)
        outputs = (mixed @ self._kernels).transpose(2, 0, 1, 3)
        return np.ascontiguousarray(outputs).reshape(n_new, -1)

    def _flush(self, state: StreamState) -> None:
        """Add what was counted in bytes."""
        state.counts += state.recent
        state.recent[:] = 0
        state.n_recent = 0
