"""Epochs, batches, early stopping, best weights: once, for teachers and all methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from gdpd_sklearn.data import epoch_batches
from gdpd_sklearn.distillers import Progress
from gdpd_sklearn.networks import Bank
from gdpd_sklearn.training._history import History
from gdpd_sklearn.training._plan import TrainingPlan
from gdpd_sklearn.training._progress import Epochs

__all__ = ["run_epochs"]

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
    selection = _Selection(bank)
    for epoch in epochs:
        progress = Progress(epoch, plan.n_epochs)
        bank.train()
        collected: list[Figures] = []
        for batch in epoch_batches(n_cases, plan.batch_size, generator):
            optimizer.zero_grad(set_to_none=True)
            loss, figures = step(batch, progress)
            loss.backward()
            if plan.max_gradient_norm is not None:
                bank.clip_gradients(plan.max_gradient_norm)
                nn.utils.clip_grad_norm_(shared, plan.max_gradient_norm)
            optimizer.step()
            schedule.step()
            collected.append(figures)
        means = {name: torch.stack([f[name] for f in collected]).mean(0) for name in collected[0]}
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


class _Selection:
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
