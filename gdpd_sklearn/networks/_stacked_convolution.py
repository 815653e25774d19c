"""Convolutions of P members as matrix products.

Under vmap PyTorch makes one grouped convolution of them, which is slow on a CPU. Here the windows
of the input are laid out as columns (im2col) and one batched matrix product applies the kernels of
all members. With PyTorch's convolution a training step of 20 students took longer (batches of 16
series of 24 and of 100 points, one thread): FCN 1.16 and 1.36 times as long, causal FCN 1.11 and
1.43, LITE 1.01 and 1.09; on a busy machine, whose cache others use too, FCN 0.98 and 1.10.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from gdpd_sklearn.networks._precision import autocast_operands

__all__ = ["stacked_conv1d"]

# On a CPU so many numbers of columns are made at a time: what is in the cache is used there.
_CACHED = 2**18


def stacked_conv1d(
    x: Tensor, weight: Tensor, bias: Tensor | None, *, padding: int, dilation: int
) -> Tensor:
    """Convolve each member's batch with its own kernels.

    Parameters
    ----------
    x : Tensor of shape (P, B, C, T)
    weight : Tensor of shape (P, D, C, taps)
    bias : Tensor of shape (P, D) or None
    padding : int
        Zeros at both ends.
    dilation : int

    Returns
    -------
    Tensor of shape (P, B, D, L)
        Laid out in memory as (P, D, B, L): the matrix product's own order, and that of the
        stacked batch norm.
    """
    x, weight = autocast_operands(x, weight)
    result: Tensor = _StackedConvolution.apply(x, weight, padding, dilation)
    return result if bias is None else result + bias[:, None, :, None]


class _StackedConvolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, padding: int, dilation: int) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.padding, ctx.dilation = padding, dilation
        return _correlate(x, weight, padding, dilation)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        n_taps, padding, dilation = weight.shape[-1], ctx.padding, ctx.dilation
        of_x = of_weight = None
        if ctx.needs_input_grad[0]:
            overhang = dilation * (n_taps - 1) - padding
            of_x = _correlate(gradient, weight.flip(3).transpose(1, 2), overhang, dilation)
        if ctx.needs_input_grad[1]:
            of_weight = torch.empty_like(weight)
            kernels, rows = of_weight.flatten(2), gradient.transpose(1, 2).flatten(2)
            # columns are made anew instead of kept: they are taps times as large as the input
            for members, columns in _columns(x, n_taps, padding, dilation):
                torch.bmm(rows[members], columns.transpose(1, 2), out=kernels[members])
        return of_x, of_weight, None, None


def _correlate(x: Tensor, weight: Tensor, padding: int, dilation: int) -> Tensor:
    """(P, B, C, T) and (P, D, C, taps) → (P, B, D, L)."""
    n_members, n_filters, _, n_taps = weight.shape
    n_steps = x.shape[3] + 2 * padding - dilation * (n_taps - 1)
    result = x.new_empty(n_members, n_filters, x.shape[1] * n_steps)
    kernels = weight.flatten(2)
    for members, columns in _columns(x, n_taps, padding, dilation):
        torch.bmm(kernels[members], columns, out=result[members])
    return result.unflatten(2, (x.shape[1], n_steps)).transpose(1, 2)


def _columns(x: Tensor, n_taps: int, padding: int, dilation: int) -> Iterator[tuple[slice, Tensor]]:
    """Lay out what each kernel entry meets, a few members at a time.

    Takes (P, B, C, T) and gives slices of the members with (p, C · taps, B · L), which are
    overwritten by the next: fresh memory for each would cost as much as the copy.
    """
    if padding < 0:  # in backward passes of convolutions padded beyond their reach
        x, padding = x[..., -padding : x.shape[3] + padding], 0
    n_members, n_cases, n_channels, n_points = x.shape
    n_longer = n_points + 2 * padding
    n_steps = n_longer - dilation * (n_taps - 1)
    size = n_members
    if x.device.type == "cpu":
        size = min(size, max(1, _CACHED // (n_channels * n_taps * n_cases * n_steps)))
    padded = x.new_zeros(size, n_channels, n_cases, n_longer)
    inner = padded[..., padding : padding + n_points]
    taps = padded.unfold(-1, n_steps, dilation).transpose(2, 3)  # (p, C, taps, B, L)
    columns = torch.empty(taps.shape, dtype=x.dtype, device=x.device)
    for start in range(0, n_members, size):
        members = slice(start, start + size)
        p = len(x[members])
        inner[:p] = x[members].transpose(1, 2)
        columns[:p] = taps[:p]
        yield members, columns[:p].flatten(1, 2).flatten(2)
