"""Random-kernel features of a series that comes point by point, in plain numpy.

For one new point the work of :class:`RocketFeatures` is so small that the overhead of torch's calls
would be most of it. The numbers are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.networks._rocket_features import RocketFeatures
from gdpd_sklearn.networks._rocket_kernels import N_KERNELS, N_TAPS

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
        Latest values of the series and of its difference, on the grid of the kernels, gaps filled.
        It is filled from left to right; when it is full, what the kernels still reach moves to the
        front.
    end : int
        Where the next value goes.
    counts : ndarray of int32, shape (F,)
        At how many times each output was above its bias, but for the latest times.
    recent : ndarray of uint8, shape (F,)
        The same of the latest ``n_recent`` times.
    n_recent : int
    n_blank : ndarray of int32, shape (rows · mixtures,), or None
        At how many times an output did not count, since nothing new was seen; None before the
        first gap.
    n_seen : int
        How many points were read.
    last_seen : ndarray of int64, shape (C,), or None
        How many of them up to the latest that was no gap, channel by channel; None where that is
        the last one in all channels.
    """

    window: Singles
    end: int
    counts: NDArray[np.int32]
    recent: NDArray[np.uint8]
    n_recent: int
    n_blank: NDArray[np.int32] | None
    n_seen: int
    last_seen: NDArray[np.int64] | None


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
        # one channel: the kernels of all rows are the same, but those of the last one, the level
        self._kernels = kernels[0, 0] if self.n_channels == 1 else np.ascontiguousarray(kernels)
        biases = module.biases.cpu().numpy().reshape(n_biases, -1)
        self._biases = biases.astype(np.float32)  # (biases, outputs)
        dilations = module.dilations.cpu().numpy()
        self._n_each = N_KERNELS // self.n_mixtures
        self._fits_after = np.where(dilations == 1, 0, 8 * dilations).repeat(N_KERNELS)
        typical = module.typical.cpu().numpy()
        self._typical = np.tile(typical, self.n_rows)  # (biases, outputs)
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
            n_blank=None,
            n_seen=0,
            last_seen=np.zeros(self.n_channels, dtype=np.int64),
        )

    def push(self, x: NDArray[np.floating], state: StreamState) -> None:
        """Read further points (C, m); the cost of a point does not depend on those before."""
        for _ in self.along(x, state, ()):
            pass

    def along(
        self, x: NDArray[np.floating], state: StreamState, ends: Iterable[int]
    ) -> Iterator[Singles]:
        """Read further points (C, m), and give the features (F,) after each of some of them.

        Parameters
        ----------
        x : ndarray of shape (C, m)
        state : StreamState
            Read to the end once the iterator is.
        ends : iterable of int
            After how many of the new points, increasing within 1 … m.
        """
        values = np.rint(x.astype(np.float32) * self._step)
        np.minimum(values, self._limit, out=values)
        np.maximum(values, -self._limit, out=values)
        n_new, each_end = values.shape[1], iter(ends)
        end = next(each_end, n_new + 1)
        for start in range(0, n_new, _BLOCK_POINTS):
            outputs, seen = self._read(values[:, start : start + _BLOCK_POINTS], state)
            read = start
            while read < start + len(outputs):
                stop = min(end, start + len(outputs))
                times = slice(read - start, stop - start)
                self._count(outputs[times], None if seen is None else seen[:, times], state)
                read = stop
                if read == end:
                    yield self.features(state)
                    end = next(each_end, n_new + 1)

    def features(self, state: StreamState) -> Singles:
        """Features (F,) of all points read."""
        self._flush(state)
        # what does not count is divided by infinity
        if state.n_blank is None:
            counted = self._fits_after < state.n_seen
            divisor = np.where(counted, state.n_seen, np.inf)
        else:
            valid = state.n_seen - state.n_blank.repeat(self._n_each)
            reached = state.n_seen if state.last_seen is None else state.last_seen.max()
            # what always fits is after 0
            fits = (self._fits_after < reached) | (self._fits_after == 0)
            counted = (valid > 0) & fits
            divisor = np.where(counted, valid, np.inf)
        shares: Singles = state.counts.astype(np.float32)
        by_bias = shares.reshape(self._biases.shape)
        np.divide(by_bias, divisor.astype(np.float32), out=by_bias)
        if state.last_seen is not None and state.n_seen:
            due = self._fits_after < state.n_seen
            np.copyto(by_bias, self._typical, where=due & ~counted)
        return shares

    def _read(
        self, values: Singles, state: StreamState
    ) -> tuple[Singles, NDArray[np.bool_] | None]:
        """Kernel outputs (m, outputs) at new points (C, m), at most so many as a block has.

        Where a value is missing, also which (C, m) are there.
        """
        missing = np.isnan(values)
        seen = ~missing if missing.any() else None
        return self._outputs(self._windows(values, seen, state)), seen

    def _count(self, outputs: Singles, seen: NDArray[np.bool_] | None, state: StreamState) -> None:
        """Count which outputs (m, outputs) are above their biases."""
        n_new = len(outputs)
        if seen is not None:
            self._leave_out(outputs, seen, state)
        if state.n_recent + n_new > _MOST_RECENT:
            self._flush(state)
        recent = state.recent.reshape(self._biases.shape)
        if n_new == 1:
            recent += np.greater(outputs, self._biases).view(np.uint8)
        else:
            above = np.greater(outputs, self._biases[:, None]).view(np.uint8)
            recent += np.add.reduce(above, axis=1, dtype=np.uint8)
        if seen is None:
            state.last_seen = None
        state.n_recent += n_new
        state.n_seen += n_new

    def _leave_out(self, outputs: Singles, seen: NDArray[np.bool_], state: StreamState) -> None:
        """Put below all biases what does not count, and note which channels were seen when."""
        n_new = len(outputs)
        new = self._mixing @ seen.astype(np.float32)  # (rows, mixtures, m)
        blank = np.asarray(new.reshape(-1, n_new).T == 0)
        outputs.reshape(*blank.shape, -1)[blank] = -np.inf
        if state.n_blank is None:
            state.n_blank = np.zeros(self.n_rows * self.n_mixtures, dtype=np.int32)
        state.n_blank += blank.sum(0, dtype=np.int32)
        before = state.last_seen
        if before is None:
            before = np.full(self.n_channels, state.n_seen)
        times = state.n_seen + np.arange(1, n_new + 1)
        state.last_seen = np.maximum(before, np.where(seen, times, 0).max(1))

    def _windows(
        self, values: Singles, seen: NDArray[np.bool_] | None, state: StreamState
    ) -> Singles:
        """Put new points (C, m) into the window, and read what the kernels see: (m, rows, C, 9)."""
        n_new = values.shape[1]
        window = state.window
        if state.end + n_new > self._width:
            window[..., : self.reach] = window[..., state.end - self.reach : state.end]
            state.end = self.reach
        first, end = state.end, state.end + n_new
        last = window[0, :, first - 1 : first]
        if seen is not None:
            latest = np.maximum.accumulate(np.where(seen, np.arange(1, n_new + 1), 0), axis=1)
            values = np.take_along_axis(np.hstack([last, values]), latest, axis=1)
        window[0, :, first:end] = values
        change = values - window[0, :, first - 1 : end - 1]
        if state.last_seen is not None:
            # there is no difference to a value that nobody saw: 0
            for channel in np.flatnonzero(state.last_seen == 0):
                fresh = 0 if seen is None else int(seen[channel].argmax())
                change[channel, fresh] = 0.0
        np.minimum(change, self._limit, out=change)
        np.maximum(change, -self._limit, out=window[1, :, first:end])
        state.end = end
        seen = window.reshape(-1)[first - self.reach :]
        if n_new == 1:
            return seen.take(self._taps)[None]
        return seen.take(self._taps + np.arange(n_new)[:, None, None, None])

    def _outputs(self, taps: Singles) -> Singles:
        """Kernel outputs: (m, rows, C, 9) → (m, outputs)."""
        n_new = len(taps)
        if self.n_channels == 1:
            outputs = (taps.reshape(-1, N_TAPS) @ self._kernels).reshape(n_new, self.n_rows, -1)
            outputs[:, -1] = taps[:, -1, 0, -1:]
            return outputs.reshape(n_new, -1)
        mixed = (self._mixing @ taps).transpose(1, 2, 0, 3)  # (rows, mixtures, m, 9)
        outputs = (mixed @ self._kernels).transpose(2, 0, 1, 3)
        return np.ascontiguousarray(outputs).reshape(n_new, -1)

    def _flush(self, state: StreamState) -> None:
        """Add what was counted in bytes."""
        state.counts += state.recent
        state.recent[:] = 0
        state.n_recent = 0
