"""GDPDEarlyClassifier: watch a series grow and decide as soon as it is safe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from aeon.classification.early_classification.base import BaseEarlyClassifier
from aeon.utils.validation import check_n_jobs
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.metadata_routing import MetadataRequest

from gdpd_sklearn._checks import check_int
from gdpd_sklearn.data import resolve_prefix_length
from gdpd_sklearn.estimators import _core
from gdpd_sklearn.estimators._as_classifier import EarlyAsClassifier
from gdpd_sklearn.estimators._score import EarlyScore
from gdpd_sklearn.estimators._session import EarlyState, Session
from gdpd_sklearn.estimators._stream import EarlyStream
from gdpd_sklearn.metrics import harmonic_mean
from gdpd_sklearn.networks import count_parameters
from gdpd_sklearn.training import FittedTeacher, cross_fit, fit_students
from gdpd_sklearn.triggers import apply_temperature, fit_temperature, resolve_trigger

__all__ = ["EarlyPrediction", "GDPDEarlyClassifier"]


class EarlyPrediction(NamedTuple):
    """Decisions on complete series.

    Attributes
    ----------
    labels : ndarray of shape (n,)
    probabilities : ndarray of shape (n, K)
        Of the student that decided.
    stop_times : ndarray of int, shape (n,)
        Time points seen at the decision.
    """

    labels: NDArray[Any]
    probabilities: NDArray[np.float64]
    stop_times: NDArray[np.int64]


class GDPDEarlyClassifier(BaseEarlyClassifier):
    """Early classifier: students of growing prefixes, and a rule that says when to stop.

    Students are cross-fitted: the cases of each fold are classified by students (and a teacher)
    that never saw them, and from these held-out probabilities the stopping rule learns. In use the
    students of all folds vote.

    Parameters
    ----------
    classification_points : int or tuple, default=20
        How many evenly spaced points, or the points themselves: floats in (0, 1] are shares of the
        series, ints numbers of time points. The full length is always among them.
    shared : bool, default=False
        By default there is a student for each point, trained side by side. With ``True`` one causal
        student reads a series once and answers at every point: several times faster to train, and
        a new time point costs the same however long the series, but less accurate (docs/early.md).
    trigger : str, Trigger or callable, default="falling_threshold"
        A name in ``gdpd_sklearn.triggers.TRIGGERS``, a rule, or a function
        ``(probabilities so far (p + 1, n, K), fractions (p + 1,)) -> bool (n,)``.
    objective : "harmonic_mean" or DecisionCost, default="harmonic_mean"
        What the rule's own parameters are chosen for.
    n_folds : int, default=4
        Folds of the cross-fitting, at least 2.
    refit : bool, default=False
        Train once more on all cases and use these students instead of the folds' vote: as fast to
        use as one student, a little less accurate.
    n_jobs : int, default=1
        Folds side by side.
    student : str or object, optional
        As for :class:`GDPDClassifier`; by default ``"fcn"``, or ``"causal_fcn"`` where shared.
        A shared student must be causal: ``"causal_fcn"``, ``"lstm"`` or an architecture that says
        so; it reads series as they are, whatever ``max_input_length``.
    teacher, distiller, n_epochs, teacher_n_epochs, batch_size, learning_rate,\
 teacher_learning_rate, optimizer, weight_decay, schedule, max_gradient_norm, validation_fraction,\
 patience, class_weight, scaling, max_input_length, memory, device, precision, random_state, verbose
        As for :class:`GDPDClassifier`, except that a fitted teacher is refused: it may have seen
        the cases that are held out.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
    classification_points_ : tuple of int, length P
        In time points.
    n_timepoints_ : int
        Full length.
    models_ : list of PrefixModel
        The voting students.
    trigger_ : Trigger
        The fitted rule.
    temperature_ : float
        Calibrates the probabilities.
    held_out_probabilities_ : ndarray of shape (P, M, K)
    held_out_codes_ : ndarray of int, shape (M,)
        What the rule learned from; :meth:`fit_trigger` uses it again.
    history_ : pandas.DataFrame
    n_parameters_ : int
        Trainable parameters of all students in use.

    Notes
    -----
    ``predict`` and its kin return pairs, as all early classifiers of aeon do: the second array,
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
        "X_inner_type": "numpy3D",
        "capability:multivariate": True,
        "capability:multithreading": True,
        "algorithm_type": "deeplearning",
        "python_dependencies": "torch",
    }

    def __init__(
        self,
        classification_points: int | tuple[float | int, ...] = 20,
        shared: bool = False,
        trigger: Any = "falling_threshold",
        objective: Any = "harmonic_mean",
        n_folds: int = 4,
        refit: bool = False,
        n_jobs: int = 1,
        teacher: Any = "fcn",
        student: Any = None,
        distiller: Any = "gdpd",
        n_epochs: int = 100,
        teacher_n_epochs: int | None = None,
        batch_size: int = 16,
        learning_rate: float | None = None,
        teacher_learning_rate: float | None = None,
        optimizer: str = "adamw",
        weight_decay: float = 0.01,
        schedule: str = "one_cycle",
        max_gradient_norm: float | None = 1.0,
        validation_fraction: float = 0.0,
        patience: int | None = None,
        class_weight: Any = None,
        scaling: str = "standard",
        max_input_length: int | None = 100,
        memory: Any = None,
        device: str = "auto",
        precision: str = "float32",
        random_state: Any = None,
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
        self.n_epochs = n_epochs
        self.teacher_n_epochs = teacher_n_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.teacher_learning_rate = teacher_learning_rate
        self.optimizer = optimizer
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.max_gradient_norm = max_gradient_norm
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.class_weight = class_weight
        self.scaling = scaling
        self.max_input_length = max_input_length
        self.memory = memory
        self.device = device
        self.precision = precision
        self.random_state = random_state
        self.verbose = verbose
        super().__init__()

    # -- fit

    def _fit(self, X: NDArray[np.floating], y: NDArray[Any]) -> GDPDEarlyClassifier:
        _core.check_finite(X)
        self._n_jobs = check_n_jobs(self.n_jobs)
        points = resolve_points(self.classification_points, X.shape[2])
        codes = _core.encode_labels(y, self.classes_)
        trigger = clone(resolve_trigger(self.trigger))
        if isinstance(self.teacher, FittedTeacher):
            raise ValueError(
                "teacher is fitted already and may have seen the cases that are held out; pass a "
                "name or an architecture, of which each fold trains its own (memory keeps them)."
            )
        n_held_out = int(np.isin(codes, np.flatnonzero(np.bincount(codes) > 1)).sum())
        if check_int("n_folds", self.n_folds, 2) > n_held_out:
            raise ValueError(
                f"n_folds={self.n_folds} must be at most the {n_held_out} cases that can be held "
                f"out."
            )
        settings, root = _core.check_settings(
            self, X, codes, student=self._student(), shared=self.shared, exact=True
        )
        classes = tuple(self.classes_.tolist())
        fitted = cross_fit(X, codes, classes, points, settings, root, self.n_folds, self._n_jobs)
        self.models_ = fitted.models
        self.history_ = fitted.history
        if self.refit:
            whole = fit_students(X, codes, classes, points, settings, root)
            self.models_ = [whole.model]
            self.history_ = whole.history
        self.classification_points_ = points
        self.n_timepoints_ = X.shape[2]
        self.n_channels_ = X.shape[1]
        self.n_parameters_ = sum(count_parameters(model.networks) for model in self.models_)
        self.held_out_probabilities_ = fitted.held_out
        self.held_out_codes_ = codes[fitted.cases]
        self._fit_trigger(trigger, self.objective)
        return self

    def fit_trigger(self, trigger: Any = None, objective: Any = None) -> GDPDEarlyClassifier:
        """Learn another rule, or for another objective, from the held-out cases of the last fit.

        The students stay as they are; it takes a moment.

        Parameters
        ----------
        trigger : str, Trigger or callable, optional
            By default the present parameter.
        objective : "harmonic_mean" or DecisionCost, optional
            By default the present parameter.

        Returns
        -------
        self
            With the parameters ``trigger`` and ``objective`` set accordingly.
        """
        self._check_is_fitted()
        trigger = self.trigger if trigger is None else trigger
        objective = self.objective if objective is None else objective
        self._fit_trigger(clone(resolve_trigger(trigger)), objective)
        self.trigger, self.objective = trigger, objective
        return self

    def _fit_trigger(self, trigger: Any, objective: Any) -> None:
        temperature = fit_temperature(self.held_out_probabilities_, self.held_out_codes_)
        calibrated = apply_temperature(self.held_out_probabilities_, temperature)
        fractions = np.array(self.classification_points_) / self.n_timepoints_
        self.trigger_ = trigger.fit(calibrated, self.held_out_codes_, fractions, objective)
        self.temperature_ = temperature
        self.reset_state_info()

    # -- decide

    def probabilities_at(self, X: NDArray[np.floating], point: int) -> NDArray[np.float64]:
        """Calibrated probabilities of classification point number ``point``, shape (n, K).

        Parameters
        ----------
        X : array of shape (n, n_channels, ≥ classification_points_[point])
        point : int
        """
        votes = [model.predict_proba(X, point) for model in self.models_]
        return apply_temperature(np.mean(votes, axis=0), self.temperature_)

    @property
    def advances(self) -> bool:
        """Whether the students can go on from a state, see :meth:`advance`."""
        return all(model.advances for model in self.models_)

    def advance(
        self, X: NDArray[np.floating], states: list[Any] | None
    ) -> tuple[NDArray[np.float64], list[Any]]:
        """Calibrated probabilities of series that go on, at the cost of what is new.

        Parameters
        ----------
        X : array of shape (n, n_channels, m)
            The next m points.
        states : list or None
            What the last call returned; None at the beginning.
        """
        states = [None] * len(self.models_) if states is None else states
        pairs = [model.advance(X, s) for model, s in zip(self.models_, states, strict=True)]
        mean = np.mean([votes for votes, _ in pairs], axis=0)
        return apply_temperature(mean, self.temperature_), [state for _, state in pairs]

    def probabilities_up_to(self, X: NDArray[np.floating], n_points: int) -> NDArray[np.float64]:
        """Calibrated probabilities of the first ``n_points`` points, shape (n_points, n, K)."""
        if n_points == 0:
            return np.empty((0, len(X), self.n_classes_))
        votes = [model.predict_proba_all(X, n_points) for model in self.models_]
        return apply_temperature(np.mean(votes, axis=0), self.temperature_)

    def _advance(self, state: EarlyState, X: Sequence[NDArray[np.floating]]) -> None:
        """Show the cases of ``state`` longer prefixes, and decide where the rule says so."""
        lengths = np.array([series.shape[1] for series in X], dtype=np.int64)
        reach = np.searchsorted(self.classification_points_, lengths, side="right")
        known = self._known(X, reach, state) if self.shared else None
        for point in range(len(self.classification_points_)):
            active = np.flatnonzero(~state.decided & (state.n_seen <= point) & (point < reach))
            if len(active) == 0:
                continue
            if known is not None:
                state.probabilities[point, active] = known[point, active]
            else:
                m = self.classification_points_[point]
                prefixes = np.stack([X[i][:, :m] for i in active])
                state.probabilities[point, active] = self.probabilities_at(prefixes, point)
            state.n_seen[active] = point + 1
            safe = self.trigger_.should_stop(state.probabilities[: point + 1, active])
            state.decided[active[safe]] = True
        state.length = lengths

    def _known(
        self, X: Sequence[NDArray[np.floating]], reach: NDArray[np.int64], state: EarlyState
    ) -> NDArray[np.float64]:
        """One pass of the shared students over each group of cases of equal reach."""
        known = np.zeros_like(state.probabilities)
        for n_points in np.unique(reach[(reach > state.n_seen) & ~state.decided]):
            group = np.flatnonzero((reach == n_points) & ~state.decided)
            m = self.classification_points_[n_points - 1]
            prefixes = np.stack([X[i][:, :m] for i in group])
            known[:n_points, group] = self.probabilities_up_to(prefixes, int(n_points))
        return known

    def _start(self, X: Sequence[NDArray[np.floating]]) -> EarlyState:
        state = EarlyState(len(self.classification_points_), len(X), self.n_classes_)
        self._advance(state, X)
        return state

    def _labels(self, state: EarlyState) -> NDArray[Any]:
        """Labels of the decided cases, −1 for the others, in one type whatever was decided."""
        kind = self.classes_.dtype
        if kind.kind in "US":
            kind = np.promote_types(kind, "<U2" if kind.kind == "U" else "S2")
        labels = np.full(len(state), -1).astype(kind)
        codes = state.latest().argmax(1)
        labels[state.decided] = self.classes_[codes[state.decided]]
        return labels

    # -- aeon's contract

    def _predict(self, X: Any) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        self._session.state = self._start(X)
        return self._labels(self._session.state), self._session.state.decided.copy()

    def _predict_proba(self, X: Any) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        self._session.state = self._start(X)
        return _filled(self._session.state), self._session.state.decided.copy()

    def _update_predict(self, X: Any) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        state = self._update(X)
        return self._labels(state), state.decided.copy()

    def _update_predict_proba(self, X: Any) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        state = self._update(X)
        return _filled(state), state.decided.copy()

    def _update(self, X: Any) -> EarlyState:
        before = self._session.state
        assert before is not None
        waiting = before.undecided()
        if len(waiting) == 0:
            raise ValueError(
                "All cases are decided; call reset_state_info() (or predict) to start with others."
            )
        if len(X) != len(waiting):
            raise ValueError(
                f"X has {len(X)} cases, but {len(waiting)} cases are waiting for a decision; pass "
                f"these, in their order, without the decided ones, or call reset_state_info()."
            )
        lengths = np.array([series.shape[1] for series in X])
        if (lengths < waiting.length).any():
            case = int(np.argmax(lengths < waiting.length))
            raise ValueError(
                f"X has {lengths[case]} time points in case {case}, but {waiting.length[case]} "
                f"were shown before; an update needs prefixes at least as long."
            )
        self._advance(waiting, X)
        self._session.state = waiting
        return waiting

    def _score(self, X: Any, y: Any) -> EarlyScore:
        state = self._complete(X)
        return EarlyScore(
            *self.compute_harmonic_mean(state.state_info(self.classification_points_), y)
        )

    def score(self, X: Any, y: Any) -> EarlyScore:
        """Harmonic mean of accuracy and 1 − earliness on complete series.

        Returns
        -------
        EarlyScore
            A float that unpacks into (harmonic mean, accuracy, earliness).
        """
        score: EarlyScore = super().score(X, np.asarray(y))
        return score

    def compute_harmonic_mean(
        self, state_info: NDArray[np.int64], y: NDArray[Any]
    ) -> tuple[float, float, float]:
        """Harmonic mean, accuracy and earliness of a complete state, as aeon's classes have it.

        Parameters
        ----------
        state_info : ndarray of int, shape (n, 4)
            Every case decided.
        y : array of shape (n,)
            True labels.
        """
        y = np.asarray(y)
        if y.shape != (len(state_info),):
            raise ValueError(
                f"y of shape {y.shape} must hold one label for each of the {len(state_info)} cases."
            )
        codes = np.searchsorted(self.classes_, y)
        known = self.classes_[np.minimum(codes, len(self.classes_) - 1)] == y
        accuracy = float(np.mean((state_info[:, 2] == codes) & known))
        earliness = float(np.mean(state_info[:, 3] / self.n_timepoints_))
        return float(harmonic_mean(accuracy, earliness)), accuracy, earliness

    @property
    def state_info(self) -> NDArray[np.int64] | None:
        """State of the last prediction: point index, safe decisions, class code, length."""
        state = self._session.state
        return None if state is None else state.state_info(self.classification_points_)

    @state_info.setter
    def state_info(self, value: None) -> None:
        # aeon's base class assigns None in __init__ and reset_state_info; nothing else makes sense
        if value is not None:
            raise ValueError(f"state_info={value!r} can only be set to None, which resets it.")
        self._session = Session()

    # -- plain arrays

    def predict_early(self, X: Any) -> EarlyPrediction:
        """Decide complete series, and tell when each decision fell.

        Parameters
        ----------
        X : array of shape (n, n_channels, n_timepoints_)

        Returns
        -------
        EarlyPrediction
            ``(labels, probabilities, stop_times)``.
        """
        self._check_is_fitted()
        state = self._complete(self._preprocess_collection(X))
        times = state.state_info(self.classification_points_)[:, 3]
        return EarlyPrediction(self._labels(state), state.latest(), times)

    def _complete(self, X: Any) -> EarlyState:
        shortest = min(series.shape[1] for series in X)
        if shortest < self.n_timepoints_:
            raise ValueError(
                f"X has series of {shortest} time points; complete series of {self.n_timepoints_} "
                f"are needed, so that every case is decided."
            )
        return self._start(X)

    def stream(self) -> EarlyStream:
        """Open a session for series that arrive point by point, each at its own pace."""
        self._check_is_fitted()
        return EarlyStream(self)

    def as_classifier(self, prefix: float | int | None = None) -> EarlyAsClassifier:
        """View as a plain classifier, for every tool of scikit-learn.

        Parameters
        ----------
        prefix : float or int, optional
            Probabilities at the last classification point within this share or number of time
            points. By default those of each case's decision.

        Returns
        -------
        EarlyAsClassifier
            Fitted if this estimator is.
        """
        return EarlyAsClassifier.view(self, prefix)

    # -- input and parameters

    def _preprocess_collection(self, X: Any, store_metadata: bool = True) -> Any:
        _core.check_not_empty(X)
        if not getattr(self, "is_fitted", False):
            return super()._preprocess_collection(X, store_metadata)
        if _is_list_of_unequal(X):
            series = [np.atleast_2d(np.asarray(each, dtype=float)) for each in X]
        else:
            series = super()._preprocess_collection(X, store_metadata=False)
        self._check_series(series)
        return series

    def _check_series(self, series: Any) -> None:
        for case, each in enumerate(series):
            if each.ndim != 2:
                raise ValueError(
                    f"X has the shape {each.shape} in case {case}; a case of a list has "
                    f"(n_channels, n_timepoints)."
                )
            if each.shape[0] != self.n_channels_:
                raise ValueError(
                    f"X has {each.shape[0]} channels in case {case}, but the classifier was fitted "
                    f"on {self.n_channels_}."
                )
            if each.shape[1] > self.n_timepoints_:
                raise ValueError(
                    f"X has {each.shape[1]} time points in case {case}, more than the full length "
                    f"{self.n_timepoints_} of fit."
                )
            _core.check_finite(each)

    def set_params(self, **params: Any) -> GDPDEarlyClassifier:
        """Set parameters, nested ones too, also of parts that are given by name."""
        nested = any(key.startswith("student__") for key in params)
        if nested and params.get("student", self.student) is None:
            params = {"student": self._student(), **params}
        super().set_params(**_core.materialise_parts(self, params, PARTS))
        return self

    def _student(self) -> Any:
        if self.student is None:
            return "causal_fcn" if self.shared else "fcn"
        return self.student

    def get_metadata_routing(self) -> MetadataRequest:
        """Answer scikit-learn's metadata routing: fit takes X and y alone."""
        return _core.metadata_request(self)

    @classmethod
    def _get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        tiny = {"n_epochs": 2, "n_folds": 2, "teacher": "lstm1-8", "batch_size": 8}
        return [
            {**tiny, "student": "lstm1-8", "classification_points": 3, "shared": True},
            {**tiny, "student": "lstm1-8", "classification_points": (0.5,)},
        ]


PARTS: Mapping[str, Callable[[Any], Any]] = {**_core.PARTS, "trigger": resolve_trigger}


def resolve_points(classification_points: Any, n_timepoints: int) -> tuple[int, ...]:
    """Turn the parameter into increasing numbers of time points, the full length among them.

    Raises
    ------
    ValueError
        If it is neither a number of points nor a tuple of shares and lengths.
    """
    if isinstance(classification_points, tuple | list | np.ndarray):
        lengths = {
            resolve_prefix_length(
                each.item() if isinstance(each, np.generic) else each,
                n_timepoints,
                "classification_points",
            )
            for each in classification_points
        }
    else:
        try:
            count = check_int("classification_points", classification_points, 1)
        except ValueError as error:
            raise ValueError(
                f"{str(error)[:-1]}, or a tuple of shares in (0, 1] and numbers of time points."
            ) from None
        lengths = {max(1, round(k * n_timepoints / count)) for k in range(1, count + 1)}
    return tuple(sorted(lengths | {n_timepoints}))


def _filled(state: EarlyState) -> NDArray[np.float64]:
    return np.where(state.decided[:, None], state.latest(), -1.0)


def _is_list_of_unequal(X: Any) -> bool:
    return isinstance(X, list) and len({np.shape(each)[-1:] for each in X}) > 1
