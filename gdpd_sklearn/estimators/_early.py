"""GDPDEarlyClassifier: watch a series grow and decide as soon as it is safe."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from aeon.classification.early_classification.base import BaseEarlyClassifier
from numpy.typing import ArrayLike, NDArray

from gdpd_sklearn.data import Mark, ends_of
from gdpd_sklearn.estimators._answer_on import AnswersOn
from gdpd_sklearn.estimators._core import MemoryLike, RandomState
from gdpd_sklearn.estimators._early_answers import EarlyAnswers
from gdpd_sklearn.estimators._early_contract import EarlyContract
from gdpd_sklearn.estimators._early_plan import (
    EARLY_PARTS,
    TriggerLike,
    after_end,
    check_early,
    check_rule,
)
from gdpd_sklearn.estimators._engine import EarlyEngine
from gdpd_sklearn.estimators._labels import check_labels, encode_labels
from gdpd_sklearn.estimators._parts import (
    ArchitectureLike,
    DistillerLike,
    TeacherLike,
    TrainingLike,
    materialise_parts,
)
from gdpd_sklearn.estimators._routing import Routed
from gdpd_sklearn.estimators._saved import SavedEstimator, check_classes
from gdpd_sklearn.estimators._scalars import ClassWeight
from gdpd_sklearn.estimators._series import read_training
from gdpd_sklearn.estimators._weights import Weighed, case_weights, counted_codes
from gdpd_sklearn.fitting import FitTask, cross_fit, fit_or_recall
from gdpd_sklearn.networks import count_parameters
from gdpd_sklearn.recipes import Training
from gdpd_sklearn.training import as_columns
from gdpd_sklearn.triggers import Objective

__all__ = ["GDPDEarlyClassifier"]


class GDPDEarlyClassifier(
    EarlyAnswers, EarlyContract, SavedEstimator, AnswersOn, Weighed, Routed, BaseEarlyClassifier
):
    """Early classifier: students of growing prefixes, and a rule that says when to stop.

    By default one student of random kernels reads a series once and answers at every point. Its
    heads are solved in closed form, which also tells what each training case would be told by the
    student fitted without it; from these left-out probabilities the stopping rule learns.

    Other students are cross-fitted instead: the cases of each fold are classified by students (and
    a teacher) that never saw them. In use the students of all folds vote: the mean of their logits.
    Where a method trains random kernels on, the rule learns from the closed form that they start
    from.

    Series may have gaps (NaN), unequal lengths (a list of arrays), and ends before the others:
    docs/messy.md.

    Parameters
    ----------
    classification_points : int or tuple, default=20
        How many evenly spaced points, of which those before the third time point are left out; or
        the points themselves: floats in (0, 1] are shares of the series, ints numbers of time
        points. The full length, that of the longest series of fit, is always among them.
    shared : bool, default=False
        For students that are trained: by default there is one for each point, trained side by
        side. With ``True`` one causal student reads a series once and answers at every point:
        several times faster to train, and a new time point costs the same however long the series,
        but less accurate (docs/early.md). Random kernels are always read once.
    trigger : str, Trigger or callable, default="falling_threshold"
        A name in ``gdpd_sklearn.triggers.TRIGGERS``, a rule, or a function
        ``(probabilities so far (p + 1, n, K), fractions (p + 1,)) -> bool (n,)``.
    objective : "harmonic_mean", DecisionCost or LeastDelay, default="harmonic_mean"
        What the rule's own parameters are chosen for. ``LeastDelay(sensitivity=0.8,
        specificity=0.7, positive="ill")`` is a clinic's constraint.
    n_folds : int, default=4
        Folds of the cross-fitting, at least 2; random kernels need none.
    refit : bool, default=False
        Train once more on all cases and use these students instead of the folds' vote: as fast to
        use as one student, a little less accurate. Random kernels learn of all cases anyway.
    n_jobs : int, default=1
        Folds side by side.
    student : str or object, optional
        As for :class:`GDPDClassifier`. The default is ``"rocket"`` where the distiller has a closed
        form (``"auto"``, ``"none"``, ``"kd"``) and the scaling is not ``"prefix"``; else ``"fcn"``,
        or ``"causal_fcn"`` where shared. A shared student must be causal: ``"causal_fcn"``,
        ``"lstm"`` or an architecture that says so; it reads series as they are, whatever
        ``max_input_length``.
    prefix_by : {"time", "share"}, default="time"
        What a prefix of series of unequal lengths is. With ``"time"``: the first so many points of
        each; one that ends is decided at its end. With ``"share"``: the same share of each series'
        own length, for complete series alone, since a stream does not know how long it will be.
    teacher, distiller, training, n_epochs, learning_rate, validation_fraction, patience,\
 class_weight, unlabelled, scaling, max_input_length, memory, device, random_state, verbose
        As for :class:`GDPDClassifier`, except that a fitted teacher is refused: it may have seen
        the cases that are held out.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
    classification_points_ : tuple of int, length P
        In time points.
    n_timepoints_ : int
        Full length.
    engine_ : EarlyEngine
        All that decides in use. ``engine_.probabilities_at(X, point)`` gives the calibrated
        probabilities at a classification point, ``engine_.temperature`` what calibrates them.
    models_, trigger_
        Parts of it: the voting students (a list of PrefixModel) and the fitted rule.
    held_out_probabilities_ : ndarray of shape (P, M, K)
    held_out_codes_ : ndarray of int, shape (M,)
        What the rule learned from; :meth:`fit_trigger` uses it again. Cases without a label count
        as what the teacher says that they are.
    held_out_weights_ : ndarray of shape (M,), or None
        What these cases count in calibration and rule: ``sample_weight`` times ``class_weight``.
    n_labelled_ : int
        Training cases that have a label, and a weight above 0.
    teacher_scores_ : list of float or None
        Accuracy of each fold's teacher on the cases that it never saw, complete series: what the
        students could learn from it. None where the distiller needs no teacher, or where a teacher
        of a closed-form student cannot leave cases out.
    history_ : pandas.DataFrame
        Epoch by epoch, or in closed form a row for each point: penalty, left-out loss and accuracy.
    teacher_history_ : pandas.DataFrame or None
        The same of the folds' teachers; None where there were none.
    n_parameters_ : int
        Trainable parameters of all students in use.

    Notes
    -----
    ``predict`` and its kin take what is known so far: an array (n, n_channels, m), of series that
    go on unless m is the full length. After a fit on series of unequal lengths a list holds whole
    series, each of which is decided; after a fit on equal ones, prefixes.

    They return pairs, as all early classifiers of aeon do: the second array,
    ``decisions``, is the only authority on whether a decision has fallen. A label −1 or a
    probability −1 only fills the place. :meth:`as_classifier` gives plain arrays.

    Probabilities are computed in double precision and rounded to single, so that streaming,
    updating and one-shot prediction agree exactly, whatever the batches.

    Examples
    --------
    >>> from aeon.datasets import load_italy_power_demand
    >>> from gdpd_sklearn import GDPDEarlyClassifier
    >>> X, y = load_italy_power_demand(split="train")
    >>> clf = GDPDEarlyClassifier(n_epochs=5, n_folds=2, random_state=0).fit(X, y)
    >>> labels, decisions = clf.predict(X[:, :, :12])
    >>> harmonic_mean, accuracy, earliness = clf.score(X, y)
    """

    _tags = {  # noqa: RUF012  aeon's convention
        "X_inner_type": ["np-list", "numpy3D"],
        "capability:multivariate": True,
        "capability:unequal_length": True,
        "capability:missing_values": True,
        "capability:multithreading": True,
        "algorithm_type": "deeplearning",
        "python_dependencies": "torch",
        # on one machine and device, see docs/architecture.md
        "non_deterministic": False,
    }

    _file_kind = "GDPDEarlyClassifier"
    _learned_names = (
        "n_timepoints_", "n_channels_", "n_parameters_", "n_labelled_", "engine_",
        "held_out_probabilities_", "held_out_codes_", "held_out_weights_", "teacher_scores_",
        "_history", "_teacher_history", "_n_jobs", "_ends_early",
    )  # fmt: skip

    def __init__(
        self,
        classification_points: int | tuple[float | int, ...] = 20,
        shared: bool = False,
        trigger: TriggerLike = "falling_threshold",
        objective: Objective = "harmonic_mean",
        n_folds: int = 4,
        refit: bool = False,
        n_jobs: int = 1,
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
        memory: MemoryLike = None,
        device: str = "auto",
        random_state: RandomState = None,
        verbose: int = 0,
    ) -> None:
        self.classification_points = classification_points
        self.shared = shared
        self.trigger = trigger
        self.objective = objective
        self.n_folds = n_folds
        self.refit = refit
        self.n_jobs = n_jobs
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
        self.memory = memory
        self.device = device
        self.random_state = random_state
        self.verbose = verbose
        super().__init__()

    # -- fit

    def _fit_setup(self, X: Any, y: Any) -> tuple[Any, NDArray[Any]]:
        # aeon's own asks its base class about labels, which knows no mark of unlabelled cases
        self.reset()
        X = self._preprocess_collection(X)
        return X, check_labels(self, y, self.metadata_["n_cases"])

    def _fit(
        self, X: NDArray[np.floating], y: NDArray[Any], sample_weight: ArrayLike | None = None
    ) -> GDPDEarlyClassifier:
        X = read_training(X, self.prefix_by)
        codes = encode_labels(y, self.classes_, self.unlabelled)
        weight = case_weights(sample_weight, codes)
        self.n_labelled_ = len(counted_codes(codes, weight)[0])
        plan = check_early(self, X, codes, weight)
        self._n_jobs = plan.n_jobs
        classes = tuple(self.classes_.tolist())
        task = FitTask(X, codes, classes, plan.points, plan.settings, plan.root, weight)
        train = partial(fit_or_recall, memory=self.memory, n_jobs=plan.n_jobs)
        fitted = cross_fit(task, plan.n_folds, train, whole=self.refit)
        models, history = fitted.models, fitted.history
        if fitted.whole is not None:
            models, history = [fitted.whole.model], fitted.whole.history
        self._history = as_columns(history)
        taught = fitted.teacher_history
        self._teacher_history = None if taught is None else as_columns(taught)
        _, self.n_channels_, self.n_timepoints_ = X.shape
        self._ends_early = bool(self.metadata_["unequal_length"])
        self.n_parameters_ = sum(count_parameters(model.networks) for model in models)
        self.teacher_scores_ = fitted.teacher_scores
        self.held_out_probabilities_ = after_end(
            fitted.held_out, ends_of(X)[fitted.cases], plan.points
        )
        self.held_out_codes_ = fitted.codes
        self.held_out_weights_ = fitted.weight
        self.engine_ = EarlyEngine.learn(
            models, plan.points, plan.settings.shared, self.held_out_probabilities_,
            self.held_out_codes_, plan.trigger, plan.objective,
            1.0 if fitted.calibrated else None, self.held_out_weights_,
        )  # fmt: skip
        self.reset_state_info()
        return self

    def fit_trigger(
        self, trigger: TriggerLike | None = None, objective: Objective | None = None
    ) -> GDPDEarlyClassifier:
        """Learn another rule, or for another objective, from the held-out cases of the last fit.

        The students stay as they are; it takes a moment.

        Parameters
        ----------
        trigger : str, Trigger or callable, optional
            By default the present parameter.
        objective : "harmonic_mean", DecisionCost or LeastDelay, optional
            By default the present parameter.

        Returns
        -------
        self
            With the parameters ``trigger`` and ``objective`` set accordingly.
        """
        self._check_is_fitted()
        trigger = self.trigger if trigger is None else trigger
        objective = self.objective if objective is None else objective
        engine = self.engine_
        rule, by_code = check_rule(trigger, objective, self.classes_, engine.points)
        self.engine_ = EarlyEngine.learn(
            engine.models, engine.points, engine.shared, self.held_out_probabilities_,
            self.held_out_codes_, rule, by_code, engine.temperature, self.held_out_weights_,
        )  # fmt: skip
        self.reset_state_info()
        self.trigger, self.objective = trigger, objective
        return self

    def _check_learned(self) -> None:
        self.engine_.check()
        check_classes(self.classes_, self.engine_.n_classes)
        if (self.n_channels_, self.n_timepoints_) != (
            self.engine_.n_channels, self.engine_.n_timepoints,
        ):  # fmt: skip
            raise ValueError("its students are not of n_channels_ and n_timepoints_")
        if not hasattr(self, "held_out_weights_"):  # files of before there were weights
            self.held_out_weights_ = None
        self.reset_state_info()

    def _as_aeon(self, X: Any, store_metadata: bool) -> Any:
        return BaseEarlyClassifier._preprocess_collection(self, X, store_metadata)

    def set_params(self, **params: Any) -> GDPDEarlyClassifier:
        """Set parameters, nested ones too, also of parts that are given by name."""
        super().set_params(**materialise_parts(self, params, EARLY_PARTS))
        return self

    @classmethod
    def _get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        small = Training(batch_size=8)
        tiny = {"n_epochs": 2, "n_folds": 2, "teacher": "lstm1-8", "training": small}
        return [
            {**tiny, "student": "lstm1-8", "classification_points": 3, "shared": True},
            {**tiny, "student": "lstm1-8", "classification_points": (0.5,)},
        ]
