"""Blends of training cases: series that nobody has labelled, about which a teacher can be asked."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Blend", "draw_blend"]


class Blend(NamedTuple):
    """How the cases of one batch are blended with each other.

    Attributes
    ----------
    share : Tensor of shape ()
        Of the case itself, at least one half; the rest is its partner's.
    partners : Tensor of int64, shape (B,)
        Places in the batch.
    """

    share: Tensor
    partners: Tensor

    def of(self, x: Tensor) -> Tensor:
        """Blend the series (B, C, L) of a batch."""
        return torch.lerp(x[self.partners], x, self.share.to(x.dtype))


def draw_blend(n_cases: int, generator: torch.Generator) -> Blend:
    """Draw one share for the batch and a partner for each case.

    The share is the larger part of a Beta(½, ½) draw, whose distribution function is an arc sine:
    most blends are near one of their cases.
    """
    device = generator.device
    angle = math.pi / 4 * torch.rand((), generator=generator, device=device)
    partners = torch.randperm(n_cases, generator=generator, device=device)
    return Blend(angle.cos().square(), partners)
