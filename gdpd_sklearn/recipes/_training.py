"""How networks are trained: a recipe of hyperparameters, swappable as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from sklearn.base import BaseEstimator

from gdpd_sklearn._checks import check_choice, check_int, check_real
from gdpd_sklearn.networks import Architecture
from gdpd_sklearn.recipes._plan import MOST_EPOCHS, TrainingPlan

__all__ = ["TRAININGS", "Training"]

T = TypeVar("T")


class Training(BaseEstimator):
    """A recipe for the training of students and teachers: hyperparameters only.

    What an estimator's own ``n_epochs``, ``learning_rate`` or ``validation_fraction`` says goes
    before what stands here.

    Parameters
    ----------
    n_epochs : int, optional
        Passes over the training cases; by default as many as the network's architecture names
        (100, an LSTM 300).
    learning_rate : float or "published", optional
        By default the rate that the architecture names; ``"published"`` is the rate that the
        paper gives for such a network.
    teacher_n_epochs : int, optional
        Passes of the teacher; by default as many as the student's where these are named, or else
        what the teacher's architecture names.
    teacher_learning_rate : float or "published", optional
        Rate of the teacher; by default what its architecture names, whatever the student's rate.
    batch_size : int, default=16
        Largest batch; cases are split into batches of nearly equal size.
    optimizer : {"adamw", "adam"}, default="adamw"
    weight_decay : float, default=0.01
    schedule : {"one_cycle", "constant", "halving_epochs", "halving_steps"}, default="one_cycle"
        Learning rate over the training. The last two halve it at 25, 30 and 35 epochs or steps.
    max_gradient_norm : float or None, default=1.0
        Longer gradients are scaled down; None leaves them as they are.
    precision : {"float32", "bfloat16"}, default="float32"
        ``"bfloat16"`` trains with networks in mixed precision (``torch.autocast``): faster on GPUs
        with large networks, a little less exact. Weights, losses, statistics of batch norms,
        sampling from the prior, and predictions stay in single precision.
    validation_fraction : float in [0, 1), default=0.0
        Stratified share of the training cases that is held out, to keep the weights of the epoch
        with the least validation loss.

    Examples
    --------
    >>> from gdpd_sklearn import GDPDClassifier
    >>> from gdpd_sklearn.recipes import Training
    >>> clf = GDPDClassifier(training=Training(batch_size=64, schedule="constant"))
    >>> GDPDClassifier().set_params(training__batch_size=64).training
    Training(batch_size=64)
    """

    def __init__(
        self,
        n_epochs: int | None = None,
        learning_rate: float | str | None = None,
        teacher_n_epochs: int | None = None,
        teacher_learning_rate: float | str | None = None,
        batch_size: int = 16,
        optimizer: str = "adamw",
        weight_decay: float = 0.01,
        schedule: str = "one_cycle",
        max_gradient_norm: float | None = 1.0,
        precision: str = "float32",
        validation_fraction: float = 0.0,
    ) -> None:
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.teacher_n_epochs = teacher_n_epochs
        self.teacher_learning_rate = teacher_learning_rate
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.max_gradient_norm = max_gradient_norm
        self.precision = precision
        self.validation_fraction = validation_fraction

    def check_parameters(self) -> None:
        """Refuse what no training can follow.

        Raises
        ------
        ValueError
            The message names the parameter, its value and what is allowed.
        """
        for name in ("n_epochs", "teacher_n_epochs"):
            if getattr(self, name) is not None:
                check_int(name, getattr(self, name), 1, MOST_EPOCHS)
        for name in ("learning_rate", "teacher_learning_rate"):
            check_rate(name, getattr(self, name))
        check_real("validation_fraction", self.validation_fraction, 0.0, 1.0, open_maximum=True)
        # what is the same for every network is checked where it is used
        self._plan(n_epochs=1, learning_rate=1.0, patience=None)

    def student_plan(
        self,
        architecture: Architecture,
        n_epochs: int | None = None,
        learning_rate: float | str | None = None,
        patience: int | None = None,
    ) -> TrainingPlan:
        """Give the numbers for a student of this architecture.

        Parameters
        ----------
        architecture : Architecture
        n_epochs, learning_rate
            What the user of an estimator named; None leaves it to the recipe.
        patience : int, optional
            Epochs without a better validation loss after which to stop.
        """
        check_rate("learning_rate", learning_rate)
        rate = self.learning_rate if learning_rate is None else learning_rate
        return self._plan(
            _first(n_epochs, self.n_epochs, architecture.n_epochs),
            _rate(rate, architecture),
            patience,
        )

    def teacher_plan(
        self,
        architecture: Architecture,
        n_epochs: int | None = None,
        patience: int | None = None,
    ) -> TrainingPlan:
        """Give the numbers for a teacher of this architecture; arguments as for a student."""
        return self._plan(
            _first(self.teacher_n_epochs, n_epochs, self.n_epochs, architecture.n_epochs),
            _rate(self.teacher_learning_rate, architecture),
            patience,
        )

    def _plan(self, n_epochs: int, learning_rate: float, patience: int | None) -> TrainingPlan:
        return TrainingPlan(
            n_epochs=n_epochs,
            batch_size=self.batch_size,
            learning_rate=learning_rate,
            optimizer=self.optimizer,
            weight_decay=self.weight_decay,
            schedule=self.schedule,
            max_gradient_norm=self.max_gradient_norm,
            patience=patience,
            precision=self.precision,
        )


TRAININGS: Mapping[str, Callable[[], Training]] = {
    "default": Training,
    "paper": partial(
        Training,
        n_epochs=600,
        learning_rate="published",
        teacher_learning_rate="published",
        batch_size=64,
        optimizer="adam",
        weight_decay=1e-5,
        schedule="halving_epochs",
        max_gradient_norm=None,
        validation_fraction=0.2,
    ),
}
"""Name to what makes the recipe: what works well within seconds on small sets, and the paper's."""


def check_rate(name: str, value: float | str | None) -> None:
    """Refuse what is neither a rate, nor ``"published"``, nor None."""
    if isinstance(value, str):
        check_choice(name, value, ("published",))
    elif value is not None:
        check_real(name, value, 0.0, open_minimum=True)


def _first(*values: T | None) -> T:
    """Give the first of the values that is not None."""
    return next(value for value in values if value is not None)


def _rate(value: float | str | None, architecture: Architecture) -> float:
    if value is None:
        return architecture.learning_rate
    if isinstance(value, str):
        return architecture.paper_learning_rate
    return value
