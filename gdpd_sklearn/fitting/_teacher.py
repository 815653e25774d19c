"""The teacher: a run like a student's, on complete series and without a teacher of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from gdpd_sklearn._digest import digest
from gdpd_sklearn._version import __version__
from gdpd_sklearn.data import Blend, Cases, MappedSeries, PrefixView, Series, to_cases
from gdpd_sklearn.distillers import NoDistillation
from gdpd_sklearn.networks import Architecture, Network, NetworkOutput, PrefixModel
from gdpd_sklearn.recipes import TrainingPlan
from gdpd_sklearn.solver import MOST_COORDINATES, CompactFeatures, Lesson, Solved, solve
from gdpd_sklearn.training._history import as_columns, as_frame, history_frame
from gdpd_sklearn.training._step import Source
from gdpd_sklearn.training._trainer import Run, train

__all__ = ["FittedTeacher", "fit_teacher"]


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
        Digest of the training cases that ``left_out`` and ``lesson`` are about.
    lesson : Lesson or None
        What it says of training cases without a label.
    accuracy : float or None
        Accuracy on cases that it did not see: of the validation part, or left-out.
    compact : CompactFeatures or None
        What stands for pooled features in :meth:`outputs` where a fixed backbone has too many.
    """

    model: PrefixModel
    score: float | None
    history: pd.DataFrame
    classes: tuple[Any, ...]
    left_out: Tensor | None = None
    cases: str | None = None
    lesson: Lesson | None = None
    accuracy: float | None = None
    compact: CompactFeatures | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Give the state as numpy and plain Python, which opens wherever this package runs."""
        left_out = None if self.left_out is None else self.left_out.cpu().numpy()
        return {**vars(self), "history": as_columns(self.history), "left_out": left_out}

    def __setstate__(self, state: dict[str, Any]) -> None:
        left_out = state["left_out"]
        self.__dict__.update(
            state,
            history=as_frame(state["history"]),
            left_out=None if left_out is None else torch.from_numpy(left_out),
        )

    @classmethod
    def of_state(cls, state: dict[str, Any]) -> FittedTeacher:
        """Make a teacher of what a file holds, and believe nothing of it."""
        teacher = cls.__new__(cls)
        teacher.__setstate__(state)
        # through the constructor, which knows the fields
        return cls(**vars(teacher))

    def outputs(self, x: Tensor | MappedSeries, *, feature_maps: bool) -> NetworkOutput:
        """Run the teacher over complete series (N, C, L), once for the whole training.

        Without feature maps the field holds the pooled features as a map of one step, so that no
        memory goes to what nobody reads.
        """
        output = self._unchecked(x, feature_maps)
        if not all(bool(torch.isfinite(each).all()) for each in output):
            raise ValueError(
                "the teacher's outputs for X are not finite: its series are in another unit, or "
                "some values are far beyond those that it was fitted on."
            )
        return output

    def _unchecked(self, x: Tensor | MappedSeries, feature_maps: bool) -> NetworkOutput:
        parts = [
            output if feature_maps else output._replace(feature_map=output.pooled[..., None])
            for output in map(self._few, self.model.to(x.device).outputs(x))
        ]
        return NetworkOutput(*(torch.cat(each) for each in zip(*parts, strict=True)))

    def _few(self, output: NetworkOutput) -> NetworkOutput:
        if self.compact is None:
            return output
        pooled = self.compact(output.pooled, output.logits)
        return NetworkOutput(pooled[..., None], pooled, output.logits)

    def leaving_out(
        self, outputs: NetworkOutput, X: Series, y: NDArray[np.integer]
    ) -> NetworkOutput:
        """Put left-out answers into the outputs for the cases X, y where they are known."""
        answers = self.left_out_of(X, y)
        if answers is None:
            return outputs
        logits = answers.to(outputs.logits)
        if self.compact is None:
            return outputs._replace(logits=logits)
        pooled = self.compact.with_logits(outputs.pooled, logits)
        return NetworkOutput(pooled[..., None], pooled, logits)

    def left_out_of(self, X: Series, y: NDArray[np.integer]) -> Tensor | None:
        """Give :attr:`left_out` if it is about these very cases; a teacher may know others."""
        if self.left_out is None or self.cases is None or self.cases != digest((X, y)):
            return None
        return self.left_out

    def lesson_about(self, X: Series, y: NDArray[np.integer]) -> Lesson | None:
        """Say what cases without a label (code −1) are; None where all have one."""
        if (y >= 0).all():
            return None
        if self.lesson is not None and self.cases is not None and self.cases == digest((X, y)):
            return self.lesson
        return _lesson(self.model, X, y)

    def knows(self, X: Series, y: NDArray[np.integer]) -> bool:
        """Say whether it does better on labelled cases than the most frequent label.

        On those that it did not see, where that is known.
        """
        labelled = (y >= 0).nonzero()[0]
        accuracy = self.accuracy
        if self.cases is None or self.cases != digest((X, y)):
            codes = self.model.predict_logits(_series(X, labelled)).argmax(1)
            accuracy = float((codes == y[labelled]).mean())
        guess = float(np.bincount(y[labelled]).max() / len(labelled))
        return accuracy is None or accuracy > guess

    def about_blends(
        self, indices: Tensor, blend: Blend, *, x: Tensor | MappedSeries, feature_maps: bool
    ) -> NetworkOutput:
        """Run the teacher over blends of some of the complete series ``x``.

        Nothing is read back, as a GPU would have to wait for it in every step: a loss tells.
        """
        return self._unchecked(blend.of(x[indices]), feature_maps)


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
        Class codes; −1 for training cases without a label.
    classes : tuple
        Labels of the codes.
    architecture, plan, input_length, scaling, class_weight, seed, device, verbose
        As for the students.
    version : str
        Of this package. It changes nothing here, but what another version has trained must not be
        remembered as if this one had.
    """
    view = PrefixView.fit(X, [X.shape[2]], input_length, scaling, not architecture.fixed).to(device)
    cases = to_cases(view.receive(X), y, device)
    validation = None
    if len(y_validation):
        validation = to_cases(view.receive(X_validation), y_validation, device)
    weight = None
    if class_weight is not None:
        weight = torch.as_tensor(class_weight, dtype=torch.float32, device=device)
    if architecture.fixed:
        solved = solve(
            architecture, NoDistillation(), view, cases, validation, None, len(classes), seed,
            class_weight=weight, teaches=bool((y < 0).any()), n_coordinates=MOST_COORDINATES,
        )  # fmt: skip
        network, architecture, history = solved.network, solved.architecture, solved.history
    else:
        solved = None
        network, history = _trained(
            architecture, Source(view, _labelled(cases), validation, None, seed), len(classes),
            plan, weight, verbose,
        )  # fmt: skip
    model = PrefixModel([network], view, architecture)
    score = None
    if len(y_validation):
        score = float((model.predict_logits(X_validation).argmax(1) == y_validation).mean())
    teacher = FittedTeacher(model.to("cpu"), score, history, classes, accuracy=score)
    return replace(teacher, **_left_behind(solved, teacher.model, X, y))


def _left_behind(
    solved: Solved | None, model: PrefixModel, X: Series, y: NDArray[np.integer]
) -> dict[str, Any]:
    """Give what a teacher says of its training cases, as fields."""
    labelled = y >= 0
    if solved is None:
        if labelled.all():
            return {}
        return {"cases": digest((X, y)), "lesson": _lesson(model, X, y)}
    left_out = solved.left_out[0].cpu()
    return {
        "left_out": left_out,
        "cases": digest((X, y)),
        "lesson": None if solved.lesson is None else solved.lesson.to("cpu"),
        "accuracy": float((left_out.argmax(1).numpy() == y)[labelled].mean()),
        "compact": CompactFeatures.of(solved),
    }


def _trained(
    architecture: Architecture,
    source: Source,
    n_classes: int,
    plan: TrainingPlan,
    class_weight: Tensor | None,
    verbose: int,
) -> tuple[Network, pd.DataFrame]:
    """Train a teacher by gradient; give it with its history."""
    ((network, rows, failure),) = train(
        architecture, [source], [Run(0, 0, NoDistillation())], n_classes, plan,
        class_weight=class_weight, label="teacher", verbose=verbose,
    )  # fmt: skip
    if failure is not None:
        raise failure
    return network, history_frame([rows], source.view.lengths)


def _labelled(cases: Cases) -> Cases:
    """Leave out cases without a label."""
    known = (cases.y >= 0).nonzero()[:, 0]
    return cases if len(known) == len(cases) else Cases(cases.x[known], cases.y[known])


def _lesson(model: PrefixModel, X: Series, y: NDArray[np.integer]) -> Lesson:
    """Ask a model about the cases without a label."""
    logits = model.predict_logits(_series(X, (y < 0).nonzero()[0]))
    return Lesson(torch.as_tensor(logits, dtype=torch.float64))


def _series(X: Series, cases: NDArray[np.integer]) -> NDArray[np.floating]:
    """Read some cases."""
    return X[torch.from_numpy(cases)].numpy() if isinstance(X, MappedSeries) else X[cases]
