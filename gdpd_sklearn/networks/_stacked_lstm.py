"""P small LSTMs as a few wider ones, with block-diagonal weights.

PyTorch's fused LSTM has no batching rule under vmap. The zeros beside the blocks are multiplied in
vain, but a narrow LSTM spends its time on other things: with 16 series of 100 points on a CPU,
forward and backward passes take 0.9 ms for 8 hidden units and 2.1 ms for 40, the work of five
members. A cell loop over batched matrix products with a hand-written backward pass was estimated
from its operations at about the same time, and starts hundreds of kernels where this starts one.
On a GPU, where all members share the kernels, such a loop is what there is (``_lstm_loop.py``).
"""

from __future__ import annotations

import torch
from torch import Tensor

from gdpd_sklearn.networks._lstm_loop import looped_lstm

__all__ = ["WIDEST_JOINED", "stacked_lstm"]

WIDEST_JOINED = 40
"""Hidden units up to which joining pays (measured as above for 8 … 160); where two members have
more, they run one by one."""


def stacked_lstm(x: Tensor, *weights: Tensor, n_layers: int) -> tuple[Tensor, Tensor, Tensor]:
    """Run each member's batch through its own LSTM.

    Parameters
    ----------
    x : Tensor of shape (P, B, T, C)
    *weights : Tensor
        Those of ``nn.LSTM``, layer by layer (w_ih, w_hh, b_ih, b_hh), P first in each.
    n_layers : int

    Returns
    -------
    hidden : Tensor of shape (P, B, T, H)
    last_hidden, last_cell : Tensor of shape (P, layers, B, H)
    """
    if x.device.type == "cuda":
        return looped_lstm(x, *weights, n_layers=n_layers)
    n_members, n_hidden = len(x), weights[1].shape[-1]
    joined = max(1, WIDEST_JOINED // n_hidden)
    n_groups = -(-n_members // joined)
    parts = (tensor.tensor_split(n_groups) for tensor in (x, *weights))
    groups = [_joined_lstm(*group, n_layers=n_layers) for group in zip(*parts, strict=True)]
    hidden, last_hidden, last_cell = (torch.cat(each) for each in zip(*groups, strict=True))
    return hidden, last_hidden, last_cell


def _joined_lstm(x: Tensor, *weights: Tensor, n_layers: int) -> tuple[Tensor, Tensor, Tensor]:
    """Run the members of a group as one LSTM whose hidden units are theirs side by side."""
    n_members, n_cases = x.shape[:2]
    n_hidden = weights[1].shape[-1]
    start = x.new_zeros(n_layers, n_cases, n_members * n_hidden)
    results = torch.lstm(
        x.permute(1, 2, 0, 3).flatten(2),  # (B, T, P · C)
        (start, start),
        [_side_by_side(weight) for weight in weights],
        True, n_layers, 0.0, True, False, True,
    )  # fmt: skip
    hidden, *last = (each.unflatten(2, (n_members, n_hidden)) for each in results)
    last_hidden, last_cell = (each.permute(2, 0, 1, 3) for each in last)
    return hidden.permute(2, 0, 1, 3), last_hidden, last_cell


def _side_by_side(weight: Tensor) -> Tensor:
    """Join weights (P, 4H, I) to (4 · P · H, P · I), block-diagonal in each gate; biases likewise.

    The four gates stay the outermost order, as PyTorch has it.
    """
    gates = weight.unflatten(1, (4, -1)).transpose(0, 1)  # (4, P, H, …)
    if weight.ndim == 2:
        return gates.flatten()
    eye = torch.eye(len(weight), dtype=weight.dtype, device=weight.device)
    blocks = gates[:, :, :, None, :] * eye[:, None, :, None]  # (4, P, H, P, I)
    return blocks.flatten(3).flatten(0, 2)
