"""Batches of indices over data that already live on the device."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

__all__ = ["epoch_batches"]


def epoch_batches(n_cases: int, batch_size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Shuffle the cases and part them into batches of nearly equal size.

    Equal parts instead of full batches and a remainder: a remainder of one case would break batch
    normalisation, and a small one would get the weight of a whole batch.

    Parameters
    ----------
    n_cases : int
    batch_size : int
        Upper bound of a batch.
    generator : torch.Generator
        Its device is the device of the indices.

    Yields
    ------
    Tensor of int64, shape (B,)
    """
    order = torch.randperm(n_cases, generator=generator, device=generator.device)
    yield from torch.tensor_split(order, max(1, -(-n_cases // batch_size)))
