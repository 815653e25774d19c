"""GDPDClassifier: classify from the first part of a series."""

from __future__ import annotations

from typing import Any

import numpy as np
from aeon.classification.base import BaseClassifier
from numpy.typing import ArrayLike, NDArray

from gdpd_sklearn._checks import check_switch
from gdpd_sklearn.data import Mark, resolve_channels, resolve_prefix_length
from gdpd_sklearn.estimators._answer_on import AnswersOn
from gdpd_sklearn.estimators._core import MemoryLike, RandomState, check_settings
from gdpd_sklearn.estimators._few import FewSeries
from gdpd_sklearn.estimators._labels import encode_labels
from gdpd_sklearn.estimators._partial_answers import PartialAnswers
from gdpd_sklearn.estimators._parts import (
    ArchitectureLike,
    DistillerLike,
    TeacherLike,
    TrainingLike,
    default_student,
    materialise_parts,
)
from gdpd_sklearn.estimators._routing import Routed
from gdpd_sklearn.estimators._saved import SavedEstimator, check_classes
from gdpd_sklearn.estimators._scalars import ClassWeight
from gdpd_sklearn.estimators._series import read_training
from gdpd_sklearn.estimators._teaches_ahead import TeachesAhead
from gdpd_sklearn.estimators._weights import Weighed, case_weights, counted_codes
from gdpd_sklearn.fitting import FitTask, fit_or_recall
from gdpd_sklearn.networks import PrefixModel, Rocket, count_parameters
from gdpd_sklearn.recipes import Training
from gdpd_sklearn.training import as_columns

__all__ = ["GDPDClassifier"]


class GDPDClassifier(
    PartialAnswers, TeachesAhead, SavedEstimator, AnswersOn, Weighed, Routed, BaseClassifier
):
    """Classifier of prefixes, alone or distilled from a teacher of complete series.

    ``fit`` takes complete series; ``predict`` needs only their first ``prefix_length_`` points.
    Series may have gaps (NaN) and unequal lengths (a list of arrays), see docs/messy.md. By
    default the student has random kernels and a head in closed form, which learns from labels
    alone, within a second on small sets. With a method such as ``distiller="gdpd"`` a teacher
    network learns on the complete series and a small student network on the prefixes; the distiller
    hands what the teacher knows to the student. Prediction uses the student alone.

    Parameters
    ----------
    prefix_length : float or int, default=0.5
        How much of a series the student sees: a float in (0, 1] is a share of the length, an int
        a number of time points (``1`` is one point, ``1.0`` the complete series).
    teacher : str or object, optional
        Of methods that have one; by default ``"fcn"``, with unlabelled cases ``"rocket"``. A name
        in ``gdpd_sklearn.networks.ARCHITECTURES``, an architecture such as
        ``LSTM(hidden_size=64)``, a ``torch.nn.Module`` or a factory
        ``(n_channels, n_timepoints) -> Module`` of a backbone. Also a fitted teacher (``teacher_``
        of a fit with ``keep_teacher=True``), which is then used as it is. It may know other
        classes, of another task, where the distiller reads its features alone (``uses_logits`` is
        False). In a cross-validation prefer ``memory``: a teacher fitted on all cases has seen the
        held-out ones.
    student : str or object, optional
        As ``teacher``, but for a fitted one. The default is ``"rocket"``, random kernels, where the
        distiller has a closed form (``"auto"``, ``"none"``, ``"kd"``) and the scaling is not
        ``"prefix"``; else ``"fcn"`` (docs/defaults.md).
    distiller : str or Distiller, default="auto"
        A name in ``gdpd_sklearn.distillers.DISTILLERS`` or an object such as ``GDPD(weight=10)``.
        ``"auto"`` suits the student. One of random kernels learns from labels alone. With
        ``student="rocket"`` named, ``"kd"`` is solved too, and other methods train on from the
        closed form, best from a ``teacher="rocket"``; it takes all but ``"at"``, ``"dt2w"`` and
        blends. Other students get ``"gdpd"``, the published method, and recurrent ones
        ``Blended(KD())``, which asks the teacher about blends of series too (docs/research.md).
    training : str or Training, default="default"
        How networks are trained (batches, optimiser, schedule, the teacher's epochs, …): a name in
        ``gdpd_sklearn.recipes.TRAININGS`` or a recipe such as ``Training(batch_size=64)``.
        ``"paper"`` is the published one.
    n_epochs : int, optional
        Passes over the training cases, of the teacher's too; by default as many as the recipe
        says, or else the architecture (100, an LSTM 300, random kernels 20).
    learning_rate : float or "published", optional
        Of the student; by default what the recipe says, or else the architecture.
    validation_fraction : float in [0, 1), optional
        Stratified share of the training cases that is held out, to keep the weights of the epoch
        with the least validation loss. By default what the recipe says: 0, with which all cases
        train and the last weights stay. That does better on small sets.
    patience : int or None, default=None
        Stop after so many epochs without a better validation loss; needs a validation part.
    class_weight : None, "balanced" or dict, default=None
        Weights of the classes in the cross-entropy, as in scikit-learn; ``"balanced"`` counts
        cases by their ``sample_weight``.
    unlabelled : label or None, default=None
        Mark of cases whose label is not known, such as ``-1`` or ``""``; ``nan`` stands for
        whatever is missing. The teacher learns from labelled complete series and says what the
        others are; the student learns from labels and from these answers (docs/labels.md). None:
        every case has a label.
    prefix_by : {"time", "share"}, default="time"
        What a prefix of series of unequal lengths is: with ``"time"`` the same number of points of
        each, and a series that ends before stands as it is; with ``"share"`` the same share of each
        series' own length, where ``predict`` takes complete series. Shares of ``prefix_length`` are
        of the longest series of fit.
    scaling : {"standard", "prefix", "none"}, default="standard"
        ``"standard"`` scales channels by training statistics, ``"prefix"`` each case by its own
        visible part.
    max_input_length : int or None, default=100
        Prefixes are stretched by linear interpolation to the length of the complete series, or to
        this where it is less. Raise it, or set None, for long series whose fine detail matters.
    channels : None, int or tuple of int, default=None
        Channels that the student sees, where some will be missing in use: an int takes the first so
        many, a tuple names them from 0 on. The teacher learns on all channels. ``predict`` takes
        series of all channels or of these alone.
    keep_teacher : bool, default=False
        Keep the fitted teacher as ``teacher_``, to hand it to another fit.
    memory : None, str or joblib.Memory, default=None
        Where to remember teachers. Fits that agree in data, teacher settings and an integer
        ``random_state`` then train it once (as ``memory`` in scikit-learn's ``Pipeline``). See
        :meth:`fit_teacher` to train it ahead.
    device : str, default="auto"
        Where to compute: ``"auto"`` takes a GPU where there is one. A fitted model is stored on the
        CPU and opens anywhere.
    random_state : int, RandomState or None, default=None
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
    n_labelled_ : int
        Training cases that have a label, and a weight above 0.
    prefix_length_ : int
        Time points that ``predict`` needs.
    n_channels_ : int
        Channels of the complete series.
    n_timepoints_ : int
        Length of the longest series of fit.
    channels_ : tuple of int
        Those that the student sees.
    history_ : pandas.DataFrame
        Per epoch: losses and, with a validation part, validation figures. In closed form one row:
        penalty, and loss and accuracy of left-out cases.
    teacher_history_ : pandas.DataFrame or None
        The same of the teacher; None where there was none.
    validation_cases_ : ndarray of int
        Training cases that were held out; empty without a validation part.
    teacher_score_ : float or None
        Accuracy of the teacher on the validation part; None without validation or teacher.
    teacher_ : FittedTeacher
        Only with ``keep_teacher=True``.
    n_parameters_ : int
        Trainable parameters of the student.
    model_ : PrefixModel
        The student with scaling and prefix handling; ``model_.save(path)`` writes it as a
        safetensors file.

    See Also
    --------
    gdpd_sklearn.distillers : The methods and their options.

    Notes
    -----
    Udayangani, Nandakishor & Palaniswami, "Generative Diffusion Prior Distillation for
    Long-Context Knowledge Transfer", ICLR 2026 (arXiv 2605.11414). :meth:`paper` gives the paper's
    setting; the defaults are what works well within seconds on small sets (docs/defaults.md).

    Examples
    --------
    >>> from aeon.datasets import load_gunpoint
    >>> from gdpd_sklearn import GDPDClassifier
    >>> X, y = load_gunpoint(split="train")
    >>> clf = GDPDClassifier(prefix_length=0.5, random_state=0).fit(X, y)
    >>> clf.prefix_length_
    75
    >>> clf.predict_proba(X[:3, :, :75]).shape
    (3, 2)
    """

    _tags = {  # noqa: RUF012  aeon's convention
        "X_inner_type": ["np-list", "numpy3D"],
        "capability:multivariate": True,
        "capability:unequal_length": True,
        "capability:missing_values": True,
        "algorithm_type": "deeplearning",
        "python_dependencies": "torch",
        # on one machine and device, see docs/architecture.md
        "non_deterministic": False,
    }

    _file_kind = "GDPDClassifier"
    _learned_names = (
        "prefix_length_", "n_channels_", "channels_", "model_", "_history", "_teacher_history",
        "validation_cases_", "n_parameters_", "n_labelled_", "teacher_score_", "teacher_",
        "n_timepoints_", "_ends_early",
    )  # fmt: skip

    def __init__(
        self,
        prefix_length: float | int = 0.5,
        teacher: TeacherLike | None = None,
        student: ArchitectureLike | None = None,
        distiller: DistillerLike = "auto",
        training: TrainingLike = "default",
        n_epochs: int | None = None,
        learning_rate: float | str | None = None,
        validation_fraction: float | None = None,
        patience: int | None = None,
        class_weight: ClassWeight = None,
        unlabelled: Mark = None,
        prefix_by: str = "time",
        scaling: str = "standard",
        max_input_length: int | None = 100,
        channels: int | tuple[int, ...] | None = None,
        keep_teacher: bool = False,
        memory: MemoryLike = None,
        device: str = "auto",
        random_state: RandomState = None,
        verbose: int = 0,
    ) -> None:
        self.prefix_length = prefix_length
        self.teacher = teacher
        self.student = student
        self.distiller = distiller
        self.training = training
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.class_weight = class_weight
        self.unlabelled = unlabelled
        self.prefix_by = prefix_by
        self.scaling = scaling
        self.max_input_length = max_input_length
        self.channels = channels
        self.keep_teacher = keep_teacher
        self.memory = memory
        self.device = device
        self.random_state = random_state
        self.verbose = verbose
        super().__init__()

    @classmethod
    def paper(cls, **overrides: Any) -> GDPDClassifier:
        """Make a classifier in the setting of the paper.

        LSTMs of three layers, GDPD as the text has it, and the recipe ``training="paper"``: 600
        epochs, batches of 64, Adam with weight decay 1e-5, learning rate 0.01 for the LSTM and
        0.001 for convolutional networks, halved at epochs 25, 30 and 35, 20 % stratified
        validation. Series of more than 100 points are resampled to 100.

        The published runs differ by ``GDPD(freeze_prior=False, hinton_weight=1.0)`` and
        ``training__schedule="halving_steps"``. The paper chose λ among 0.1, 1 and 10 and the
        warm-up among 300 and 350 epochs on test data; here both are yours to search on training
        data.

        Parameters
        ----------
        **overrides
            Any parameter of the class.
        """
        setting = {
            "student": "lstm3-100", "teacher": "lstm3-100", "distiller": "gdpd", "training": "paper"
        }  # fmt: skip
        return cls(**{**setting, **overrides})

    def _fit(
        self, X: NDArray[np.floating], y: NDArray[Any], sample_weight: ArrayLike | None = None
    ) -> GDPDClassifier:
        task = self._task(X, y, sample_weight)
        (length,) = task.lengths
        (result,) = fit_or_recall([task], self.memory)
        self.prefix_length_ = length
        _, self.n_channels_, self.n_timepoints_ = task.X.shape
        self._ends_early = bool(self.metadata_["unequal_length"])
        self.channels_ = resolve_channels(self.channels, self.n_channels_)
        self.model_ = result.model
        self._few = FewSeries()
        self._history = as_columns(result.history)
        taught = None if result.teacher is None else result.teacher.history
        self._teacher_history = None if taught is None else as_columns(taught)
        self.validation_cases_ = result.validation
        self.n_parameters_ = count_parameters(result.model[0])
        self.teacher_score_ = None if result.teacher is None else result.teacher.score
        if self.keep_teacher and result.teacher is not None:
            self.teacher_ = result.teacher
        return self

    def _check_learned(self) -> None:
        model = self.model_
        if not isinstance(model, PrefixModel) or model.lengths != (self.prefix_length_,):
            raise ValueError(f"its model {model!r} is not of prefix_length_={self.prefix_length_}")
        if len(self.channels_) != model.n_channels or not (
            set(self.channels_) <= set(range(self.n_channels_))
        ):
            raise ValueError(f"its channels_={self.channels_!r} are not those of its model")
        check_classes(self.classes_, model.n_classes)
        self._few = FewSeries()

    def _task(
        self, X: NDArray[np.floating], y: NDArray[Any], sample_weight: ArrayLike | None
    ) -> FitTask:
        """Check data and parameters, and turn them into a task for the trainer."""
        X = read_training(X, self.prefix_by)
        length = resolve_prefix_length(self.prefix_length, X.shape[2])
        check_switch("keep_teacher", self.keep_teacher)
        codes = encode_labels(y, self.classes_, self.unlabelled)
        weight = case_weights(sample_weight, codes)
        self.n_labelled_ = len(counted_codes(codes, weight)[0])
        visible = resolve_channels(self.channels, X.shape[1])
        hidden = visible != tuple(range(X.shape[1]))
        student = default_student(self.student, self.distiller, self.scaling)
        settings, root = check_settings(
            self, X, codes, weight, student=student, channels=visible if hidden else None
        )
        return FitTask(X, codes, tuple(self.classes_.tolist()), [length], settings, root, weight)

    def set_params(self, **params: Any) -> GDPDClassifier:
        """Set parameters, nested ones too, also of parts that are given by name.

        ``set_params(distiller__weight=10)`` turns the default into ``GDPD(weight=10)``.
        """
        super().set_params(**materialise_parts(self, params))
        return self

    @classmethod
    def _get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        small = {"n_epochs": 4, "teacher": "lstm1-8", "training": Training(batch_size=8)}
        return [{**small, "student": "lstm1-8"}, {**small, "student": Rocket(700)}]
