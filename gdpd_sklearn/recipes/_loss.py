"""The supervised loss, with weights of classes and of cases."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from torch import Tensor
from torch.nn.functional import cross_entropy

__all__ = ["SupervisedLoss", "supervised_loss"]

_TINY = 1e-37


class SupervisedLoss(Protocol):
    """Logits (N, K), target (N,) and, where cases have weights, these (N,), to a scalar."""

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor: ...


def supervised_loss(class_weight: Tensor | None) -> SupervisedLoss:
    """Give the cross-entropy, a mean weighted by class.

    Weights of cases multiply their losses; the divisor stays that of the class weights. So a batch
    of light cases is a small step, and an epoch is true to the weights, which are 1 on average.

    Parameters
    ----------
    class_weight : Tensor of shape (K,), optional
        At least 0.
    """
    every_class_counts = class_weight is None or bool((class_weight > 0).all())
    return partial(_loss, by_class=class_weight, plain=every_class_counts)


def _loss(
    logits: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    by_class: Tensor | None,
    plain: bool,
) -> Tensor:
    if weight is None and plain:
        return cross_entropy(logits, target, weight=by_class)
    losses = cross_entropy(logits, target, reduction="none")
    if weight is not None:
        losses = weight * losses
    if by_class is None:
        return losses.mean()
    of_cases = by_class[target]
    # 0 where no case of the batch counts, of which PyTorch's mean makes NaN
    return (of_cases * losses).sum() / of_cases.sum().clamp_min(_TINY)
