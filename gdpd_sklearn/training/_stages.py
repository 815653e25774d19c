"""What a distiller schedules, epoch by epoch: how long trainings go the same way."""

from __future__ import annotations

from typing import NamedTuple

from gdpd_sklearn.distillers import Distiller, Progress
from gdpd_sklearn.training._plan import TrainingPlan

__all__ = ["Stage", "can_fork", "stages_of"]


class Stage(NamedTuple):
    """What a distiller schedules for an epoch."""

    task_weight: float
    transfer_weight: float
    trains_prior: bool
    selects: bool

    @property
    def kind(self) -> tuple[bool, bool, bool]:
        """Whether it transfers, trains a prior, selects: the same for all members of a bank."""
        return (self.transfer_weight != 0, self.trains_prior, self.selects)


def stages_of(distiller: Distiller, n_epochs: int) -> tuple[Stage, ...]:
    """List the stages of a whole training."""
    return tuple(
        Stage(
            distiller.task_weight(progress),
            distiller.transfer_weight(progress),
            distiller.uses_prior and distiller.trains_prior(progress),
            distiller.selects(progress),
        )
        for progress in (Progress(epoch, n_epochs) for epoch in range(n_epochs))
    )


def can_fork(distiller: Distiller, plan: TrainingPlan) -> bool:
    """Tell whether trainings with this method can be lanes.

    Not with blends, which lanes do not draw; nor where a prior learns from the transfer loss, which
    makes it the student's own; nor where the stage changes after the selection of weights has
    begun; nor with early stopping, which is each training's own affair.
    """
    if plan.patience is not None or distiller.blends:
        return False
    kinds = [stage.kind for stage in stages_of(distiller, plan.n_epochs)]
    if any(transfers and learns for transfers, learns, _ in kinds):
        return False
    first = next((epoch for epoch, (*_, selects) in enumerate(kinds) if selects), len(kinds))
    return len(set(kinds[first:])) <= 1
