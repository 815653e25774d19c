"""The random kernels themselves: what they are, and what they give at some times."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from gdpd_sklearn._checks import check_int
from gdpd_sklearn.networks._rocket_kernels import (
    N_KERNELS,
    N_TAPS,
    kernel_weights,
    level_weights,
    mix_channels,
    spread_dilations,
    spread_fractions,
)

__all__ = ["KernelBank"]

# Sums of integers below this are exact in single precision, in whatever order they are taken.
_EXACT = 2**24
_WEIGHT_SUM = 12  # of a kernel, in absolute values


class KernelBank(nn.Module):
    """Rows of 84 kernels each: dilated, on sums of channels, of series or difference.

    Parameters
    ----------
    n_channels, n_timepoints, seed, n_features : int
        See :class:`RocketFeatures`.
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

    @property
    def reach(self) -> int:
        return 8 * int(self.dilations.max())

    @property
    def limit(self) -> float:
        """Largest absolute value on the grid: all sums of a kernel are then exact."""
        return float(_EXACT // (_WEIGHT_SUM * int(self.mixing.sum(-1).max())))

    def outputs(self, taps: Tensor, rows: slice) -> Tensor:
        """Kernel outputs from taps: (rows, C, t, n, 9) → (rows, mixtures, t, n, 84 / mixtures)."""
        mixing = self.mixing[rows]
        if mixing.shape[-1] > 1:
            mixed = _product(mixing.float(), taps.flatten(2))
            taps = mixed.view(*mixing.shape[:2], *taps.shape[2:])
        kernels = self.kernels[rows].float().view(*mixing.shape[:2], -1, N_TAPS)
        return _product(taps, kernels.transpose(-1, -2)[:, :, None])

    def taps(self, series: Tensor, rows: slice, times: Tensor) -> Tensor:
        """Read windows that end at ``times`` (t,): (2, T, n, C) → (rows, C, t, n, 9)."""
        back = torch.arange(8, -1, -1, device=series.device)
        at = times[:, None] - back * self.dilations[rows, None, None]  # (rows, t, 9)
        taps = series[self.differenced[rows, None, None].long(), at]  # (rows, t, 9, n, C)
        return taps.permute(0, 4, 1, 3, 2)

    def counted(self, seen: Tensor, rows: slice) -> Tensor:
        """Say which outputs count: (C, t, n) → (rows, mixtures, t, n).

        Those with a new value in one of the channels, at least, that are summed.
        """
        return torch.einsum("rvc,ctn->rvtn", self.mixing[rows].float(), seen.float()) > 0

    def fits(self, n_points: Tensor) -> Tensor:
        """Say whose windows fit into so many points: (N,) → (N, rows)."""
        fits = 8 * self.dilations < n_points[:, None]
        return fits | (self.dilations == self.dilations.min())

    @property
    def typical(self) -> Tensor:
        """Share of training outputs above each bias: (biases, 84)."""
        below = torch.from_numpy(spread_fractions(len(self.biases)))
        return (1.0 - below).float().to(self.biases.device)


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
