"""Batches of indices over data that already live on the device."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

__all__ = ["count_batches", "epoch_batches"]


def count_batches(n_cases: int, batch_size: int) -> int:
    """Count the batches of one epoch.

    As few as ``batch_size`` allows, but no more than leave two cases to each.
    """
    return max(1, min(-(-n_cases // batch_size), n_cases // 2))


def epoch_batches(n_cases: int, batch_size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Shuffle the cases and part them into batches of nearly equal size.

    Equal parts instead of full batches and a remainder: a remainder of one case would break batch
    normalisation, and a small one would get the weight of a whole batch.

    Parameters
    ----------
    n_cases : int
    batch_size : int
        Upper bound of a batch, at least two. (An odd number of cases in batches of two makes one
        batch of three, because batch normalisation cannot use one case alone.)
    generator : torch.Generator
        Its device is the device of the indices.

    Yields
    ------
    Tensor of int64, shape (B,)
    """
    order = torch.randperm(n_cases, generator=generator, device=generator.device)
    yield from torch.tensor_split(order, count_batches(n_cases, batch_size))
