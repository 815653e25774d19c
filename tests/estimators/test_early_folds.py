"""The rule learns from held-out cases alone: who has seen a case never speaks of it."""

import pickle

import joblib
import numpy as np
import pytest
import torch
from early_cases import assert_same
from synthetic import EARLY
from torch import nn

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn._seeding import root_seed, stream_seed
from gdpd_sklearn.data import stratified_folds
from gdpd_sklearn.estimators import _scalars
from gdpd_sklearn.networks import FCN, Architecture
from gdpd_sklearn.triggers import FallingThreshold, apply_temperature, fit_temperature

THREE_FOLDS = {**EARLY, "n_folds": 3}


def folds_of(y):
    """The fold of each case, of three."""
    return stratified_folds(y, 3, stream_seed(root_seed(EARLY["random_state"]), "folds"))


class Recording(FallingThreshold):
    """Note what a rule is given to learn from."""

    given = []  # noqa: RUF012  of the class: the rule that is fitted is a clone

    def _fit(self, held_out):
        self.given.append((held_out.probabilities, held_out.y))
        super()._fit(held_out)


@pytest.fixture
def given():
    Recording.given.clear()
    return Recording.given


SEEN = {}
"""Number of a network to the first values of the series that it was trained on."""


class Listener(nn.Module):
    """Remember the series of the training, known by their first value; say which are known."""

    def __init__(self):
        super().__init__()
        self.number = len(SEEN)  # copies have the same
        SEEN[self.number] = set()

    def forward(self, x):
        first = x[:, 0, 0].tolist()
        if self.training:
            SEEN[self.number].update(map(rounded, first))
        known = [float(rounded(value) in SEEN[self.number]) for value in first]
        return torch.tensor(known, dtype=x.dtype)[:, None, None].expand(-1, 1, x.shape[2])


def rounded(value):
    """Equal for a number in single and in double precision."""
    return f"{value:.4f}"


class Listening(Architecture):
    """A recipe for a :class:`Listener`, of students and teachers alike."""

    causal = True
    stackable = False

    def build_backbone(self, n_channels, n_timepoints):
        return Listener(), 1


def numbers_of(model):
    return {m.number for m in model.networks.modules() if isinstance(m, Listener)}


@pytest.mark.parametrize(("n_folds", "shared"), [(2, True), (2, False), (5, True), (24, False)])
def test_neither_the_model_that_answers_nor_its_teacher_has_seen_the_case(
    series, given, n_folds, shared
):
    X, y = series
    SEEN.clear()
    names = [rounded(value) for value in X[:, 0, 0]]
    assert len(set(names)) == 24
    setting = {
        **EARLY, "n_epochs": 1, "n_folds": n_folds, "shared": shared, "scaling": "none",
        "distiller": "kd", "student": Listening(), "teacher": Listening(),
    }  # fmt: skip
    clf = GDPDEarlyClassifier(**setting, trigger=Recording()).fit(X, y)
    ((probabilities, codes),) = given
    np.testing.assert_array_equal(codes, y)
    students = [numbers_of(model) for model in clf.models_]
    assert len(students) == n_folds
    # a stranger: what a model says of a series that it does not know
    unknown = [model.predict_proba_all(X[:1] + 9.0)[:, 0] for model in clf.models_]
    for i, name in enumerate(names):
        (own,) = [k for k, those in enumerate(students) if not any(name in SEEN[n] for n in those)]
        expected = apply_temperature(unknown[own], clf.engine_.temperature)
        np.testing.assert_array_equal(probabilities[:, i], expected)
        # another model knows the case, and it would show
        known = clf.models_[own - 1].predict_proba_all(X[i : i + 1])[:, 0]
        assert (known != unknown[own - 1]).all()
    teachers = [SEEN[n] for n in SEEN if not any(n in those for those in students)]
    assert sorted(map(sorted, teachers)) == sorted(sorted(SEEN[min(each)]) for each in students)


def test_a_refit_on_all_cases_tells_the_rule_nothing(series, given):
    for refit in (False, True):
        GDPDEarlyClassifier(**EARLY, refit=refit, trigger=Recording()).fit(*series)
    assert_same(*given)


def test_the_label_of_a_held_out_case_changes_nothing_in_its_own_fold(series):
    X, y = series
    folds = folds_of(y)
    # neighbours of one fold and two classes: where they swap labels the folds stay as they are
    (pairs,) = np.nonzero((folds[1:] == folds[:-1]) & (y[1:] != y[:-1]))
    assert len(pairs) > 1
    clean = GDPDEarlyClassifier(**THREE_FOLDS).fit(X, y)
    for i in pairs[:2]:
        altered = y.copy()
        altered[[i, i + 1]] = y[[i + 1, i]]
        np.testing.assert_array_equal(folds_of(altered), folds)
        fouled = GDPDEarlyClassifier(**THREE_FOLDS).fit(X, altered)
        changed = (fouled.held_out_probabilities_ != clean.held_out_probabilities_).any(axis=(0, 2))
        np.testing.assert_array_equal(changed, folds != folds[i])


def test_held_out_attributes_are_what_the_rule_was_given(series, given):
    clf = GDPDEarlyClassifier(**EARLY, trigger=Recording()).fit(*series)
    ((probabilities, codes),) = given
    np.testing.assert_array_equal(codes, clf.held_out_codes_)
    temperature = fit_temperature(clf.held_out_probabilities_, clf.held_out_codes_)
    assert clf.engine_.temperature == temperature
    np.testing.assert_array_equal(
        probabilities, apply_temperature(clf.held_out_probabilities_, temperature)
    )


def test_a_lone_case_of_its_class_is_not_held_out(series):
    X, y = series
    y = np.where(np.arange(24) == 5, 2, y)
    clf = GDPDEarlyClassifier(**EARLY).fit(X, y)
    assert clf.held_out_probabilities_.shape == (4, 23, 3)
    assert 2 not in clf.held_out_codes_
    assert clf.predict_early(X).probabilities.shape == (24, 3)
    quick = {**EARLY, "n_epochs": 1, "distiller": "none"}
    most = GDPDEarlyClassifier(**{**quick, "n_folds": 23}).fit(X, y)
    assert len(most.models_) == 23
    with pytest.raises(ValueError, match=r"n_folds=24 must be at most the 23 cases"):
        GDPDEarlyClassifier(**{**quick, "n_folds": 24}).fit(X, y)


@pytest.mark.parametrize("validation_fraction", [0.0, 0.25])
def test_teachers_are_scored_on_the_fold_that_they_never_saw(series, tmp_path, validation_fraction):
    X, y = series
    setting = {**THREE_FOLDS, "validation_fraction": validation_fraction, "memory": str(tmp_path)}
    clf = GDPDEarlyClassifier(**setting, distiller="kd", refit=True).fit(X, y)
    files = sorted(tmp_path.rglob("output.pkl"), key=lambda file: file.stat().st_mtime_ns)
    teachers = [pickle.loads(joblib.load(file).result) for file in files]
    assert len(teachers) == 4  # that of the refit has no case left to be scored on
    folds = folds_of(y)
    right = [
        np.mean(t.model.predict_proba(X).argmax(1) == y, where=folds == k)
        for k, t in enumerate(teachers[:3])
    ]
    assert clf.teacher_scores_ == pytest.approx(right)
    assert GDPDEarlyClassifier(**setting, distiller="none").fit(X, y).teacher_scores_ == [None] * 3


def test_memory_keeps_the_teacher_of_each_fold(series, tmp_path):
    X, y = series
    results = [
        GDPDEarlyClassifier(**EARLY, memory=memory, distiller="kd").fit(X, y).predict_early(X)
        for memory in (None, str(tmp_path), str(tmp_path))
    ]
    assert len(list(tmp_path.rglob("output.pkl"))) == 2
    assert_same(results[0], results[1])
    assert_same(results[0], results[2])


@pytest.mark.parametrize("distiller", ["gdpd", "kd"])
@pytest.mark.parametrize("student", [FCN((40,), (3,)), FCN((8,), (3,))], ids=["looped", "stacked"])
def test_the_student_of_a_point_is_the_partial_classifier_of_its_prefix(
    series, monkeypatch, student, distiller
):
    """On the cases of a fold and with its seed: bit by bit looped, up to rounding stacked."""
    X, y = series
    setting = {
        **THREE_FOLDS, "shared": False, "student": student, "distiller": distiller,
        "classification_points": 2,
    }  # fmt: skip
    early = GDPDEarlyClassifier(**setting).fit(X, y)
    seed = root_seed(EARLY["random_state"])
    monkeypatch.setattr(_scalars, "root_seed", lambda state: stream_seed(seed, "fold 1"))
    own = folds_of(y) != 1
    parameters = GDPDClassifier().get_params()
    common = {name: value for name, value in setting.items() if name in parameters}
    for point, length in enumerate(early.classification_points_):
        partial = GDPDClassifier(prefix_length=length, **common).fit(X[own], y[own])
        ours = early.models_[1].networks[point].state_dict()
        theirs = partial.model_.networks[0].state_dict()
        tolerance = (
            {"rtol": 0, "atol": 0} if student.widths == (40,) else {"atol": 1e-4, "rtol": 1e-3}
        )
        for name, tensor in theirs.items():
            torch.testing.assert_close(ours[name].to(tensor.dtype), tensor, **tolerance)
