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
from gdpd_sklearn.networks._rocket_grid import LONGEST_BRIDGE
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
        Latest values of the series and of its difference, on the grid of the kernels; gaps are
        bridged, and the latest value stands in one that is open. It is filled from left to right;
        when it is full, what may still be read moves to the front.
    end : int
        Where the next value goes.
    counts : ndarray of int32, shape (F,)
        At how many times each output was above its bias, but for the latest times.
    recent : ndarray of uint8, shape (F,)
        The same of the latest ``n_recent`` times.
    n_recent : int
    n_valid : ndarray of int32, shape (rows · mixtures,), or None
        At how many times an output counted; None before the first gap, where all did.
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
    n_valid: NDArray[np.int32] | None
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
        self._kept = module.remembered
        # twice as much: it is seldom moved to the front then
        self._width = self._kept + max(self._kept, _BLOCK_POINTS)
        back = self.reach - np.arange(8, -1, -1) * dilations[:, None, None]  # (rows, 1, 9)
        source = module.differenced.cpu().numpy()[:, None, None] * self.n_channels
        source = (source + np.arange(self.n_channels)[:, None]) * self._width
        self._taps = source + back  # (rows, C, 9), of the first window

    def start(self) -> StreamState:
        """Give the state before the first point of a series."""
        return StreamState(
            window=np.zeros((2, self.n_channels, self._width), dtype=np.float32),
            end=self._kept,
            counts=np.zeros(self.n_features, dtype=np.int32),
            recent=np.zeros(self.n_features, dtype=np.uint8),
            n_recent=0,
            n_valid=None,
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
        missing = np.isnan(values)
        gaps = bool(missing.any())
        read = 0
        while read < n_new:
            if gaps or (state.last_seen is not None and state.n_seen):
                # what windows hold changes when a gap is over
                self._read_point(values[:, read], ~missing[:, read], state)
                read += 1
                if read == end:
                    yield self.features(state)
                    end = next(each_end, n_new + 1)
                continue
            start = read
            block = self._outputs(self._windows(values[:, start : start + _BLOCK_POINTS], state))
            while read < start + len(block):
                stop = min(end, start + len(block))
                self._count(block[read - start : stop - start], state)
                self._note(stop - read, state)
                read = stop
                if read == end:
                    yield self.features(state)
                    end = next(each_end, n_new + 1)

    def features(self, state: StreamState) -> Singles:
        """Features (F,) of all points read."""
        self._flush(state)
        # what does not count is divided by infinity
        if state.n_valid is None:
            divisor = np.where(self._fits_after < state.n_seen, state.n_seen, np.inf)
        else:
            valid = state.n_valid.repeat(self._n_each)
            reached = state.n_seen if state.last_seen is None else state.last_seen.max()
            # what always fits is after 0
            fits = (self._fits_after < reached) | (self._fits_after == 0)
            counted = (valid > 0) & fits
            divisor = np.where(counted, valid, np.inf)
        shares: Singles = state.counts.astype(np.float32)
        by_bias = shares.reshape(self._biases.shape)
        np.divide(by_bias, divisor.astype(np.float32), out=by_bias)
        if state.n_valid is not None and state.last_seen is not None:
            due = self._fits_after < state.n_seen
            np.copyto(by_bias, self._typical, where=due & ~counted)
        return shares

    def _count(self, outputs: Singles, state: StreamState) -> None:
        """Count which outputs (m, outputs) are above their biases."""
        n_new = len(outputs)
        if state.n_recent + n_new > _MOST_RECENT:
            self._flush(state)
        recent = state.recent.reshape(self._biases.shape)
        if n_new == 1:
            recent += np.greater(outputs, self._biases).view(np.uint8)
        else:
            above = np.greater(outputs, self._biases[:, None]).view(np.uint8)
            recent += np.add.reduce(above, axis=1, dtype=np.uint8)
        state.n_recent += n_new

    def _note(self, n_new: int, state: StreamState) -> None:
        """Note that so many points were read, without a gap."""
        state.n_seen += n_new
        state.last_seen = None
        if state.n_valid is not None:
            state.n_valid += n_new

    def _read_point(self, point: Singles, seen: NDArray[np.bool_], state: StreamState) -> None:
        """Read one point (C,) where values are missing, or were before it."""
        if state.n_valid is None:
            n_valid = np.full(self.n_rows * self.n_mixtures, state.n_seen, dtype=np.int32)
            state.n_valid = n_valid
        if state.last_seen is None:
            state.last_seen = np.full(self.n_channels, state.n_seen)
        now, last_seen, latest = state.n_seen, state.last_seen, int(state.last_seen.max())
        self._make_room(1, state)
        at = state.end
        state.window[0, :, at] = state.window[0, :, at - 1]
        state.window[1, :, at] = 0.0
        for channel in np.flatnonzero(seen):
            self._bridge(channel, point[channel], now - int(last_seen[channel]), state)
        state.end += 1
        state.n_seen += 1
        if not seen.any():
            return
        # a gap in all channels that is over now is read now, where it is short
        gap = now - latest if latest > 0 else 0
        n_read = 1 + gap if gap <= LONGEST_BRIDGE else 1
        outputs = self._outputs(self._seen_from(at + 1 - n_read, n_read, state))
        new = (self._mixing @ seen.astype(np.float32)).reshape(-1)  # (rows · mixtures,)
        # a channel that was never seen before is not new before now
        began = self._mixing @ (seen & (last_seen > 0)).astype(np.float32)
        counted = np.repeat([began.reshape(-1) > 0, new > 0], [n_read - 1, 1], axis=0)
        outputs.reshape(*counted.shape, -1)[~counted] = -np.inf
        state.n_valid += counted.sum(0, dtype=np.int32)
        last_seen[seen] = state.n_seen
        self._count(outputs, state)
        if (last_seen == state.n_seen).all():
            state.last_seen = None

    def _bridge(self, channel: int, value: np.float32, gap: int, state: StreamState) -> None:
        """Put a value at the end of the window, behind a gap of so many points of its channel."""
        assert state.last_seen is not None
        values, changes = state.window[0, channel], state.window[1, channel]
        at = state.end
        if state.last_seen[channel] == 0:  # no difference to a value that nobody saw
            values[at] = value
            return
        known = at - gap - 1  # may lie before the window, whose values are its value then
        first = max(known + 1, 0)
        places = np.arange(first - 1, at + 1)
        share = (places - known).astype(np.float32) / np.float32(gap + 1)
        line = values[at - 1] + np.rint((value - values[at - 1]) * share)
        values[first : at + 1] = line[1:]
        change = line[1:] - line[:-1]
        np.minimum(change, self._limit, out=change)
        np.maximum(change, -self._limit, out=changes[first : at + 1])

    def _make_room(self, n_new: int, state: StreamState) -> None:
        """Move what may still be read to the front, where the window is full."""
        if state.end + n_new > self._width:
            window = state.window
            window[..., : self._kept] = window[..., state.end - self._kept : state.end]
            state.end = self._kept

    def _windows(self, values: Singles, state: StreamState) -> Singles:
        """Put new points (C, m) into the window, and read what the kernels see: (m, rows, C, 9)."""
        n_new = values.shape[1]
        self._make_room(n_new, state)
        window = state.window
        first, end = state.end, state.end + n_new
        window[0, :, first:end] = values
        change = values - window[0, :, first - 1 : end - 1]
        if state.n_seen == 0:  # before the first point there is no difference: 0
            change[:, 0] = 0.0
        np.minimum(change, self._limit, out=change)
        np.maximum(change, -self._limit, out=window[1, :, first:end])
        state.end = end
        return self._seen_from(first, n_new, state)

    def _seen_from(self, first: int, n_points: int, state: StreamState) -> Singles:
        """Read what the kernels see at places of the window: (points, rows, C, 9)."""
        seen = state.window.reshape(-1)[first - self.reach :]
        if n_points == 1:
            return seen.take(self._taps)[None]
        return seen.take(self._taps + np.arange(n_points)[:, None, None, None])

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
