"""Epochs, batches, early stopping, best weights: once, for teachers and all methods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler

from gdpd_sklearn.data import epoch_batches
from gdpd_sklearn.distillers import Progress
from gdpd_sklearn.networks import Bank
from gdpd_sklearn.training._history import History
from gdpd_sklearn.training._plan import TrainingPlan
from gdpd_sklearn.training._progress import Epochs

__all__ = ["Selection", "run_epoch", "run_epochs"]

Figures = dict[str, Tensor]


def run_epochs(
    bank: Bank,
    step: Callable[[Tensor, Progress], tuple[Tensor, Figures]],
    plan: TrainingPlan,
    n_cases: int,
    generator: torch.Generator,
    *,
    prior: nn.Module | None = None,
    evaluate: Callable[[], Figures] | None = None,
    selects: Callable[[Progress], bool] = lambda progress: True,
    label: str = "training",
    verbose: int = 0,
) -> History:
    """Train the members of a bank, and the prior they share.

    Parameters
    ----------
    bank : Bank
        Left with the weights of its last epoch or, where ``evaluate`` is given, with each member's
        weights of the least validation loss.
    step : callable
        Batch indices and progress to (scalar loss, figures of shape (P,) to be averaged).
    plan : TrainingPlan
    n_cases : int
        Cases that the batches are drawn from.
    generator : torch.Generator
        Draws the batches.
    prior : nn.Module, optional
        Further trained module, with its own gradient clipping.
    evaluate : callable, optional
        Gives ``validation_loss`` and other figures, each of shape (P,).
    selects : callable
        Whether an epoch's validation loss counts for selection.
    label, verbose
        Shown progress.
    """
    shared: Sequence[Tensor] = [] if prior is None else list(prior.parameters())
    optimizer, schedule = plan.build_optimizer([*bank.trainable, *shared], n_cases)
    history, epochs = History(), Epochs(plan.n_epochs, label, verbose)
    selection = Selection(bank)
    for epoch in epochs:
        progress = Progress(epoch, plan.n_epochs)
        bank.train()
        means = run_epoch(
            bank, step, epoch_batches(n_cases, plan.batch_size, generator), progress,
            optimizer, schedule, plan.max_gradient_norm, [] if prior is None else [shared],
        )  # fmt: skip
        if evaluate is not None:
            bank.train(False)
            means |= evaluate()
            if selects(progress):
                selection.offer(means["validation_loss"])
        epochs.show(epoch, history.add(epoch, means))
        if plan.patience is not None and selection.stale >= plan.patience:
            break
    selection.restore()
    bank.train(False)
    return history


def run_epoch(
    bank: Bank,
    step: Callable[[Any, Progress], tuple[Tensor, Figures]],
    batches: Iterable[Any],
    progress: Progress,
    optimizer: torch.optim.Optimizer,
    schedule: LRScheduler,
    max_gradient_norm: float | None,
    priors: Sequence[Sequence[Tensor]],
) -> Figures:
    """Take a step of the optimiser for every batch.

    Parameters
    ----------
    bank, step
        As for :func:`run_epochs`.
    batches : iterable
        Whatever the step takes as a batch.
    progress : Progress
    optimizer, schedule
        As the plan builds them.
    max_gradient_norm : float or None
    priors : sequence of sequences of Tensor
        Parameters of further modules, each clipped by itself.

    Returns
    -------
    dict of str to Tensor of shape (P,)
        Means of the figures over the batches.
    """
    collected: list[Figures] = []
    for batch in batches:
        optimizer.zero_grad(set_to_none=True)
        loss, figures = step(batch, progress)
        loss.backward()
        if max_gradient_norm is not None:
            bank.clip_gradients(max_gradient_norm)
            for parameters in priors:
                nn.utils.clip_grad_norm_(parameters, max_gradient_norm)
        optimizer.step()
        schedule.step()
        collected.append(figures)
    return {name: torch.stack([f[name] for f in collected]).mean(0) for name in collected[0]}


class Selection:
    """Each member's weights of the least validation loss, and how long nobody has improved."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._best: Tensor | None = None
        self._weights: list[dict[str, Tensor]] = []
        self.stale = 0

    def offer(self, loss: Tensor) -> None:
        """Take the present weights of the members whose loss is the least so far."""
        # a diverged epoch is the worst of all; as NaN it would win against every later one
        loss = loss.nan_to_num(nan=float("inf"))
        if self._best is None:
            self._best, self._weights = loss.clone(), self._bank.snapshot()
            return
        better = loss < self._best
        self._bank.keep(self._weights, better)
        self._best = torch.minimum(self._best, loss)
        self.stale = 0 if bool(better.any()) else self.stale + 1

    def restore(self) -> None:
        """Put the best weights back, if any epoch was eligible."""
        if self._best is not None:
            self._bank.restore(self._weights)
