"""What a network sees of a series: the prefix, scaled, stretched to the network's input length."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gdpd_sklearn._checks import check_int
from gdpd_sklearn.data._arrival import fill_gaps
from gdpd_sklearn.data._mapped import MappedSeries, Series
from gdpd_sklearn.data._moments import DOUBLE_ROUNDING, mean_from, moments, warn_of_outliers
from gdpd_sklearn.data._prefix import stretch_positions

__all__ = ["SCALINGS", "PrefixView"]

SCALINGS = ("standard", "prefix", "none")

# A channel whose standard deviation is below this share of its mean counts as constant (the rest is
# rounding of single or double precision) and is centred only. Relative, since a channel may be in
# microvolts or in pascals.
_SINGLE_ROUNDING = 1e-6

# So many of the last digits of a value, in units of the precision it came in, may be rounding.
_LAST_DIGITS = 8.0

# A mean of fewer standard deviations costs single precision nothing.
_FAR = 8.0


class PrefixView(nn.Module):
    """Scale and stretch prefixes of P lengths; the same code in training and in use.

    Parameters
    ----------
    lengths : sequence of int, length P
        Prefix lengths in time points.
    input_length : int
        Points T of a network's input, to which every prefix is stretched by linear interpolation.
    scaling : {"standard", "prefix", "none"}
        ``"standard"``: per channel, by mean and standard deviation of the training cases.
        ``"prefix"``: per case and channel, by those of the visible prefix alone, as stretched.
    mean, std : ndarray of shape (C,)
        Training statistics of what :meth:`receive` gives, used by ``"standard"``.
    stretched : bool, default=True
        Without, a prefix is left as it is, for causal networks, which read the complete series once
        and answer at every prefix.
    origin : sequence of float, length C, optional
        What is taken off a channel in double precision, before it becomes single; by default 0.
        With ``scaling="prefix"`` the first value of each case is, and this is what is typical.
    carries : bool, default=True
        Whether the latest value stands in a gap (NaN), and before the first value the training
        mean. Without, gaps are left to a network that reads them.

    Attributes
    ----------
    is_far : bool
        Whether any origin is not 0.
    """

    low: Tensor
    high: Tensor
    weight: Tensor
    mean: Tensor
    std: Tensor

    def __init__(
        self,
        lengths: Sequence[int],
        input_length: int,
        scaling: str,
        mean: NDArray[np.floating],
        std: NDArray[np.floating],
        stretched: bool = True,
        origin: Sequence[float] | None = None,
        carries: bool = True,
    ) -> None:
        super().__init__()
        if scaling == "prefix" and not stretched:
            raise ValueError(
                "scaling='prefix' needs a network for each prefix: a causal one reads the complete "
                "series once, in one scale for all prefixes; use 'standard' or 'none'."
            )
        self.lengths = tuple(int(length) for length in lengths)
        self.input_length = input_length
        self.scaling = scaling
        self.stretched = stretched
        self.carries = carries
        # no buffer: it stays in double precision, whatever that of the networks
        self.origin = np.zeros(len(mean)) if origin is None else np.array(origin, dtype=np.float64)
        if self.origin.shape != (len(mean),):
            raise ValueError(
                f"origin={origin!r} must hold a number for each of {len(mean)} channels."
            )
        self.is_far = bool(self.origin.any())
        positions = [stretch_positions(length, input_length) for length in self.lengths]
        names = ("low", "high", "weight")
        for name, rows in zip(names, zip(*positions, strict=True), strict=True):
            # they follow from the lengths, so no stored state needs them
            self.register_buffer(name, torch.from_numpy(np.stack(rows)), persistent=False)
        self.register_buffer("mean", torch.as_tensor(mean, dtype=torch.float32)[:, None])
        self.register_buffer("std", torch.as_tensor(std, dtype=torch.float32)[:, None])

    @classmethod
    def fit(
        cls,
        X: Series,
        lengths: Sequence[int],
        input_length: int,
        scaling: str,
        stretched: bool = True,
        carries: bool = True,
    ) -> PrefixView:
        """Learn the training statistics from complete series ``X`` of shape (N, C, L).

        Gaps (NaN) do not count.

        Warns
        -----
        UserWarning
            If single precision cannot hold how a channel varies, or a few values are so large that
            scaling by all of them leaves nothing of the others.
        """
        mean, std, squares = moments(X)
        # of a mean, what is below is rounding of single or of double precision
        rounding = _SINGLE_ROUNDING if _epsilon(X) > 1e-10 else DOUBLE_ROUNDING
        varies = std > rounding * np.abs(mean)
        lost = varies & (std.astype(np.float32) == 0)
        if scaling == "none":
            lost |= varies & (std < _SINGLE_ROUNDING * np.abs(mean))
        if lost.any():
            warnings.warn(
                f"channels {np.flatnonzero(lost).tolist()} of X, with standard deviations "
                f"{std[lost].tolist()} around {mean[lost].tolist()}, vary by less than single "
                f"precision can hold under scaling={scaling!r}: they count as constant.",
                stacklevel=2,
            )
        if scaling == "standard":
            warn_of_outliers(X, mean, std, squares)
        # under "prefix" it is each case's own first value, and this tells of what size that is
        far = (np.abs(mean) > _FAR * std) & (scaling != "none")
        origin = np.where(far, mean, 0.0)
        std = np.where(varies & ~lost, std, 1.0)
        # what the last digit of a large mean leaves
        rest = mean_from(X, mean) if far.any() else 0.0
        mean = np.where(far, rest, mean)
        return cls(lengths, input_length, scaling, mean, std, stretched, origin.tolist(), carries)

    def at(self, lengths: Sequence[int]) -> PrefixView:
        """View other prefix lengths in the same way, by the same training statistics."""
        return PrefixView(
            lengths, self.input_length, self.scaling, self.mean[:, 0].cpu().numpy(),
            self.std[:, 0].cpu().numpy(), self.stretched, self.origin.tolist(), self.carries,
        )  # fmt: skip

    def check(self, X: Any, point: int) -> None:
        """Refuse what is no series (n, C, ≥ lengths[point]) or no point of this view.

        Raises
        ------
        TypeError
            If ``X`` is no array of real numbers.
        ValueError
            If its shape or the point does not fit.
        """
        check_int("point", point, 0, len(self.lengths) - 1)
        is_array = isinstance(X, np.ndarray)
        if not (isinstance(X, Tensor | MappedSeries) or (is_array and X.dtype.kind in "fiub")):
            kind = X.dtype if is_array else type(X).__name__
            raise TypeError(
                f"X of type {kind} must be an array of real numbers, of shape "
                f"(n_cases, n_channels, n_timepoints)."
            )
        n_channels, length = len(self.origin), self.lengths[point]
        shape = tuple(X.shape)
        if len(shape) != 3 or shape[1] != n_channels or shape[2] < length:
            raise ValueError(
                f"X of shape {shape} must have the shape (n_cases, {n_channels} channels, at least "
                f"{length} time points)."
            )

    @overload
    def receive(self, X: MappedSeries) -> MappedSeries: ...

    @overload
    def receive(self, X: NDArray[np.floating]) -> Tensor: ...

    def receive(self, X: Series) -> Tensor | MappedSeries:
        """Bring raw series (N, C, m) to single precision, on the device.

        The one door from the caller's numbers to those of the networks. A large offset is taken off
        before digits are lost: that of the channel, or with ``scaling="prefix"`` the first value of
        the case. A mapped series does so batch by batch.

        Raises
        ------
        ValueError
            If a value is not finite in single precision; the message names it.
        """
        if isinstance(X, MappedSeries):
            return X.through(self.in_single)
        return torch.from_numpy(self.in_single(X)).to(self.mean.device)

    def in_single(self, X: NDArray[np.floating]) -> NDArray[np.float32]:
        """Give :meth:`receive` as a new array on the CPU."""
        single = self._in_single(X)
        if np.isfinite(single).all():
            return single
        gaps = np.isnan(X)
        if self.scaling == "prefix":
            # the first value that a case has stands before it too: a change of 0
            single = self._in_single(_fill_both(X))
        _check_single(single, X, gaps)
        if not self.carries:
            return single
        filled = fill_gaps(single)
        before = np.zeros((X.shape[-2], 1), dtype=np.float32)
        if self.scaling != "prefix":
            before += self.mean.numpy(force=True)
        return np.where(np.isnan(filled), before, filled)

    def _in_single(self, X: NDArray[np.floating]) -> NDArray[np.float32]:
        single = np.empty(X.shape, dtype=np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            if self.scaling == "prefix":
                first = X[..., :1]
                change = np.subtract(X, first, dtype=np.float64)
                # differences of the size of rounding are none
                change[np.abs(change) <= _LAST_DIGITS * _epsilon(X) * np.abs(first)] = 0.0
                single[...] = change
            elif self.is_far:
                np.subtract(X, self.origin[:, None], out=single, dtype=np.float64, casting="unsafe")
            else:
                single[...] = X
        return single

    def receives_like(self, other: PrefixView) -> bool:
        """Tell whether :meth:`receive` gives the same as another view's."""
        by_case = self.scaling == "prefix"
        if (by_case, self.carries) != (other.scaling == "prefix", other.carries):
            return False
        return by_case or np.array_equal(self.origin, other.origin)

    def less_origin(self, series: Tensor) -> Tensor:
        """Do in a graph what :meth:`receive` does: raw series, double where :attr:`is_far`."""
        if self.scaling == "prefix":
            series = series - series[..., :1]
        elif self.is_far:
            series = series - torch.from_numpy(self.origin)[:, None]
        return series.float()

    def forward(self, x: Tensor, point: int = 0) -> Tensor:
        """View prefix number ``point`` of series that are at least as long.

        Parameters
        ----------
        x : Tensor of shape (B, C, ≥ lengths[point])
            As :meth:`receive` gives them, as for all that follows.
        point : int

        Returns
        -------
        Tensor of shape (B, C, T), or (B, C, lengths[point]) where prefixes are not stretched
        """
        if not self.stretched:
            return self.scale(x[..., : self.lengths[point]])
        low, high, weight = self.low[point], self.high[point], self.weight[point]
        return self.scale(torch.lerp(x[..., low], x[..., high], weight))

    def all_points(self, x: Tensor) -> Tensor:
        """View all P prefixes of complete series at once: (B, C, L) → (P, B, C, T).

        Where prefixes are not stretched, one view serves them all: (B, C, L) → (1, B, C, L).
        """
        if not self.stretched:
            return self.scale(x)[None]
        low, high = x[..., self.low], x[..., self.high]  # (B, C, P, T)
        return self.scale(torch.lerp(low, high, self.weight).permute(2, 0, 1, 3))

    def scale(self, x: Tensor) -> Tensor:
        """Scale points (B, C, m) as they are, without stretching."""
        if self.scaling == "standard":
            return (x - self.mean) / self.std
        if self.scaling == "prefix":
            # of order 1 first: neither sums nor squares leave the range then
            size = x.abs().amax(-1, keepdim=True)
            x = x / torch.where(size > 0, size, torch.ones_like(size))
            mean = x.mean(-1, keepdim=True)
            std = x.std(-1, correction=0, keepdim=True)
            std = torch.where(std > _SINGLE_ROUNDING * mean.abs(), std, torch.ones_like(std))
            return (x - mean) / std
        return x


def _epsilon(X: Series) -> float:
    """Give the precision that ``X`` comes in; whole numbers count as double."""
    return float(np.finfo(X.dtype).eps) if X.dtype in (np.float32, np.float16) else 2.0**-52


def _fill_both(X: NDArray[np.floating]) -> NDArray[np.floating]:
    """Fill gaps by the latest value, and before it by the first one."""
    known = ~np.isnan(X)
    first = np.take_along_axis(X, known.argmax(-1)[..., None], axis=-1)
    return fill_gaps(X, before=first)


def _check_single(
    single: NDArray[np.float32], X: NDArray[np.floating], gaps: NDArray[np.bool_]
) -> None:
    bad = ~(np.isfinite(single) | gaps)
    if bad.any():
        place = tuple(np.argwhere(bad)[0].tolist())
        names = ("case", "channel", "time point")[-len(place) :]
        where = ", ".join(f"{name} {i}" for name, i in zip(names, place, strict=True))
        raise ValueError(
            f"X contains infinite values or such that single precision cannot hold: {X[place]} in "
            f"{where}."
        )
