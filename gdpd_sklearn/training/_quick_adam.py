"""Steps of Adam without what PyTorch does around its kernel.

``Optimizer.step`` walks over all parameters in Python, groups them and looks for hooks. For some
fifty small tensors that takes several times as long as the fused kernel, and longer than a
recorded training step. So the lists are made once, and from then on the kernel is called.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = ["QuickAdam"]


class QuickAdam:
    """Steps of a fused Adam or AdamW with one group; of others their own.

    The first step is the optimiser's own, in which it makes its state. The settings of the group
    are read anew in each step, so schedules work as usual.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
    """

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self._optimizer = optimizer
        (self._group,) = optimizer.param_groups
        self._parameters: list[Tensor] = self._group["params"]
        self._kernel = _kernel_of(optimizer)
        self._has_gradient: list[bool] | None = None
        self._lists: tuple[list[Tensor], ...] = ()

    def step(self) -> None:
        """Take a step by the gradients that the parameters hold."""
        gradients = [parameter.grad for parameter in self._parameters]
        present = [gradient is not None for gradient in gradients]
        if self._kernel is None or present != self._has_gradient:
            self._optimizer.step()
            self._has_gradient = present
            self._lists = self._collect(present)
            return
        group = self._group
        moved, means, squares, steps = self._lists
        with torch.no_grad():
            torch._foreach_add_(steps, 1)
            self._kernel(
                moved, [gradient for gradient in gradients if gradient is not None], means,
                squares, [], steps, lr=group["lr"], beta1=group["betas"][0],
                beta2=group["betas"][1], weight_decay=group["weight_decay"], eps=group["eps"],
                amsgrad=False, maximize=False,
            )  # fmt: skip

    def _collect(self, present: list[bool]) -> tuple[list[Tensor], ...]:
        if self._kernel is None:
            return ()
        moved = [p for p, has in zip(self._parameters, present, strict=True) if has]
        states = [self._optimizer.state[parameter] for parameter in moved]
        names = ("exp_avg", "exp_avg_sq", "step")
        return (moved, *([state[name] for state in states] for name in names))


def _kernel_of(optimizer: torch.optim.Optimizer) -> Any | None:
    """Give the kernel that a step calls; None where it is more than that."""
    (group,) = optimizer.param_groups
    kinds = {(p.device, p.dtype) for p in group["params"]}
    plain = group.get("fused") and not group.get("amsgrad") and not group.get("maximize")
    if not plain or len(kinds) != 1 or isinstance(group["lr"], Tensor):
        return None
    kernels = {torch.optim.Adam: "_fused_adam_", torch.optim.AdamW: "_fused_adamw_"}
    return getattr(torch, kernels.get(type(optimizer), ""), None)
