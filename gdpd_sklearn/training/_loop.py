"""One epoch, and the choice of weights: once, for teachers and all methods."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler

from gdpd_sklearn.distillers import Progress
from gdpd_sklearn.networks import Bank

__all__ = ["Best", "Figures", "Gradients", "run_epoch"]

Figures = dict[str, Tensor]


class Steps(Protocol):
    """What takes a step by the gradients that parameters hold, as an optimiser does."""

    def step(self) -> Any: ...


class Gradients:
    """Forward and backward pass of a batch; gradients stay in the parameters.

    Parameters
    ----------
    bank : Bank
        What is trained.
    step : callable
        Batch and progress to (scalar loss, figures of shape (P,)).
    optimizer : torch.optim.Optimizer
        Of the bank, and of the priors.
    max_gradient_norm : float or None
    priors : sequence of sequences of Tensor
        Parameters of further modules, each clipped by itself.
    """

    def __init__(
        self,
        bank: Bank,
        step: Callable[[Any, Progress], tuple[Tensor, Figures]],
        optimizer: torch.optim.Optimizer,
        max_gradient_norm: float | None,
        priors: Sequence[Sequence[Tensor]],
    ) -> None:
        self._bank = bank
        self._step = step
        self._optimizer = optimizer
        self._max_norm = max_gradient_norm
        self._priors = priors

    def __call__(self, batch: Any, progress: Progress) -> Figures:
        """Give the figures of a batch."""
        self._optimizer.zero_grad(set_to_none=True)
        loss, figures = self._step(batch, progress)
        loss.backward()
        if self._max_norm is not None:
            self._bank.clip_gradients(self._max_norm)
            for parameters in self._priors:
                nn.utils.clip_grad_norm_(parameters, self._max_norm)
        return figures


def run_epoch(
    gradients: Callable[[Any, Progress], Figures],
    batches: Iterable[Any],
    progress: Progress,
    optimizer: Steps,
    schedule: LRScheduler,
) -> Figures:
    """Take a step of the optimiser for every batch.

    Parameters
    ----------
    gradients : callable
        Batch and progress to figures of shape (P,), to be averaged; leaves gradients behind.
    batches : iterable
        Whatever ``gradients`` takes as a batch.
    progress : Progress
    optimizer, schedule
        As the plan builds them.

    Returns
    -------
    dict of str to Tensor of shape (P,)
        Means of the figures over the batches.
    """
    collected: list[Figures] = []
    for batch in batches:
        collected.append(gradients(batch, progress))
        optimizer.step()
        schedule.step()
    return {name: torch.stack([f[name] for f in collected]).mean(0) for name in collected[0]}


@dataclass
class Best:
    """A student's weights of the least validation loss so far, and how long none was better.

    Attributes
    ----------
    loss : float
    weights : dict of str to Tensor or None
        None before the first epoch that counts. Never changed in place, so copies may share it.
    stale : int
        Epochs since the last improvement.
    """

    loss: float = math.inf
    weights: dict[str, Tensor] | None = None
    stale: int = 0

    def offer(self, loss: float) -> bool:
        """Say whether the loss is the least so far; then the present weights are to be taken."""
        # a diverged epoch is the worst of all; as NaN it would win against every later one
        loss = math.inf if math.isnan(loss) else loss
        better = self.weights is None or loss < self.loss
        if better:
            self.loss, self.stale = loss, 0
        else:
            self.stale += 1
        return better
