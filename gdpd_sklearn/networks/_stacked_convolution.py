"""Convolutions of P members as matrix products.

Under vmap PyTorch makes one grouped convolution of them, which is slow on a CPU: FCN and LITE
stacked took longer than looped. Here the windows of the input are laid out as columns (im2col) and
one batched matrix product applies the kernels of all members.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import pad

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
            # made anew instead of kept: columns are taps times as large as the input
            for members in _portions(gradient, x.shape[2] * n_taps):
                columns = _columns(x[members], n_taps, padding, dilation)
                rows = gradient[members].transpose(1, 2).flatten(2)  # (p, D, B · L)
                product = torch.bmm(rows, columns.transpose(1, 2))
                of_weight[members] = product.view_as(of_weight[members])
        return of_x, of_weight, None, None


def _correlate(x: Tensor, weight: Tensor, padding: int, dilation: int) -> Tensor:
    """(P, B, C, T) and (P, D, C, taps) → (P, B, D, L)."""
    n_members, n_filters, _, n_taps = weight.shape
    n_steps = x.shape[3] + 2 * padding - dilation * (n_taps - 1)
    result = x.new_empty(n_members, n_filters, x.shape[1], n_steps).transpose(1, 2)
    for members in _portions(result, x.shape[2] * n_taps):
        columns = _columns(x[members], n_taps, padding, dilation)
        product = torch.bmm(weight[members].flatten(2), columns)
        result[members] = product.unflatten(2, (x.shape[1], n_steps)).transpose(1, 2)
    return result


def _columns(x: Tensor, n_taps: int, padding: int, dilation: int) -> Tensor:
    """Lay out what each kernel entry meets: (p, B, C, T) → (p, C · taps, B · L)."""
    x = pad(x.transpose(1, 2), (padding, padding))
    n_steps = x.shape[-1] - dilation * (n_taps - 1)
    taps = x.unfold(-1, n_steps, dilation)  # (p, C, B, taps, L)
    return taps.transpose(2, 3).flatten(1, 2).flatten(2)


def _portions(outputs: Tensor, n_rows: int) -> Iterator[slice]:
    """Part the members so that the columns of a portion, (n_rows, B · L) each, stay in the cache.

    ``outputs`` is (P, B, D, L).
    """
    n_members, n_cases, _, n_steps = outputs.shape
    size = n_members
    if outputs.device.type == "cpu":
        size = max(1, _CACHED // (n_rows * n_cases * n_steps))
    for start in range(0, n_members, size):
        yield slice(start, start + size)
