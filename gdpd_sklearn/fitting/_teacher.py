"""The teacher: a run like a student's, on complete series and without a teacher of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from gdpd_sklearn._digest import digest
from gdpd_sklearn._version import __version__
from gdpd_sklearn.data import Blend, MappedSeries, PrefixView, Series, to_cases
from gdpd_sklearn.distillers import NoDistillation
from gdpd_sklearn.networks import Architecture, NetworkOutput, PrefixModel
from gdpd_sklearn.recipes import DivergedError, TrainingPlan
from gdpd_sklearn.solver import MOST_COORDINATES, CompactFeatures, Lesson, Solved, solve
from gdpd_sklearn.training._history import as_columns, as_frame, history_frame
from gdpd_sklearn.training._step import Source
from gdpd_sklearn.training._trainer import Run, train

__all__ = ["FittedTeacher", "TeacherOrder", "fit_teacher", "fit_teachers"]


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
    case_weight: NDArray[np.floating] | None,
    validation_weight: NDArray[np.floating] | None,
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
    case_weight, validation_weight : ndarray of shape (N,), or None
        What cases count.
    architecture, plan, input_length, scaling, class_weight, seed, device, verbose
        As for the students.
    version : str
        Of this package. It changes nothing here, but what another version has trained must not be
        remembered as if this one had.
    """
    order = TeacherOrder(
        X, y, X_validation, y_validation, classes, architecture, plan, input_length, scaling,
        class_weight, case_weight, validation_weight, seed, device, verbose,
    )  # fmt: skip
    if not architecture.fixed:
        (teacher,) = fit_teachers([order])
        if isinstance(teacher, DivergedError):
            raise teacher
        return teacher
    source = order.source()
    solved = solve(
        architecture, NoDistillation(), source.view, source.train, source.validation, None,
        len(classes), seed, class_weight=order.weight(), teaches=bool((y < 0).any()),
        n_coordinates=MOST_COORDINATES,
    )  # fmt: skip
    model = PrefixModel([solved.network], source.view, solved.architecture)
    return order.finish(model, solved.history, solved)


class TeacherOrder(NamedTuple):
    """What :func:`fit_teacher` takes."""

    X: Series
    y: NDArray[np.integer]
    X_validation: Series
    y_validation: NDArray[np.integer]
    classes: tuple[Any, ...]
    architecture: Architecture
    plan: TrainingPlan
    input_length: int
    scaling: str
    class_weight: NDArray[np.floating] | None
    case_weight: NDArray[np.floating] | None
    validation_weight: NDArray[np.floating] | None
    seed: int
    device: str
    verbose: int

    def source(self) -> Source:
        """View the cases; those without a label are left to a closed form."""
        fixed = self.architecture.fixed
        view = PrefixView.fit(
            self.X, [self.X.shape[2]], self.input_length, self.scaling, not fixed,
            carries=not self.architecture.reads_gaps,
        ).to(self.device)  # fmt: skip
        cases = to_cases(view.receive(self.X), self.y, self.device, self.case_weight)
        validation = None
        if len(self.y_validation):
            unseen = view.receive(self.X_validation)
            validation = to_cases(unseen, self.y_validation, self.device, self.validation_weight)
        return Source(view, cases if fixed else cases.labelled(), validation, None, self.seed)

    def weight(self) -> Tensor | None:
        """Give the weights of the classes on the device."""
        if self.class_weight is None:
            return None
        return torch.as_tensor(self.class_weight, dtype=torch.float32, device=self.device)

    def finish(
        self, model: PrefixModel, history: pd.DataFrame, solved: Solved | None = None
    ) -> FittedTeacher:
        """Make the teacher, with what it says of its cases."""
        score = None
        if len(self.y_validation):
            right = model.predict_logits(self.X_validation).argmax(1) == self.y_validation
            score = float(right.mean())
        teacher = FittedTeacher(model.to("cpu"), score, history, self.classes, accuracy=score)
        return replace(teacher, **_left_behind(solved, teacher.model, self.X, self.y))


def fit_teachers(orders: Sequence[TeacherOrder]) -> list[FittedTeacher | DivergedError]:
    """Train teachers side by side, by gradient.

    Parameters
    ----------
    orders : sequence of TeacherOrder
        That agree in all but cases (as many of them) and seed.

    Returns
    -------
    list of FittedTeacher or DivergedError
        Each as it would be alone: up to rounding, where several are stacked.
    """
    first = orders[0]
    sources = [order.source() for order in orders]
    trained = train(
        first.architecture, sources, [Run(s, 0, NoDistillation()) for s in range(len(sources))],
        len(first.classes), first.plan, class_weight=first.weight(), label="teacher",
        verbose=first.verbose,
    )  # fmt: skip
    teachers: list[FittedTeacher | DivergedError] = []
    for order, source, (network, rows, failure) in zip(orders, sources, trained, strict=True):
        if failure is not None:
            teachers.append(failure)
            continue
        model = PrefixModel([network], source.view, first.architecture)
        teachers.append(order.finish(model, history_frame([rows], source.view.lengths)))
    return teachers


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


def _lesson(model: PrefixModel, X: Series, y: NDArray[np.integer]) -> Lesson:
    """Ask a model about the cases without a label."""
    logits = model.predict_logits(_series(X, (y < 0).nonzero()[0]))
    return Lesson(torch.as_tensor(logits, dtype=torch.float64))


def _series(X: Series, cases: NDArray[np.integer]) -> NDArray[np.floating]:
    """Read some cases."""
    return X[torch.from_numpy(cases)].numpy() if isinstance(X, MappedSeries) else X[cases]
