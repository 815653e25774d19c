"""Batch norm of all members in training, in a few passes of vectorised operations.

PyTorch's own forward pass on a CPU sums in double precision, number by number: it took three times
as long as its backward pass, which is kept.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

__all__ = ["normalise_in_training"]

# So many numbers are worked on at a time: they stay in the cache from one pass to the next.
_CACHED = 2**17


def normalise_in_training(
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    momentum: float,
    eps: float,
) -> Tensor:
    """Normalise channels by their own statistics, and note these.

    Parameters
    ----------
    x : Tensor of shape (C, N)
        Channels (of all members), and all their cases and steps; N is at least 2.
    weight, bias : Tensor of shape (C,)
    running_mean, running_var : Tensor of shape (C,)
        Changed in place.
    momentum, eps : float

    Returns
    -------
    Tensor of shape (C, N)
    """
    result, mean, variance = _BatchNorm.apply(x, weight, bias, eps)
    running_mean.lerp_(mean, momentum)
    running_var.lerp_(variance * (x.shape[1] / (x.shape[1] - 1)), momentum)
    return result


class _BatchNorm(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, eps: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        mean = x.mean(1)
        variance, result = torch.empty_like(mean), torch.empty_like(x)
        size = max(1, _CACHED // x.shape[1])
        for start in range(0, len(x), size):
            some = slice(start, start + size)
            part = torch.sub(x[some], mean[some, None], out=result[some])
            variance[some] = torch.linalg.vector_norm(part, dim=1).square_() / x.shape[1]
            part *= (weight[some] * (variance[some] + eps).rsqrt())[:, None]
            part += bias[some, None]
        ctx.save_for_backward(x, weight, mean, variance)
        ctx.eps = eps
        ctx.mark_non_differentiable(mean, variance)
        return result, mean, variance

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, mean, variance = ctx.saved_tensors
        of_x, of_weight, of_bias = torch.ops.aten.native_batch_norm_backward(
            gradient[None].contiguous(), x[None], weight, None, None,
            mean, (variance + ctx.eps).rsqrt(), True, ctx.eps, [True, True, True],
        )  # fmt: skip
        return of_x[0], of_weight, of_bias, None
