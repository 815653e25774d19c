"""Mixed precision for operations of our own, which ``torch.autocast`` does not know."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["autocast_operands"]


def autocast_operands(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Cast operands of a matrix product as autocast would; outside of it they are left alone.

    To be called before an ``autograd.Function``: the casts hand gradients back in their own type.
    """
    kind = tensors[0].device.type
    # double precision is nobody's mixed precision
    if not torch.is_autocast_enabled(kind) or tensors[0].dtype == torch.float64:
        return tensors
    return tuple(tensor.to(torch.get_autocast_dtype(kind)) for tensor in tensors)
