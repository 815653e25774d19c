"""P LSTMs of any width on a GPU: step by step, all members in one batched product.

cuDNN runs one LSTM at a time, and a single one with a batch of 16 leaves most of a GPU idle. Here a
time point is one product for all members and one fused kernel for their gates; all that does not
wait for the step before (inputs, gradients of weights) is one product for all time points.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

__all__ = ["looped_lstm"]


def looped_lstm(x: Tensor, *weights: Tensor, n_layers: int) -> tuple[Tensor, Tensor, Tensor]:
    """Run each member's batch through its own LSTM; see ``stacked_lstm``, whose shapes are these.

    In single precision within autocast too: the gates of a step add up to those of all.
    """
    hidden = x.permute(2, 0, 1, 3)  # (T, P, B, C)
    ends = []
    with torch.autocast(x.device.type, enabled=False):
        for layer in range(n_layers):
            of_input, of_hidden, bias, other = weights[4 * layer : 4 * layer + 4]
            x = hidden.to(of_input.dtype)
            hidden, cell = _run_layer(x, of_input, of_hidden, bias + other)
            ends.append((hidden[-1], cell))
    last_hidden, last_cell = (torch.stack(each, 1) for each in zip(*ends, strict=True))
    return hidden.permute(1, 2, 0, 3), last_hidden, last_cell


def _run_layer(
    x: Tensor, of_input: Tensor, of_hidden: Tensor, bias: Tensor
) -> tuple[Tensor, Tensor]:
    """Hidden states (T, P, B, H) and the last cell (P, B, H) of inputs (T, P, B, C)."""
    n_steps, n_members, n_cases, n_channels = x.shape
    rows = x.transpose(0, 1).reshape(n_members, n_steps * n_cases, n_channels)
    gates = rows @ of_input.transpose(1, 2) + bias[:, None]
    gates = gates.view(n_members, n_steps, n_cases, -1).transpose(0, 1).contiguous()
    result: tuple[Tensor, Tensor] = _Steps.apply(gates, of_hidden)
    return result


class _Steps(torch.autograd.Function):
    """From the inputs' share of the gates (T, P, B, 4H) to hidden states (T, P, B, H)."""

    @staticmethod
    def forward(ctx: Any, gates: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
        n_steps, n_members, n_cases, width = gates.shape
        hidden = gates.new_empty(n_steps, n_members, n_cases, width // 4)
        state = gates.new_zeros(n_members, n_cases, width // 4)
        cells = [state.flatten(0, 1)]
        acts = []
        across = weight.transpose(1, 2)
        for t in range(n_steps):
            from_before = torch.bmm(state, across)
            new, cell, act = _step(gates[t].flatten(0, 1), from_before.flatten(0, 1), cells[-1])
            state = new.view_as(state)
            hidden[t] = state
            cells.append(cell)
            acts.append(act)
        ctx.save_for_backward(weight, hidden, *cells, *acts)
        return hidden, cells[-1].view_as(state)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_hidden: Tensor, of_cell: Tensor) -> tuple[Tensor, Tensor]:
        weight, hidden, *kept = ctx.saved_tensors
        n_steps, n_members, n_cases, n_hidden = hidden.shape
        cells, acts = kept[: n_steps + 1], kept[n_steps + 1 :]
        of_gates = hidden.new_empty(n_steps, n_members, n_cases, 4 * n_hidden)
        of_state, cell = of_hidden[-1], of_cell.flatten(0, 1)
        for t in reversed(range(n_steps)):
            gates, cell = _step_back(of_state.flatten(0, 1), cell, cells[t], cells[t + 1], acts[t])
            of_gates[t] = gates.view(n_members, n_cases, -1)
            if t > 0:
                of_state = torch.baddbmm(of_hidden[t - 1], of_gates[t], weight)
        before = torch.cat([torch.zeros_like(hidden[:1]), hidden[:-1]])
        columns = of_gates.permute(1, 3, 0, 2).flatten(2)  # (P, 4H, T · B)
        of_weight = torch.bmm(columns, before.transpose(0, 1).flatten(1, 2))
        return of_gates, of_weight


def _step(from_input: Tensor, from_hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden state and cell (n, H) after a step, and the gates as they are after their curves.

    Gates stand in the order input, forget, cell, output: (n, 4H).
    """
    if cell.device.type == "cuda":
        new: tuple[Tensor, Tensor, Tensor]
        new = torch.ops.aten._thnn_fused_lstm_cell(from_input, from_hidden, cell)
        return new
    enters, forgets, candidate, leaves = (from_input + from_hidden).chunk(4, 1)
    enters, forgets, leaves = enters.sigmoid(), forgets.sigmoid(), leaves.sigmoid()
    candidate = candidate.tanh()
    after = forgets * cell + enters * candidate
    return leaves * after.tanh(), after, torch.cat([enters, forgets, candidate, leaves], 1)


def _step_back(
    of_hidden: Tensor, of_cell: Tensor, before: Tensor, after: Tensor, act: Tensor
) -> tuple[Tensor, Tensor]:
    """Gradients of the sums in the gates (n, 4H), and of the cell before (n, H)."""
    if before.device.type == "cuda":
        of_gates, of_before, _ = torch.ops.aten._thnn_fused_lstm_cell_backward_impl(
            of_hidden, of_cell, before, after, act, False
        )
        return of_gates, of_before
    enters, forgets, candidate, leaves = act.chunk(4, 1)
    curved = after.tanh()
    of_cell = of_cell + of_hidden * leaves * (1.0 - curved.square())
    of_gates = torch.cat(
        [
            of_cell * candidate * enters * (1.0 - enters),
            of_cell * before * forgets * (1.0 - forgets),
            of_cell * enters * (1.0 - candidate.square()),
            of_hidden * curved * leaves * (1.0 - leaves),
        ],
        1,
    )
    return of_gates, of_cell * forgets
