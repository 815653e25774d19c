"""Features of random kernels at every prefix of a series, in one causal pass."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from gdpd_sklearn._checks import check_int
from gdpd_sklearn._device import sized_for
from gdpd_sklearn.networks._exceedances import add_exceedances
from gdpd_sklearn.networks._rocket_kernels import (
    N_KERNELS,
    N_TAPS,
    kernel_weights,
    level_weights,
    lower_quantiles,
    mix_channels,
    spread_dilations,
    spread_fractions,
)
from gdpd_sklearn.networks._rocket_state import RocketState

__all__ = ["RocketFeatures"]

# Sums of integers below this are exact in single precision, in whatever order they are taken.
_EXACT = 2**24
_WEIGHT_SUM = 12  # of a kernel, in absolute values
# Values beyond so many root mean squares of the training series are clipped.
_RANGE = 16.0
# (case, time) pairs from which the quantiles of a row of kernels come
_N_SAMPLES = 1024
# Outputs in hand at once: as many as a core's cache holds, and counts of 8 bits.
_BLOCK_OUTPUTS = 2**17
# On a GPU, where a block costs some launches: 256 MiB.
_GPU_OUTPUTS = 2**26
_BLOCK_POINTS = 128


class RocketFeatures(nn.Module):
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
    features of the others are 0. Times at which the window holds NaN do not count; the level has no
    window but the newest value.

    References
    ----------
    Dempster, Schmidt, Webb: MiniRocket. KDD 2021, section 3. Causal padding, features of every
    prefix, the difference, the level and the times that biases are drawn at are ours.
    """

    dilations: Tensor
    differenced: Tensor
    kernels: Tensor
    mixing: Tensor
    biases: Tensor
    exponents: Tensor

    def __init__(
        self, n_channels: int, n_timepoints: int, seed: int, n_features: int = 10_000
    ) -> None:
        super().__init__()
        check_int("n_channels", n_channels, 1)
        check_int("n_timepoints", n_timepoints, 1)
        check_int("n_features", n_features, 1)
        dilations = spread_dilations(n_timepoints, n_features)
        n_rows = 2 * len(dilations) + 1
        n_biases = max(1, n_features // (N_KERNELS * n_rows))
        self.n_features = n_rows * n_biases * N_KERNELS
        random = np.random.default_rng(seed)
        # the order of the kernels of a row says which sum of channels each of them reads
        shuffle = random.permutation if n_channels > 1 else np.asarray
        kernels = np.stack([shuffle(kernel_weights()) for _ in range(n_rows - 1)])
        kernels = np.concatenate([kernels, level_weights()[None]])
        mixing = mix_channels(n_channels, n_rows, random)
        # whole numbers throughout: a change of the module's precision leaves them as they are
        self.register_buffer("dilations", torch.tensor([*dilations, *dilations, 1]))
        self.register_buffer("kernels", torch.as_tensor(kernels, dtype=torch.int8))
        self.register_buffer("mixing", torch.as_tensor(mixing, dtype=torch.int8))
        differenced = torch.tensor([False, True, False]).repeat_interleave(
            torch.tensor([len(dilations), len(dilations), 1])
        )
        self.register_buffer("differenced", differenced)
        biases = torch.zeros(n_biases, n_rows, N_KERNELS, dtype=torch.int32)
        self.register_buffer("biases", biases)
        self.register_buffer("exponents", torch.zeros(n_channels, dtype=torch.int32))

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
        square = torch.nan_to_num(x.detach().double()).square().mean((0, 2))
        size = torch.where(square > 0, square.sqrt(), torch.ones_like(square))
        self.exponents.copy_(torch.log2(_RANGE * size / self.limit).ceil())
        on_grid = self.on_grid(x)
        n_timepoints = x.shape[-1]
        padded = nn.functional.pad(on_grid, (self.reach, 0))
        fractions = spread_fractions(len(self.biases))
        back = np.arange(8, -1, -1)
        for row, dilation in enumerate(self.dilations.tolist()):
            case = torch.as_tensor(random.integers(len(x), size=_N_SAMPLES))
            time = np.exp(random.random(_N_SAMPLES) * np.log(n_timepoints + 1.0)).astype(int) - 1
            time = np.minimum(time, n_timepoints - 1)[:, None] - back * dilation  # (samples, 9)
            of = padded[case, int(self.differenced[row])]  # (samples, C, T)
            at = torch.as_tensor(self.reach + time, device=x.device)[:, None]
            taps = of.gather(2, at.expand(-1, x.shape[1], -1)).transpose(0, 1)[None, :, None]
            rows = slice(row, row + 1)
            outputs = self.outputs(torch.nan_to_num(taps), rows)
            outputs = outputs.masked_fill(self.holes(taps, rows)[..., None], torch.nan)
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
        fresh = self.on_grid(x, state)
        longer = torch.cat([state.context, fresh], dim=-1)
        counts, n_valid = state.counts.clone(), state.n_valid.clone()
        self._count(longer, counts, n_valid)
        context = longer[..., longer.shape[-1] - self.reach :].clone()
        state = RocketState(context, counts, n_valid, state.n_seen + x.shape[-1])
        return (self._shares(state) if answer else None), state

    # -- parts -----------------------------------------------------------------------------------

    @property
    def reach(self) -> int:
        return 8 * int(self.dilations.max())

    @property
    def limit(self) -> float:
        """Largest absolute value on the grid: all sums of a kernel are then exact."""
        return float(_EXACT // (_WEIGHT_SUM * int(self.mixing.sum(-1).max())))

    def _check(self, x: Tensor) -> None:
        if x.ndim != 3 or x.shape[1] != len(self.exponents):
            raise ValueError(
                f"x of shape {tuple(x.shape)} must have the shape "
                f"(n_cases, {len(self.exponents)} channels, n_timepoints)."
            )

    def _start(self, n_cases: int, device: torch.device) -> RocketState:
        n_mixed = self.mixing.shape[0] * self.mixing.shape[1]
        return RocketState(
            torch.zeros(n_cases, 2, len(self.exponents), self.reach, device=device),
            torch.zeros(n_cases, self.n_features, dtype=torch.int32, device=device),
            torch.zeros(n_cases, n_mixed, dtype=torch.int32, device=device),
            torch.zeros(n_cases, dtype=torch.int64, device=device),
        )

    def on_grid(self, x: Tensor, state: RocketState | None = None) -> Tensor:
        """Series and first difference as whole numbers: (N, C, T) → (N, 2, C, T)."""
        x = x.detach()  # comparisons have no gradient
        limit, step = self.limit, 2.0 ** -self.exponents.float()[:, None]
        values = (x.float() * step).round().clamp(-limit, limit)
        if state is None:
            last = values[..., :1]
        else:  # before the first point there is no difference: 0
            began = (state.n_seen > 0)[:, None, None]
            last = torch.where(began, state.context[:, 0, :, -1:], values[..., :1])
        before = torch.cat([last, values[..., :-1]], dim=-1)
        difference = (values - before).clamp(-limit, limit)
        return torch.stack([values, difference], dim=1)

    def outputs(self, taps: Tensor, rows: slice) -> Tensor:
        """Kernel outputs from taps: (rows, C, t, n, 9) → (rows, mixtures, t, n, 84 / mixtures)."""
        mixing = self.mixing[rows]
        if mixing.shape[-1] > 1:
            taps = _product(mixing.float(), taps.flatten(2)).view(
                *mixing.shape[:2], *taps.shape[2:]
            )
        kernels = self.kernels[rows].float().view(*mixing.shape[:2], -1, N_TAPS)
        return _product(taps, kernels.transpose(-1, -2)[:, :, None])

    def taps(self, series: Tensor, rows: slice, times: Tensor) -> Tensor:
        """Read windows that end at ``times`` (t,): (2, T, n, C) → (rows, C, t, n, 9)."""
        back = torch.arange(8, -1, -1, device=series.device)
        at = times[:, None] - back * self.dilations[rows, None, None]  # (rows, t, 9)
        taps = series[self.differenced[rows, None, None].long(), at]  # (rows, t, 9, n, C)
        return taps.permute(0, 4, 1, 3, 2)

    def _count(self, longer: Tensor, counts: Tensor, n_valid: Tensor) -> None:
        """Add the times after the context to ``counts`` (N, F) and ``n_valid``, in place."""
        n_rows, n_biases = len(self.dilations), len(self.biases)
        reach, n_new = self.reach, longer.shape[-1] - self.reach
        counts = counts.view(len(longer), n_biases, n_rows, N_KERNELS)
        n_valid = n_valid.view(len(longer), *self.mixing.shape[:2])
        missing = bool(torch.isnan(longer).any())
        n_points = max(1, min(n_new, _BLOCK_POINTS))
        n_outputs = sized_for(longer.device, cpu=_BLOCK_OUTPUTS, gpu=_GPU_OUTPUTS) // N_KERNELS
        n_cases = max(1, min(n_outputs // n_points, len(longer)))
        n_together = max(1, n_outputs // (n_points * n_cases))
        biases = self.biases.float()
        for cases in _parts(0, len(longer), n_cases):
            series = longer[cases].permute(1, 3, 0, 2).contiguous()
            for points in _parts(reach, reach + n_new, n_points):
                times = torch.arange(points.start, points.stop, device=longer.device)
                for rows in _parts(0, n_rows, n_together):
                    taps = self.taps(series, rows, times)
                    outputs = self.outputs(torch.nan_to_num(taps) if missing else taps, rows)
                    if missing:
                        holes = self.holes(taps, rows)
                        outputs = outputs.masked_fill(holes[..., None], -torch.inf)
                        n_valid[cases, rows] += (~holes).sum(2, dtype=torch.int32).movedim(-1, 0)
                    add_exceedances(outputs, biases[:, rows], counts[cases, :, rows])
        if not missing:
            n_valid += n_new

    def holes(self, taps: Tensor, rows: slice) -> Tensor:
        """Say which windows hold a missing value: (rows, C, t, n, 9) → (rows, mixtures, t, n)."""
        used = self.kernels[rows].bool().any(1)[:, None, None, None]
        missing = (torch.isnan(taps) & used).any(-1).float()
        return torch.einsum("rvc,rctn->rvtn", self.mixing[rows].float(), missing) > 0

    def _shares(self, state: RocketState) -> Tensor:
        """Features from sums: (N, F)."""
        n_cases, (n_biases, n_rows, _) = len(state.counts), self.biases.shape
        n_mixtures = self.mixing.shape[1]
        fits = 8 * self.dilations < state.n_seen[:, None]
        fits = fits | (self.dilations == self.dilations.min())
        valid = state.n_valid.view(n_cases, 1, n_rows, n_mixtures, 1)
        counted = (valid > 0) & fits[:, None, :, None, None]
        # what does not count is divided by infinity: one pass over the counts, and no copies
        divisor = valid.float().masked_fill_(~counted, torch.inf)
        counts = state.counts.view(n_cases, n_biases, n_rows, n_mixtures, N_KERNELS // n_mixtures)
        return counts.float().div_(divisor).flatten(1)


def _product(a: Tensor, b: Tensor) -> Tensor:
    """Matrix product of whole numbers, exact where a GPU may cut operands to ten bits (TF32)."""
    if a.device.type != "cuda" or _is_single_exact():
        return a @ b
    return (a.double() @ b.double()).float()


def _is_single_exact() -> bool:
    try:
        return torch.get_float32_matmul_precision() == "highest"
    except RuntimeError:  # set by ways that torch does not compare
        return False


def _parts(start: int, stop: int, size: int) -> Iterator[slice]:
    for first in range(start, stop, size):
        yield slice(first, min(first + size, stop))
