"""What a distiller schedules, epoch by epoch: how long trainings go the same way."""

from __future__ import annotations

from gdpd_sklearn.distillers import Distiller, Progress, Stage
from gdpd_sklearn.training._plan import TrainingPlan

__all__ = ["can_fork", "stages_of"]


def stages_of(distiller: Distiller, n_epochs: int) -> tuple[Stage, ...]:
    """List the stages of a whole training; without a prior none learns."""
    stages = (distiller.stage(Progress(epoch, n_epochs)) for epoch in range(n_epochs))
    return tuple(
        stage._replace(trains_prior=distiller.uses_prior and stage.trains_prior) for stage in stages
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
