"""Layers of P networks of one shape at once, in numpy and double precision, for use alone.

A small network spends most of a pass on the calls that it consists of. Here one call serves the
layer of all networks, and numpy's calls are shorter than torch's; what training needs is left out.
Sums run in another order than in torch, so results differ from a torch network in double precision
by its rounding, and not at all once both are rounded to single.

Activations are (P, N, T, C), for N cases of T points: the window of a convolution is then one
stretch of memory. What all networks see alike may be (1, N, T, C).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from gdpd_sklearn.networks._base import LastStep, MeanPool, PadThenConv
from gdpd_sklearn.networks._fcn import CausalBackbone, CausalConv
from gdpd_sklearn.networks._lstm import LSTMBackbone

__all__ = ["Floats", "Layer", "NoTranslation", "in_double", "translate"]

Floats = NDArray[np.float64]

Layer = Callable[[Floats, Iterator[Floats], list[Floats]], Floats]
"""A layer takes its input, the iterator over what the layers remembered of the points before
(exhausted at the beginning of a series), and the list to which it appends what it remembers now;
memories are (P, N, …)."""


class NoTranslation(TypeError):
    """A module that has no form here."""


def translate(modules: Sequence[nn.Module]) -> list[Layer]:
    """Give the layers that do what these P modules of one shape do in evaluation mode.

    Raises
    ------
    NoTranslation
        If there is a module among them that is not known here.
    """
    kind = type(modules[0])
    if kind not in _TRANSLATIONS or any(type(module) is not kind for module in modules):
        raise NoTranslation(f"{kind.__name__} has no form in numpy.")
    return _TRANSLATIONS[kind](modules)


def in_double(tensors: Sequence[Tensor]) -> Floats:
    """Stack equally shaped tensors as an array (P, …)."""
    return np.stack([tensor.detach().cpu().numpy() for tensor in tensors]).astype(np.float64)


class _Convolution:
    """Convolution with the batch norm and the ReLU that follow it.

    Parameters
    ----------
    convs : sequence of nn.Conv1d, length P
    left, right : int
        Zeros at both ends.
    causal : bool, default=False
        Whether the zeros on the left are those before the beginning: later on, the points before
        stand in their place.
    """

    def __init__(
        self, convs: Sequence[nn.Conv1d], left: int, right: int, causal: bool = False
    ) -> None:
        first = convs[0]
        if first.groups != 1 or first.stride != (1,) or first.padding_mode != "zeros":
            raise NoTranslation(f"{first} has no form in numpy.")
        weight = in_double([conv.weight for conv in convs])  # (P, D, C, taps)
        self.n_taps, self.dilation = weight.shape[3], first.dilation[0]
        self.left, self.right, self.causal = left, right, causal
        self.kernel = weight.transpose(0, 3, 2, 1).reshape(len(weight), 1, -1, weight.shape[1])
        self.bias = np.zeros((len(weight), 1, 1, weight.shape[1]))
        if first.bias is not None:
            self.bias[:, 0, 0] = in_double([conv.bias for conv in convs if conv.bias is not None])
        self.rectified = False

    def normalise(self, norms: Sequence[nn.BatchNorm1d]) -> None:
        """Take in a batch norm: with its running statistics it is a scale and a shift."""
        if any(n.running_mean is None or n.running_var is None or not n.affine for n in norms):
            raise NoTranslation(f"{norms[0]} has no form in numpy.")
        weight, shift, mean, variance = (
            in_double([getattr(norm, name) for norm in norms])[:, None, None]
            for name in ("weight", "bias", "running_mean", "running_var")
        )
        scale = weight / np.sqrt(variance + norms[0].eps)
        self.kernel = self.kernel * scale
        self.bias = (self.bias - mean) * scale + shift

    def __call__(self, x: Floats, remembered: Iterator[Floats], after: list[Floats]) -> Floats:
        _, n_cases, n_points, n_channels = x.shape
        n_members = len(self.kernel)
        before = next(remembered, None) if self.causal else None
        n_longer = self.left + n_points + self.right
        longer = np.zeros((n_members, n_cases, n_longer, n_channels))
        longer[:, :, self.left : self.left + n_points] = x
        if before is not None:
            longer[:, :, : self.left] = before
        if self.causal:
            after.append(longer[:, :, n_points:])
        n_steps = n_longer - self.dilation * (self.n_taps - 1)
        member, case, point, channel = longer.strides
        # the constructor of a view: sliding_window_view takes longer than the convolution
        windows: Floats = np.ndarray(
            (n_members, n_cases, n_steps, self.n_taps, n_channels), longer.dtype, longer,
            strides=(member, case, point, point * self.dilation, channel),
        )  # fmt: skip
        result = windows.reshape(n_members, n_cases, n_steps, -1) @ self.kernel
        result += self.bias
        return np.maximum(result, 0.0, out=result) if self.rectified else result


class _LSTMLayer:
    """One layer of an LSTM.

    ``σ(x) = (1 + tanh(x / 2)) / 2`` makes one function of all gates: the weights of input, forget
    and output gate are halved, which is exact.
    """

    def __init__(self, lstms: Sequence[nn.LSTM], number: int) -> None:
        weights = [
            in_double([lstm.all_weights[number][i] for lstm in lstms]) for i in range(4)
        ]  # w_ih (P, 4H, I), w_hh (P, 4H, H), b_ih and b_hh (P, 4H)
        self.n_hidden = n_hidden = weights[1].shape[-1]
        # torch's order is input, forget, cell, output
        order = np.arange(4 * n_hidden).reshape(4, n_hidden)[[0, 1, 3, 2]].ravel()
        half = np.where(np.arange(4 * n_hidden) < 3 * n_hidden, 0.5, 1.0)
        of_input, of_hidden = (w[:, order].transpose(0, 2, 1) * half for w in weights[:2])
        self.of_input = np.ascontiguousarray(of_input[:, None])
        self.of_hidden = np.ascontiguousarray(of_hidden)
        self.bias = ((weights[2] + weights[3])[:, order] * half)[:, None, None]

    def __call__(self, x: Floats, remembered: Iterator[Floats], after: list[Floats]) -> Floats:
        n_hidden = self.n_hidden
        hidden, cell = next(remembered, None), next(remembered, None)
        if hidden is None or cell is None:
            hidden = cell = np.zeros((len(self.of_hidden), x.shape[1], n_hidden))
        driven = x @ self.of_input
        driven += self.bias
        result = np.empty((*driven.shape[:3], n_hidden))
        for step in range(x.shape[2]):
            gates = hidden @ self.of_hidden
            gates += driven[:, :, step]
            np.tanh(gates, out=gates)
            sigmoids = gates[..., : 3 * n_hidden]
            sigmoids *= 0.5
            sigmoids += 0.5
            cell = cell * sigmoids[..., n_hidden : 2 * n_hidden]
            cell += sigmoids[..., :n_hidden] * gates[..., 3 * n_hidden :]
            hidden = np.tanh(cell)
            hidden *= sigmoids[..., 2 * n_hidden :]
            result[:, :, step] = hidden
        after += [hidden, cell]
        return result


def _mean(x: Floats, remembered: Iterator[Floats], after: list[Floats]) -> Floats:
    """Average over all points so far: (P, N, T, D) → (P, N, D)."""
    total = x.sum(2)
    count = np.full((*total.shape[:2], 1), float(x.shape[2]))
    before = next(remembered, None)
    if before is not None:
        total += before
        count += next(remembered)
    after += [total, count]
    return total / count


def _last(x: Floats, remembered: Iterator[Floats], after: list[Floats]) -> Floats:
    """Take the last point: (P, N, T, D) → (P, N, D)."""
    return x[:, :, -1]


def _rectify(x: Floats, remembered: Iterator[Floats], after: list[Floats]) -> Floats:
    return np.maximum(x, 0.0)


def _chain(sequences: Sequence[nn.Sequential]) -> list[Layer]:
    layers: list[Layer] = []
    convolution: _Convolution | None = None  # the last layer, as long as it may take in more
    for modules in zip(*sequences, strict=True):
        if convolution is not None and type(modules[0]) is nn.BatchNorm1d:
            convolution.normalise(modules)
        elif convolution is not None and type(modules[0]) is nn.ReLU:
            convolution.rectified = True
            convolution = None
        else:
            layers += translate(modules)
            last = layers[-1] if layers else None
            convolution = last if isinstance(last, _Convolution) and not last.rectified else None
    return layers


def _plain(convs: Sequence[Any]) -> list[Layer]:
    padding = convs[0].padding
    if isinstance(padding, str):
        raise NoTranslation(f"{convs[0]} has no form in numpy.")
    return [_Convolution(convs, *padding * 2)]


def _padded(modules: Sequence[Any]) -> list[Layer]:
    return [_Convolution([module.conv for module in modules], *modules[0].padding)]


def _causal(modules: Sequence[Any]) -> list[Layer]:
    convs = [module.conv for module in modules]
    return [_Convolution(convs, modules[0].context, 0, causal=True)]


def _lstm(modules: Sequence[Any]) -> list[Layer]:
    lstms = [module.lstm for module in modules]
    return [_LSTMLayer(lstms, number) for number in range(lstms[0].num_layers)]


_TRANSLATIONS: Mapping[type[nn.Module], Callable[[Sequence[Any]], list[Layer]]] = {
    nn.Sequential: _chain,
    CausalBackbone: _chain,
    nn.Conv1d: _plain,
    PadThenConv: _padded,
    CausalConv: _causal,
    LSTMBackbone: _lstm,
    nn.ReLU: lambda modules: [_rectify],
    MeanPool: lambda modules: [_mean],
    LastStep: lambda modules: [_last],
}
