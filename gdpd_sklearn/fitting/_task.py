"""What is to be fitted, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from joblib import Memory
from numpy.typing import NDArray
from torch import Tensor

from gdpd_sklearn._device import resolve_device
from gdpd_sklearn._digest import digest
from gdpd_sklearn._seeding import stream_seed
from gdpd_sklearn.data import stratified_holdout
from gdpd_sklearn.distillers import Distiller
from gdpd_sklearn.fitting._teacher import FittedTeacher
from gdpd_sklearn.networks import Architecture, PrefixModel
from gdpd_sklearn.recipes import TrainingPlan

__all__ = ["FitResult", "FitSettings", "FitTask"]


@dataclass(frozen=True)
class FitSettings:
    """What a fit needs to know beside the data; all parts are objects by now.

    ``shared``: one causal student for all prefix lengths. ``exact``: the fitted model computes in
    double precision. ``channels``: those that the students see, by default all.
    """

    student: Architecture
    teacher: Architecture | FittedTeacher
    distiller: Distiller
    plan: TrainingPlan
    teacher_plan: TrainingPlan
    validation_fraction: float
    input_length: int
    teacher_input_length: int
    scaling: str
    class_weight: NDArray[np.floating] | None
    device: str
    verbose: int
    shared: bool = False
    exact: bool = False
    channels: tuple[int, ...] | None = None
    memory: Memory = field(default_factory=lambda: Memory(None, verbose=0))

    @property
    def trains_teacher(self) -> bool:
        """Whether a teacher has to be trained first."""
        return self.distiller.uses_teacher and not isinstance(self.teacher, FittedTeacher)

    def class_weight_on_device(self) -> Tensor | None:
        """Give the weights of the classes (K,) where the fit computes."""
        if self.class_weight is None:
            return None
        device = resolve_device(self.device)
        return torch.as_tensor(self.class_weight, dtype=torch.float32, device=device)


@dataclass(frozen=True)
class FitTask:
    """One fit: a student for each prefix length, distilled from one teacher.

    Attributes
    ----------
    X : ndarray of shape (N, C, L)
        Complete series. A memory-mapped array stays in its file. Tasks that hold the same array
        are of the same cases.
    y : ndarray of int, shape (N,)
        Codes 0 … K − 1 of ``classes``; −1 for cases without a label.
    weight : ndarray of shape (N,), or None
        What cases count, 1 on average; one of 0 is as if the case were not there.
    classes : tuple
    lengths : sequence of int
        Prefix lengths in time points.
    settings : FitSettings
    root : int
        Root seed; all randomness follows from it.
    """

    X: NDArray[np.floating]
    y: NDArray[np.int64]
    classes: tuple[Any, ...]
    lengths: Sequence[int]
    settings: FitSettings
    root: int
    weight: NDArray[np.float64] | None = None

    @property
    def _counts(self) -> NDArray[np.bool_]:
        return np.ones(len(self.y), dtype=bool) if self.weight is None else self.weight > 0

    @property
    def labelled(self) -> NDArray[np.int64]:
        """Which cases have a label, and count."""
        return np.flatnonzero(self._counts & (self.y >= 0))

    @property
    def unlabelled(self) -> NDArray[np.int64]:
        """Which cases have no label, and count."""
        return np.flatnonzero(self._counts & (self.y < 0))

    @property
    def weighs(self) -> bool:
        """Whether some cases count more than others."""
        return self.weight is not None and len(np.unique(self.weight[self._counts])) > 1

    def weight_of(self, cases: NDArray[np.integer]) -> NDArray[np.float64] | None:
        """Give what some cases count, or None where no case counts more than another."""
        return self.weight[cases] if self.weight is not None and self.weighs else None

    def parts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give the labelled cases to train on and those to validate on."""
        labelled, fraction = self.labelled, self.settings.validation_fraction
        train, held_out = stratified_holdout(
            self.y[labelled], fraction, stream_seed(self.root, "split")
        )
        return labelled[train], labelled[held_out]

    def without(self, cases: NDArray[np.bool_], root: int) -> FitTask:
        """Give the task of the other cases, with a seed of its own."""
        weight = None if self.weight is None else self.weight[~cases]
        return replace(self, X=self.X[~cases], y=self.y[~cases], weight=weight, root=root)

    def key(self) -> str | None:
        """Digest everything that the result depends on.

        None where a part cannot be digested, such as a network made by a lambda.
        """
        settings = replace(self.settings, memory=Memory(None, verbose=0), verbose=0)
        return digest(
            (self.X, self.y, self.weight, self.classes, tuple(self.lengths), settings, self.root)
        )


@dataclass(frozen=True)
class FitResult:
    """What remains of a fit.

    Attributes
    ----------
    model : PrefixModel
        The students, on the CPU.
    history : pandas.DataFrame
    teacher : FittedTeacher or None
    validation : ndarray of int
        Cases that were held out.
    left_out : ndarray of shape (P, N, K) or None
        Probabilities of each training case by the students fitted without it, where the closed
        form gives them; NaN for cases of the validation part.
    codes : ndarray of int, shape (N,), or None
        What ``left_out`` is judged by: labels, and for cases without one what the teacher says; −1
        for those that were not taught.
    """

    model: PrefixModel
    history: pd.DataFrame
    teacher: FittedTeacher | None
    validation: NDArray[np.int64]
    left_out: NDArray[np.float64] | None = None
    codes: NDArray[np.int64] | None = None
