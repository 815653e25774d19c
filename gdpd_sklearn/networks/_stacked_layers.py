"""Layers of a bank under vmap: what PyTorch's own batching rules lack, or do slowly.

A bank's template calls, in place of some layers, functions that see the tensors of all P members at
once. Single networks, and all that predicts, keep PyTorch's layers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm, conv1d

from gdpd_sklearn.networks._depthwise import DepthwiseConv1d, stacked_depthwise_conv1d
from gdpd_sklearn.networks._lite import FixedFilters
from gdpd_sklearn.networks._stacked_convolution import stacked_conv1d
from gdpd_sklearn.networks._stacked_lstm import stacked_lstm
from gdpd_sklearn.networks._stacked_norm import normalise_in_training

__all__ = ["use_stacked_layers"]

# Cases and steps up to which PyTorch's batch norm is faster in training: one call instead of six.
_FEW = 128


def use_stacked_layers(template: nn.Module) -> None:
    """Let the layers of a module that runs under vmap compute for all members at once.

    Parameters
    ----------
    template : nn.Module
        Changed in place; it works under ``torch.vmap`` over all its parameters and buffers alone.
        A layer with options that its stacked form does not know stays as it is.
    """
    for layer in template.modules():
        for kind, suits, forward in _STACKED:
            if type(layer) is kind and suits(layer):
                # on the instance, so that hooks and parameter names stay what they are
                layer.forward = partial(forward, layer)


class _AllMembers(torch.autograd.Function):
    """Step out of vmap: hand a function the tensors of all members, P first in each.

    A batching rule is all that this is; gradients are those of what the function does.
    """

    @staticmethod
    def forward(function: Callable[..., Any], *tensors: Tensor | None) -> Any:
        raise RuntimeError("a stacked layer works under torch.vmap alone.")

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        """Do nothing; functorch asks for it."""

    @staticmethod
    def vmap(
        info: Any,
        in_dims: tuple[int | None, ...],
        function: Callable[..., Any],
        *tensors: Tensor | None,
    ) -> tuple[Any, int]:
        def members_first(tensor: Tensor | None, dim: int | None) -> Tensor | None:
            if tensor is None:
                return None
            if dim is None:
                return tensor.expand(info.batch_size, *tensor.shape)
            return tensor.movedim(dim, 0)

        stacked = [members_first(t, dim) for t, dim in zip(tensors, in_dims[1:], strict=True)]
        return function(*stacked), 0


def _convolve(layer: nn.Conv1d, x: Tensor) -> Tensor:
    function = partial(stacked_conv1d, padding=int(layer.padding[0]), dilation=layer.dilation[0])
    result: Tensor = _AllMembers.apply(function, x, layer.weight, layer.bias)
    return result


def _convolve_depthwise(layer: DepthwiseConv1d, x: Tensor) -> Tensor:
    function = partial(
        stacked_depthwise_conv1d,
        padding=int(layer.padding[0]),
        dilation=layer.dilation[0],
        # on a CPU each member's series stay in the cache; elsewhere one call is what counts
        folded=x.device.type != "cpu",
    )
    result: Tensor = _AllMembers.apply(function, x, layer.weight)
    return result


def _filter(layer: FixedFilters, x: Tensor) -> Tensor:
    """All members have the same filters: they are but further cases."""

    def function(x: Tensor, kernels: Tensor) -> Tensor:
        result = conv1d(x.flatten(0, 1), kernels[0], padding=kernels.shape[-1] // 2)
        return result.unflatten(0, x.shape[:2])

    result: Tensor = _AllMembers.apply(function, x, layer.kernels)
    return result


def _normalise(layer: nn.BatchNorm1d, x: Tensor) -> Tensor:
    """Members are but further channels, all cases and steps of which lie side by side."""
    if not layer.training and x.ndim == 2:
        # as in a frozen prior, many times a step; stepping out of vmap would take most of the time
        assert layer.running_var is not None
        assert layer.running_mean is not None
        scale = layer.weight * (layer.running_var + layer.eps).rsqrt()
        return x * scale + (layer.bias - layer.running_mean * scale)

    def function(x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        channels_first = x.transpose(1, 2)  # (P, C, B) or (P, C, B, L)
        flat = channels_first.flatten(0, 1).flatten(1)
        # views: batch norm writes the running statistics of the bank
        statistics = mean.view(-1), var.view(-1)
        parameters = weight.flatten(), bias.flatten()
        by_hand = training and x.device.type == "cpu" and x.dtype == weight.dtype
        if by_hand and flat.shape[1] > _FEW:
            result = normalise_in_training(flat, *parameters, *statistics, momentum, eps)
        else:
            result = batch_norm(flat[None], *statistics, *parameters, training, momentum, eps)
        return result.view(channels_first.shape).transpose(1, 2)

    training, eps = layer.training, layer.eps
    momentum: float = layer.momentum  # type: ignore[assignment]  # None is not stacked
    if training:
        assert layer.num_batches_tracked is not None
        layer.num_batches_tracked.add_(1)
    result: Tensor = _AllMembers.apply(
        function, x, layer.weight, layer.bias, layer.running_mean, layer.running_var
    )
    return result


def _remember(layer: nn.LSTM, x: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    weights = [weight for of_layer in layer.all_weights for weight in of_layer]
    function = partial(stacked_lstm, n_layers=layer.num_layers)
    hidden, last_hidden, last_cell = _AllMembers.apply(function, x, *weights)
    return hidden, (last_hidden, last_cell)


def _look_up(layer: nn.Embedding, index: Tensor) -> Tensor:
    """Take rows by indexing: the batching rule of ``embedding`` takes three times as long."""
    return layer.weight[index]


def _is_plain_convolution(layer: nn.Conv1d) -> bool:
    return (
        layer.groups == 1
        and layer.stride == (1,)
        and layer.padding_mode == "zeros"
        and not isinstance(layer.padding, str)
    )


def _is_plain_norm(layer: nn.BatchNorm1d) -> bool:
    return layer.affine and layer.track_running_stats and layer.momentum is not None


def _is_plain_embedding(layer: nn.Embedding) -> bool:
    return layer.padding_idx is None and layer.max_norm is None and not layer.scale_grad_by_freq


def _is_plain_lstm(layer: nn.LSTM) -> bool:
    return (
        layer.batch_first and layer.bias and not layer.bidirectional
        and not layer.dropout and not layer.proj_size
    )  # fmt: skip


_STACKED: tuple[tuple[type[nn.Module], Callable[[Any], bool], Callable[..., Any]], ...] = (
    (nn.Conv1d, _is_plain_convolution, _convolve),
    (DepthwiseConv1d, lambda layer: True, _convolve_depthwise),
    (FixedFilters, lambda layer: True, _filter),
    (nn.BatchNorm1d, _is_plain_norm, _normalise),
    (nn.LSTM, _is_plain_lstm, _remember),
    (nn.Embedding, _is_plain_embedding, _look_up),
)
