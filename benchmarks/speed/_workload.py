"""What is trained: the package's own training step on made-up series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from gdpd_sklearn.data import Cases, PrefixView, to_cases
from gdpd_sklearn.distillers import Distiller
from gdpd_sklearn.networks import Architecture, NetworkOutput
from gdpd_sklearn.recipes import Training, TrainingPlan
from gdpd_sklearn.training import Run, Source, train

__all__ = ["Workload", "make_series"]

N_CLASSES = 2


@dataclass(frozen=True)
class Workload:
    """A student of half of each series, beside a teacher of the same architecture.

    Attributes
    ----------
    architecture : Architecture
    view : PrefixView
    cases : Cases
        Complete series and labels.
    teacher : NetworkOutput
        For all cases, feature maps included.
    plan : TrainingPlan
        Its number of epochs is set by :meth:`train`.
    """

    architecture: Architecture
    view: PrefixView
    cases: Cases
    teacher: NetworkOutput
    plan: TrainingPlan

    @classmethod
    def prepare(
        cls, architecture: Architecture, n_cases: int, n_timepoints: int, batch_size: int
    ) -> Workload:
        """Make the series and run a teacher over them.

        The teacher has learned nothing: what a method costs does not depend on its quality.
        """
        X, codes = make_series(n_cases, n_timepoints)
        cases = to_cases(X, codes, "cpu")
        whole, half = (
            PrefixView.fit(X, [length], n_timepoints, "standard")
            for length in (n_timepoints, n_timepoints // 2)
        )
        teacher = architecture.build(1, n_timepoints, N_CLASSES, seed=0).eval()
        with torch.no_grad():
            outputs = teacher(whole(cases.x))
        recipe = Training(n_epochs=1, learning_rate=0.001, batch_size=batch_size)
        plan = recipe.student_plan(architecture)
        # torch loads much of itself with the first optimiser: here, not in every child process
        plan.build_optimizer([torch.nn.Parameter(torch.zeros(1))], n_cases)
        return cls(architecture, half, cases, outputs, plan)

    def teacher_for(self, distiller: Distiller) -> NetworkOutput | None:
        """Give the teacher's outputs that a fit would keep for this method."""
        if not distiller.uses_teacher:
            return None
        if distiller.uses_feature_maps:
            return self.teacher
        return self.teacher._replace(feature_map=self.teacher.pooled[..., None])

    def held_bytes(self, distiller: Distiller) -> int:
        """Count what lies in memory throughout: series, labels and teacher's outputs."""
        tensors = (self.cases.x, self.cases.y, *(self.teacher_for(distiller) or ()))
        # pooled features that stand in for a map share its memory
        return sum({t.data_ptr(): t.nbytes for t in tensors}.values())

    def train(self, distiller: Distiller, n_epochs: int, on_epoch: Callable[[int], None]) -> None:
        """Train a student.

        Parameters
        ----------
        distiller : Distiller
        n_epochs : int
        on_epoch : callable
            Called with the number of an epoch before its first step.
        """
        source = Source(self.view, self.cases, None, self.teacher_for(distiller), seed=0)
        train(
            self.architecture, [source], [Run(0, 0, distiller)], N_CLASSES,
            replace(self.plan, n_epochs=n_epochs), on_epoch=on_epoch,
        )  # fmt: skip


def make_series(
    n_cases: int, n_timepoints: int, seed: int = 0, noise: float = 0.1
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Noisy waves of two frequencies: series (N, 1, L) and codes (N,)."""
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.arange(n_cases) % N_CLASSES)
    time = np.linspace(0.0, 1.0, n_timepoints)
    wave = np.sin(2 * np.pi * (1 + 2 * codes[:, None, None]) * time)
    return wave + noise * rng.normal(size=(n_cases, 1, n_timepoints)), codes
