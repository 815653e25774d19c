"""Frozen settings of one training, checked once, and the optimiser that follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim.lr_scheduler import ConstantLR, LRScheduler, MultiStepLR, OneCycleLR

from gdpd_sklearn._checks import check_choice, check_int, check_real
from gdpd_sklearn.data import count_batches

__all__ = ["OPTIMIZERS", "PRECISIONS", "SCHEDULES", "DivergedError", "TrainingPlan"]

OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
SCHEDULES = ("one_cycle", "constant", "halving_epochs", "halving_steps")
PRECISIONS = ("float32", "bfloat16")

# As many as nobody waits for.
MOST_EPOCHS = 10**6

# Where the published experiments halve the learning rate.
_HALVINGS = [25, 30, 35]


class DivergedError(ValueError):
    """A training that ended in numbers that are not finite; the message says where."""


@dataclass(frozen=True)
class TrainingPlan:
    """How one network is optimised; what each number means stands in :class:`Training`."""

    n_epochs: int
    batch_size: int
    learning_rate: float
    optimizer: str
    weight_decay: float
    schedule: str
    max_gradient_norm: float | None
    patience: int | None
    precision: str = "float32"

    def __post_init__(self) -> None:
        numbers = {
            "n_epochs": check_int("n_epochs", self.n_epochs, 1, MOST_EPOCHS),
            "batch_size": check_int("batch_size", self.batch_size, 2),
            "learning_rate": check_real(
                "learning_rate", self.learning_rate, 0.0, open_minimum=True
            ),
            "weight_decay": check_real("weight_decay", self.weight_decay, 0.0),
        }
        check_choice("optimizer", self.optimizer, tuple(OPTIMIZERS))
        check_choice("schedule", self.schedule, SCHEDULES)
        if self.max_gradient_norm is not None:
            numbers["max_gradient_norm"] = check_real(
                "max_gradient_norm", self.max_gradient_norm, 0.0, open_minimum=True
            )
        if self.patience is not None:
            numbers["patience"] = check_int("patience", self.patience, 1)
        check_choice("precision", self.precision, PRECISIONS)
        for name, number in numbers.items():  # numpy's become plain ones
            object.__setattr__(self, name, number)

    def n_batches(self, n_cases: int) -> int:
        """Optimiser steps of one epoch."""
        return count_batches(n_cases, self.batch_size)

    def diverged(self, label: str, epoch: int, figures: Mapping[str, float]) -> DivergedError:
        """Tell of a training whose figures, by name, are not finite after an epoch from 0 on."""
        of_prior = set(figures) == {"prior_loss"}
        found = ", ".join(f"{name} {value}" for name, value in figures.items())
        return DivergedError(
            f"the training of the {'prior' if of_prior else label} diverged in epoch {epoch + 1} "
            f"of {self.n_epochs}, with {found} at learning_rate={self.learning_rate:g}, "
            f"weight_decay={self.weight_decay:g} and max_gradient_norm={self.max_gradient_norm}. "
            f"A smaller rate or decay, a smaller weight of the distiller, or gradients that are "
            f"clipped help where X and class_weight are in order."
        )

    def autocast(self, device: torch.device) -> torch.autocast:
        """Make the context in which networks run; weights stay in single precision."""
        return torch.autocast(device.type, torch.bfloat16, enabled=self.precision == "bfloat16")

    def build_optimizer(
        self, parameters: Sequence[Tensor], n_cases: int
    ) -> tuple[torch.optim.Optimizer, LRScheduler]:
        """Make the optimiser and its schedule, which is stepped after every batch."""
        # fused: one kernel for all tensors; small networks spend most of a step in the optimiser
        # otherwise. Its arithmetic is the same on every device that has it.
        fused = parameters[0].device.type in ("cpu", "cuda")
        optimizer = OPTIMIZERS[self.optimizer](
            parameters, lr=self.learning_rate, weight_decay=self.weight_decay, fused=fused
        )
        n_batches = self.n_batches(n_cases)
        if self.schedule == "one_cycle":
            return optimizer, OneCycleLR(
                optimizer, self.learning_rate, total_steps=self.n_epochs * n_batches + 1
            )
        if self.schedule == "constant":
            return optimizer, ConstantLR(optimizer, factor=1.0)
        unit = n_batches if self.schedule == "halving_epochs" else 1
        return optimizer, MultiStepLR(optimizer, [h * unit for h in _HALVINGS], gamma=0.5)
