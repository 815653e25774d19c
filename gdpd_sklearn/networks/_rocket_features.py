"""Features of random kernels at every prefix of a series, in one causal pass."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from gdpd_sklearn._device import sized_for
from gdpd_sklearn.networks._exceedances import add_exceedances
from gdpd_sklearn.networks._rocket_bank import KernelBank
from gdpd_sklearn.networks._rocket_grid import (
    LONGEST_BRIDGE,
    Grid,
    bridge_gaps,
    difference_of,
    round_to_grid,
)
from gdpd_sklearn.networks._rocket_kernels import N_KERNELS, lower_quantiles, spread_fractions
from gdpd_sklearn.networks._rocket_state import RocketState
from gdpd_sklearn.networks._rocket_windows import Windows

__all__ = ["RocketFeatures"]

# Values beyond so many root mean squares of the training series are clipped.
_RANGE = 16.0
# (case, time) pairs from which the quantiles of a row of kernels come
_N_SAMPLES = 1024
# Outputs in hand at once: as many as a core's cache holds, and counts of 8 bits.
_BLOCK_OUTPUTS = 2**17
# On a GPU, where a block costs some launches: 256 MiB.
_GPU_OUTPUTS = 2**26
_BLOCK_POINTS = 128


class RocketFeatures(KernelBank):
    """Shares of the times so far at which random kernels exceed their biases.

    The 84 kernels of length 9 with three weights 2 and six weights -1, dilated, run over the
    series and over its first difference, with zeros before the start. Their weights sum to zero; so
    one more row of 84 biases and more reads the value itself. The feature of a prefix of m points
    is the share of its m times at which the output is above a bias. Nothing here is trained by
    gradient: all is buffers, and the biases are quantiles of outputs on training series.

    Parameters
    ----------
    n_channels, n_timepoints : int
        C and the complete length, from which the dilations follow: 1 … (length - 1) / 8, evenly
        in log scale.
    seed : int
        Deals kernels to sums of channels.
    n_features : int, default=10_000
        Upper bound of F, apart from the least possible of 252. F is the number of rows (dilations,
        of the series and of its difference, and the level) times 84 kernels times biases per
        kernel.

    Attributes
    ----------
    n_features : int
        The width F.

    Notes
    -----
    Values are rounded to a grid (2⁻¹⁶ of the root mean square for one channel) and clipped beyond
    16 root mean squares, so that all sums are sums of small integers, exact in single precision in
    whatever order. The features of a prefix are therefore the same to the last bit from the
    complete series, from the prefix alone, from a stream, in every batch and on every device.

    A row counts at a prefix if its window fits (8 · dilation < m), the least dilation always; the
    features of the others are 0.

    A gap (NaN) in a channel is bridged by a straight line as soon as the next value is there; until
    then the latest value stands in it, and before the first value 0. A time counts for a kernel if
    something new was seen then in one of the channels, at least, that it sums. Times without a
    value in any channel count once the gap is bridged, where it is of 64 points at most. So a
    series that has ended keeps its features, and NaN after its end says the same as no further
    points. Where nothing was ever seen, and where a series ended before a window fitted, a feature
    has its typical value: the share of training outputs above the bias.

    References
    ----------
    Dempster, Schmidt, Webb: MiniRocket. KDD 2021, section 3. Causal padding, features of every
    prefix, the difference, the level and the times that biases are drawn at are ours.
    """

    @classmethod
    def fit(cls, x: Tensor, seed: int, n_features: int = 10_000) -> RocketFeatures:
        """Make the module for training series, with their biases.

        Parameters
        ----------
        x : Tensor of shape (N, C, T)
            Complete training series, scaled; NaN where a value is missing.
        seed : int
        n_features : int, default=10_000
        """
        module = cls(x.shape[1], x.shape[2], seed, n_features).to(x.device)
        module.set_biases(x, seed)
        return module

    def set_biases(self, x: Tensor, seed: int) -> None:
        """Take the biases from training series: quantiles of outputs at log-uniform times.

        Parameters
        ----------
        x : Tensor of shape (N, C, T)
            Complete training series, scaled, at least one.
        seed : int

        Raises
        ------
        ValueError
            If the shape does not fit.
        """
        self._check(x)
        if len(x) == 0:
            raise ValueError(f"x of shape {tuple(x.shape)} must hold at least one series.")
        random = np.random.default_rng([seed, 1])
        square = _mean_squares(x)
        size = torch.where(square > 0, square.sqrt(), torch.ones_like(square))
        self.exponents.copy_(torch.log2(_RANGE * size / self.limit).ceil())
        grid = self.on_grid(x, self._context(len(x), x.device))
        fresh = None if grid.closed is None else grid.fresh()
        n_timepoints, first = x.shape[-1], self.remembered
        fractions = spread_fractions(len(self.biases))
        back = np.arange(8, -1, -1)
        for row, dilation in enumerate(self.dilations.tolist()):
            case = torch.as_tensor(random.integers(len(x), size=_N_SAMPLES), device=x.device)
            time = np.exp(random.random(_N_SAMPLES) * np.log(n_timepoints + 1.0)).astype(int) - 1
            time = np.minimum(time, n_timepoints - 1)[:, None] - back * dilation  # (samples, 9)
            at = torch.as_tensor(first + time, device=x.device)
            # value by value: the whole series of all samples would be gigabytes
            taps = grid.series[case[:, None], int(self.differenced[row]), :, at]  # (samples, 9, C)
            taps = taps.permute(2, 0, 1)[None, :, None]
            rows = slice(row, row + 1)
            outputs = self.outputs(taps, rows)
            if fresh is not None:
                new = fresh[case, :, first + time[:, -1]].T[:, None]  # (C, 1, samples)
                outputs = outputs.masked_fill(~self.counted(new, rows)[..., None], torch.nan)
            outputs = outputs[0, :, 0].transpose(0, 1).flatten(1)  # (samples, 84)
            self.biases[:, row] = torch.as_tensor(
                lower_quantiles(outputs.cpu().numpy(), fractions), device=x.device
            )

    def forward(self, x: Tensor, lengths: Sequence[int] | Tensor) -> Tensor:
        """Give the features at each prefix length.

        Parameters
        ----------
        x : Tensor of shape (N, C, T)
            Series, scaled as those of ``fit``.
        lengths : sequence of int, length P
            Prefix lengths in 1 … T, increasing.

        Returns
        -------
        Tensor of float32, shape (P, N, F)
        """
        return torch.stack(list(self.along(x, lengths)))

    def along(self, x: Tensor, lengths: Sequence[int] | Tensor) -> Iterator[Tensor]:
        """Give the features at one prefix length after the other, (N, F) each.

        For many series: no more than one of the P arrays is in memory.

        Raises
        ------
        ValueError
            If the lengths are not increasing or not in 1 … T.
        """
        self._check(x)
        points = [int(length) for length in lengths]
        if any(b <= a for a, b in itertools.pairwise([0, *points])) or (
            points and points[-1] > x.shape[-1]
        ):
            raise ValueError(f"lengths={points} must increase within 1 … {x.shape[-1]}.")
        state = self._start(len(x), x.device)
        for before, after in itertools.pairwise([0, *points]):
            features, state = self.advance(x[..., before:after], state)
            assert features is not None
            yield features

    def advance(
        self, x: Tensor, state: RocketState | None, answer: bool = True
    ) -> tuple[Tensor | None, RocketState]:
        """Go on: the work depends on what is new, not on what was read before.

        Parameters
        ----------
        x : Tensor of shape (N, C, m)
            The next m points of each series.
        state : RocketState or None
            What the last call returned; None at the beginning.
        answer : bool, default=True
            Without, the sums are updated and no features are computed.

        Returns
        -------
        features : Tensor of float32, shape (N, F), or None
            Those of all points so far.
        state : RocketState
            A new one; the old one is as it was.
        """
        self._check(x)
        if state is None:
            state = self._start(len(x), x.device)
        grid = self.on_grid(x, state.context, state.n_seen, state.last_seen)
        counts, n_valid = state.counts.clone(), state.n_valid.clone()
        self._count(grid, counts, n_valid)
        context = grid.series[..., x.shape[-1] :].clone()
        n_seen = state.n_seen + x.shape[-1]
        last_seen = n_seen[:, None].expand_as(state.last_seen).clone()
        if grid.carried is not None:
            seen = ~torch.isnan(x)
            times = state.n_seen[:, None, None] + torch.arange(1, x.shape[-1] + 1, device=x.device)
            latest = torch.where(seen, times, 0).amax(-1)
            last_seen = torch.maximum(latest, state.last_seen)
        state = RocketState(context, counts, n_valid, n_seen, last_seen)
        return (self._shares(state) if answer else None), state

    # -- parts -----------------------------------------------------------------------------------

    def _check(self, x: Tensor) -> None:
        if x.ndim != 3 or x.shape[1] != len(self.exponents):
            raise ValueError(
                f"x of shape {tuple(x.shape)} must have the shape "
                f"(n_cases, {len(self.exponents)} channels, n_timepoints)."
            )

    def _start(self, n_cases: int, device: torch.device) -> RocketState:
        n_mixed = self.mixing.shape[0] * self.mixing.shape[1]
        return RocketState(
            self._context(n_cases, device),
            torch.zeros(n_cases, self.n_features, dtype=torch.int32, device=device),
            torch.zeros(n_cases, n_mixed, dtype=torch.int32, device=device),
            torch.zeros(n_cases, dtype=torch.int64, device=device),
            torch.zeros(n_cases, len(self.exponents), dtype=torch.int64, device=device),
        )

    def _context(self, n_cases: int, device: torch.device) -> Tensor:
        return torch.zeros(n_cases, 2, len(self.exponents), self.remembered, device=device)

    @property
    def remembered(self) -> int:
        """How many points back an output may still be needed: R."""
        return self.reach + LONGEST_BRIDGE

    def on_grid(
        self,
        x: Tensor,
        context: Tensor,
        n_seen: Tensor | None = None,
        last_seen: Tensor | None = None,
    ) -> Grid:
        """Read series (N, C, T) that go on from a context (N, 2, C, R), by default of nothing."""
        if n_seen is None or last_seen is None:
            last_seen = torch.zeros(x.shape[:2], dtype=torch.int64, device=x.device)
            n_seen = last_seen[:, 0]
        values = round_to_grid(x, self.exponents, self.limit)
        age, began = n_seen[:, None] - last_seen, last_seen > 0
        if bool((age > 0).any()) or bool(torch.isnan(values).any()):
            return bridge_gaps(values, context, age, began, self.limit)
        # before the first point there is no difference: 0
        before = torch.where(began[..., None], context[:, 0, :, -1:], values[..., :1])
        difference = difference_of(values, before, self.limit)
        return Grid(torch.cat([context, torch.stack([values, difference], dim=1)], dim=-1))

    def _count(self, grid: Grid, counts: Tensor, n_valid: Tensor) -> None:
        """Add the times that are read to ``counts`` (N, F) and ``n_valid``, in place."""
        n_rows, n_biases, longer = len(self.dilations), len(self.biases), grid.series
        counts = counts.view(len(longer), n_biases, n_rows, N_KERNELS)
        n_valid = n_valid.view(len(longer), *self.mixing.shape[:2])
        start, stop = grid.first(self.remembered), longer.shape[-1]
        n_points = max(1, min(stop - start, _BLOCK_POINTS))
        n_outputs = sized_for(longer.device, cpu=_BLOCK_OUTPUTS, gpu=_GPU_OUTPUTS) // N_KERNELS
        n_cases = max(1, min(n_outputs // n_points, len(longer)))
        n_together = max(1, n_outputs // (n_points * n_cases))
        biases = self.biases.float()
        for cases in _parts(0, len(longer), n_cases):
            windows = Windows(self, grid.of(cases))
            for points in _parts(start, stop, n_points):
                times = torch.arange(points.start, points.stop, device=longer.device)
                for rows in _parts(0, n_rows, n_together):
                    outputs = self.outputs(windows.taps(rows, times), rows)
                    new = windows.fresh(times)
                    if new is not None:
                        counted = self.counted(new, rows)
                        outputs = outputs.masked_fill(~counted[..., None], -torch.inf)
                        n_valid[cases, rows] += counted.sum(2, dtype=torch.int32).movedim(-1, 0)
                    add_exceedances(outputs, biases[:, rows], counts[cases, :, rows])
        if grid.closed is None:
            n_valid += stop - start

    def _shares(self, state: RocketState) -> Tensor:
        """Features from sums: (N, F)."""
        n_cases, (n_biases, n_rows, _) = len(state.counts), self.biases.shape
        n_mixtures = self.mixing.shape[1]
        fits = self.fits(state.last_seen.amax(1))
        valid = state.n_valid.view(n_cases, 1, n_rows, n_mixtures, 1)
        counted = (valid > 0) & fits[:, None, :, None, None]
        # what does not count is divided by infinity: one pass over the counts, and no copies
        divisor = valid.float().masked_fill_(~counted, torch.inf)
        counts = state.counts.view(n_cases, n_biases, n_rows, n_mixtures, N_KERNELS // n_mixtures)
        shares = counts.float().div_(divisor)
        if bool((state.last_seen != state.n_seen[:, None]).any()):
            due = self.fits(state.n_seen)[:, None, :, None, None]
            typical = self.typical.view(1, n_biases, 1, n_mixtures, -1)
            shares = torch.where(due & ~counted, typical, shares)
        return shares.flatten(1)


def _mean_squares(x: Tensor) -> Tensor:
    """Mean square of each channel of (N, C, T), in double precision, over what is there."""
    square = x.detach().double().square()
    mean = square.mean((0, 2))
    if bool(torch.isnan(mean).any()):
        mean = torch.nan_to_num(square.nanmean((0, 2)))
    return mean


def _parts(start: int, stop: int, size: int) -> Iterator[slice]:
    for first in range(start, stop, size):
        yield slice(first, min(first + size, stop))
