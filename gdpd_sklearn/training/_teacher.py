"""The teacher: a run like a student's, on complete series and without a teacher of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from gdpd_sklearn._version import __version__
from gdpd_sklearn.data import Blend, MappedSeries, PrefixView, Series, to_cases
from gdpd_sklearn.distillers import NoDistillation
from gdpd_sklearn.networks import Architecture, NetworkOutput, PrefixModel
from gdpd_sklearn.recipes import TrainingPlan
from gdpd_sklearn.solver import solve
from gdpd_sklearn.training._history import history_frame
from gdpd_sklearn.training._step import Source
from gdpd_sklearn.training._trainer import Run, train

__all__ = ["FittedTeacher", "digest", "fit_teacher"]


@dataclass(frozen=True)
class FittedTeacher:
    """A network trained on complete series, to be handed from one fit to the next.

    Attributes
    ----------
    model : PrefixModel
        Of the one prefix that is the complete series.
    score : float or None
        Accuracy on the validation part, where there was one.
    history : pandas.DataFrame
    classes : tuple
        Labels that the codes 0 … K − 1 stand for.
    left_out : Tensor of shape (N, K) or None
        Logits of each training case by the teacher fitted without it, where it has a closed form.
    cases : str or None
        Digest of the training cases that ``left_out`` is about.
    """

    model: PrefixModel
    score: float | None
    history: pd.DataFrame
    classes: tuple[Any, ...]
    left_out: Tensor | None = None
    cases: str | None = None

    def outputs(self, x: Tensor | MappedSeries, *, feature_maps: bool) -> NetworkOutput:
        """Run the teacher over complete series (N, C, L), once for the whole training.

        Without feature maps the field holds the pooled features as a map of one step, so that no
        memory goes to what nobody reads.
        """
        parts = [
            output if feature_maps else output._replace(feature_map=output.pooled[..., None])
            for output in self.model.to(x.device).outputs(x)
        ]
        output = NetworkOutput(*(torch.cat(each) for each in zip(*parts, strict=True)))
        if not all(bool(torch.isfinite(each).all()) for each in output):
            raise ValueError(
                "the teacher's outputs for X are not finite: its series are in another unit, or "
                "some values are far beyond those that it was fitted on."
            )
        return output

    def left_out_of(self, X: Series, y: NDArray[np.integer]) -> Tensor | None:
        """Give :attr:`left_out` if it is about these very cases; a teacher may know others."""
        if self.left_out is None or self.cases is None or self.cases != digest((X, y)):
            return None
        return self.left_out

    def about_blends(
        self, indices: Tensor, blend: Blend, *, x: Tensor | MappedSeries, feature_maps: bool
    ) -> NetworkOutput:
        """Run the teacher over blends of some of the complete series ``x``."""
        return self.outputs(blend.of(x[indices]), feature_maps=feature_maps)


def fit_teacher(
    X: Series,
    y: NDArray[np.integer],
    X_validation: Series,
    y_validation: NDArray[np.integer],
    classes: tuple[Any, ...],
    architecture: Architecture,
    plan: TrainingPlan,
    input_length: int,
    scaling: str,
    class_weight: NDArray[np.floating] | None,
    seed: int,
    device: str,
    verbose: int,
    version: str = __version__,
) -> FittedTeacher:
    """Train a teacher; a pure function of its arguments, so that joblib can remember it.

    Parameters
    ----------
    X, X_validation : ndarray or MappedSeries of shape (N, C, L)
        Complete series.
    y, y_validation : ndarray of int, shape (N,)
        Class codes.
    classes : tuple
        Labels of the codes.
    architecture, plan, input_length, scaling, class_weight, seed, device, verbose
        As for the students.
    version : str
        Of this package. It changes nothing here, but what another version has trained must not be
        remembered as if this one had.
    """
    view = PrefixView.fit(X, [X.shape[2]], input_length, scaling, not architecture.fixed)
    view = view.to(device)
    cases = to_cases(view.receive(X), y, device)
    validation = None
    if len(y_validation):
        validation = to_cases(view.receive(X_validation), y_validation, device)
    weight = None
    if class_weight is not None:
        weight = torch.as_tensor(class_weight, dtype=torch.float32, device=device)
    left_out = None
    if architecture.fixed:
        solved = solve(
            architecture, NoDistillation(), view, cases, validation, None, len(classes), seed,
            class_weight=weight,
        )  # fmt: skip
        network, architecture, history = solved.network, solved.architecture, solved.history
        left_out = solved.left_out[0].cpu()
    else:
        source = Source(view, cases, validation, None, seed)
        ((network, rows, failure),) = train(
            architecture, [source], [Run(0, 0, NoDistillation())], len(classes), plan,
            class_weight=weight, label="teacher", verbose=verbose,
        )  # fmt: skip
        if failure is not None:
            raise failure
        history = history_frame([rows], view.lengths)
    model = PrefixModel([network], view, architecture)
    score = None
    if len(y_validation):
        score = float((model.predict_logits(X_validation).argmax(1) == y_validation).mean())
    known = None if left_out is None else digest((X, y))
    return FittedTeacher(model.to("cpu"), score, history, classes, left_out, known)


def digest(value: Any) -> str | None:
    """Hash a value; None for what cannot be pickled."""
    try:
        key: str = joblib.hash(value)
    except Exception:  # whatever a user's object raises when it is pickled
        return None
    return key
