"""The supervised loss, with weights of the classes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import Tensor
from torch.nn.functional import cross_entropy

__all__ = ["supervised_loss"]

_TINY = 1e-37


def supervised_loss(class_weight: Tensor | None) -> Callable[[Tensor, Tensor], Tensor]:
    """Give the cross-entropy of logits (N, K) and target (N,), a mean weighted by class.

    Parameters
    ----------
    class_weight : Tensor of shape (K,), optional
        At least 0.
    """
    if class_weight is None or bool((class_weight > 0).all()):
        return partial(cross_entropy, weight=class_weight)
    return partial(_with_idle_classes, weight=class_weight)


def _with_idle_classes(logits: Tensor, target: Tensor, *, weight: Tensor) -> Tensor:
    """Give 0 where no case of the batch counts, of which PyTorch's mean makes NaN."""
    of_cases = weight[target]
    losses = cross_entropy(logits, target, reduction="none")
    return (of_cases * losses).sum() / of_cases.sum().clamp_min(_TINY)
