"""Feature maps of different lengths: one resampled to the steps of the other.

Student and teacher are compared at the same share of their own input: step ``l`` of ``L`` stands
for ``[l/L, (l+1)/L)``. For a student whose prefix is stretched to the full input length this pairs
equal step numbers; where the backbones reduce the length differently, the teacher is averaged over
the student's steps. The rejected alternative, to pair steps of equal time, would leave the
teacher's map of the unseen part, the very thing to be taught, without a counterpart.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["match_steps"]


def match_steps(feature_map: Tensor, n_steps: int) -> Tensor:
    """Resample the last axis to ``n_steps`` by area: each new step averages what it covers.

    Unlike adaptive pooling, steps that are covered in part count in part, so that the mean over
    steps stays what it was, up as well as down. Linear, hence the same under ``torch.func.vmap``.

    Parameters
    ----------
    feature_map : Tensor of shape (..., L)
    n_steps : int
        L'.

    Returns
    -------
    Tensor of shape (..., L')

    Examples
    --------
    >>> import torch
    >>> match_steps(torch.tensor([0.0, 2.0, 4.0]), 2)
    tensor([0.6667, 3.3333])
    """
    n_old = feature_map.shape[-1]
    if n_old == n_steps:
        return feature_map
    # both axes in units of 1 / (L · L'): whole numbers, so the overlaps are exact
    old = torch.arange(n_old, device=feature_map.device)[:, None] * n_steps
    new = torch.arange(n_steps, device=feature_map.device) * n_old
    overlap = torch.minimum(old + n_steps, new + n_old) - torch.maximum(old, new)
    return feature_map @ (overlap.clamp(min=0).to(feature_map.dtype) / n_old)
