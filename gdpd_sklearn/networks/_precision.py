"""Mixed precision where ``torch.autocast`` does not know an operation, or a processor has none."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache

import torch
from torch import Tensor

__all__ = ["autocast_operands", "lstm_autocast", "runs_lstms_in_bfloat16"]


def autocast_operands(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Cast operands of a matrix product as autocast would; outside of it they are left alone.

    To be called before an ``autograd.Function``: the casts hand gradients back in their own type.
    """
    kind = tensors[0].device.type
    # double precision is nobody's mixed precision
    if not torch.is_autocast_enabled(kind) or tensors[0].dtype == torch.float64:
        return tensors
    return tuple(tensor.to(torch.get_autocast_dtype(kind)) for tensor in tensors)


def lstm_autocast(device: torch.device) -> AbstractContextManager[object]:
    """Make the context in which an LSTM runs: single precision where bfloat16 is not to be had."""
    kind = device.type
    mixed = torch.is_autocast_enabled(kind) and torch.get_autocast_dtype(kind) == torch.bfloat16
    if mixed and not runs_lstms_in_bfloat16(kind):
        return torch.autocast(kind, enabled=False)
    return nullcontext()


@cache
def runs_lstms_in_bfloat16(device_type: str) -> bool:
    """Try it once: on processors without bfloat16, torch 2.13 raises for LSTMs alone."""
    x = torch.zeros(1, 1, 1, device=device_type)
    weights = [x.new_zeros(4, 1), x.new_zeros(4, 1), x.new_zeros(4), x.new_zeros(4)]
    try:
        with torch.no_grad(), torch.autocast(device_type, torch.bfloat16):
            torch.lstm(x, (x, x), weights, True, 1, 0.0, False, False, True)
    except RuntimeError:
        return False
    return True
