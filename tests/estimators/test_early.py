"""GDPDEarlyClassifier: one answer, however the series arrive; a rule that learns from held-out
cases alone.
"""

import copy
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from aeon.testing.estimator_checking import parametrize_with_checks
from aeon.testing.testing_config import EXCLUDED_TESTS
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from synthetic import EARLY, TINY, make_series
from torch import nn

import gdpd_sklearn.estimators._early as early_module
import gdpd_sklearn.training._crossfit as crossfit_module
import gdpd_sklearn.training._fit as fit_module
from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn._seeding import root_seed, stream_seed
from gdpd_sklearn.distillers import GDPD
from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.networks import FCN, LSTM, CausalFCN
from gdpd_sklearn.training import FitResult
from gdpd_sklearn.training._crossfit import stratified_folds
from gdpd_sklearn.triggers import (
    TRIGGERS,
    Calimera,
    CallableTrigger,
    EconomyGamma,
    FallingThreshold,
    Margin,
    ProbabilityThreshold,
    StoppingRule,
    Teaser,
    Trigger,
    apply_temperature,
    fit_temperature,
    pool_votes,
)


@parametrize_with_checks([GDPDEarlyClassifier])
def test_aeon_checks(check):
    check()


def test_no_aeon_check_is_excluded():
    assert "GDPDEarlyClassifier" not in EXCLUDED_TESTS


def whimsical(seen, fractions):
    """Stop by distant digits of the probabilities, and of the first ones too: what differs by a
    rounding anywhere decides otherwise, and decisions fall at all points.
    """
    return (1e9 * (seen[-1, :, 0] + seen[0, :, 0])) % 1 < 0.3


def never(seen, fractions):
    return np.zeros(seen.shape[1], dtype=bool)


def at_once(seen, fractions):
    return np.ones(seen.shape[1], dtype=bool)


KINDS = {
    "shared causal_fcn": {"student": "causal_fcn"},
    "shared lstm": {"student": "lstm1-8"},
    "separate fcn": {"student": "fcn", "shared": False},
    "separate lstm": {"student": "lstm1-8", "shared": False},
}


@pytest.fixture(
    scope="module",
    params=[(kind, n_channels) for kind in KINDS for n_channels in (1, 3)],
    ids=lambda param: f"{param[0]}, {param[1]} channels",
)
def case(request):
    """A fitted classifier of each kind, and series to decide."""
    kind, n_channels = request.param
    X, y = make_series(n_channels=n_channels)
    clf = GDPDEarlyClassifier(**{**EARLY, **KINDS[kind]}, trigger=whimsical).fit(X, y)
    return clf, *make_series(30, n_channels, seed=1)


@pytest.fixture(scope="module")
def clf():
    return GDPDEarlyClassifier(**EARLY, trigger=whimsical).fit(*make_series())


@pytest.fixture(scope="module")
def undecided():
    """A classifier that waits as long as it may."""
    return GDPDEarlyClassifier(**EARLY, trigger=never).fit(*make_series())


def late_series(n_cases=40, seed=0):
    """Levels in much noise, alike at first: the longer one looks, the surer one can be."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n_cases) % 2)
    level = np.where(np.arange(20) < 5, 0.0, 0.5)
    return (2 * y[:, None, None] - 1) * level + rng.normal(size=(n_cases, 1, 20)), y


@pytest.fixture(scope="module")
def trained():
    """A classifier that has learned something, on series that are worth waiting for."""
    setting = {**EARLY, "n_epochs": 20, "learning_rate": 0.03, "classification_points": 5}
    return GDPDEarlyClassifier(**setting).fit(*late_series())


# one answer, however the series arrive ------------------------------------------------------------


def decide_by_hand(clf, X):
    """Decide each case alone, point by point, as the definition has it."""
    for series in X:
        seen = []
        for point, m in enumerate(clf.classification_points_):
            votes = [model.predict_proba(series[None, :, :m], point) for model in clf.models_]
            seen.append(apply_temperature(pool_votes(votes), clf.temperature_))
            if clf.trigger_.should_stop(np.stack(seen))[0]:
                yield clf.classes_[seen[-1][0].argmax()], seen[-1][0], m
                break


def assert_same(prediction, expected):
    for one, other in zip(prediction, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_decisions_are_those_of_the_definition(case):
    clf, X, _ = case
    assert clf.classification_points_ == (5, 10, 15, 20)
    by_hand = map(np.array, zip(*decide_by_hand(clf, X), strict=True))
    prediction = clf.predict_early(X)
    assert_same(prediction, by_hand)
    assert set(prediction.stop_times) == {5, 10, 15, 20}  # else these tests show little
    np.testing.assert_allclose(prediction.probabilities.sum(1), 1.0)


@pytest.mark.parametrize("length", [3, 5, 9, 10, 14, 15, 19, 20])
def test_a_prefix_tells_what_can_be_known_by_then(case, length):
    clf, X, _ = case
    whole = clf.predict_early(X)
    labels, decisions = clf.predict(X[:, :, :length])
    np.testing.assert_array_equal(decisions, whole.stop_times <= length)
    np.testing.assert_array_equal(labels[decisions], whole.labels[decisions])
    assert (labels[~decisions] == -1).all()
    probabilities, decisions_too = clf.predict_proba(X[:, :, :length])
    np.testing.assert_array_equal(decisions_too, decisions)
    np.testing.assert_array_equal(probabilities[decisions], whole.probabilities[decisions])
    assert (probabilities[~decisions] == -1).all()


def test_prefixes_of_unequal_lengths_are_each_case_alone(case):
    clf, X, _ = case
    lengths = np.random.default_rng(0).integers(1, 21, size=len(X))
    prefixes = [series[:, :n] for series, n in zip(X, lengths, strict=True)]
    together = clf.predict_proba(prefixes)
    labels = clf.predict(prefixes)[0]
    for i, prefix in enumerate(prefixes):
        assert_same(clf.predict_proba(prefix[None]), [each[i : i + 1] for each in together])
        assert clf.predict(prefix[None])[0] == labels[i]
    assert 0 < together[1].sum() < len(X)


def test_univariate_series_may_be_flat():
    X, y = make_series()
    flat = GDPDEarlyClassifier(**EARLY, trigger=whimsical).fit(X[:, 0], y)
    deep = GDPDEarlyClassifier(**EARLY, trigger=whimsical).fit(X, y)
    assert_same(flat.predict_early(X[:, 0]), deep.predict_early(X))
    assert_same(flat.predict(X[:, 0, :12]), deep.predict(X[:, :, :12]))
    unequal = [X[0, 0, :7], X[1, 0, :16]]
    assert_same(flat.predict(unequal), deep.predict([X[0, :, :7], X[1, :, :16]]))


SCHEDULES = [(5, 10, 15, 20), range(1, 21), (3, 4, 11, 11, 12, 20), (20,), (14, 20)]


@pytest.mark.parametrize("lengths", SCHEDULES, ids=str)
def test_updates_come_to_the_same_as_one_look(case, lengths):
    clf, X, _ = case
    whole = clf.predict_early(X)
    for proba in (False, True):
        clf.reset_state_info()
        update = clf.update_predict_proba if proba else clf.update_predict
        indices, seen = np.arange(len(X)), 0
        for length in lengths:
            answer, decisions = update(X[indices][:, :, :length])
            due = (whole.stop_times[indices] <= length) & (whole.stop_times[indices] > seen)
            np.testing.assert_array_equal(decisions, due)
            expected = whole.probabilities if proba else whole.labels
            np.testing.assert_array_equal(answer[decisions], expected[indices[decisions]])
            assert (answer[~decisions] == -1).all()
            indices, seen = indices[~decisions], length
            if len(indices) == 0:
                break
        assert len(indices) == 0


def test_updates_of_unequal_lengths(case):
    clf, X, _ = case
    whole = clf.predict_early(X)
    rng = np.random.default_rng(0)
    lengths = np.zeros(len(X), dtype=int)
    indices = np.arange(len(X))
    clf.reset_state_info()
    while len(indices):
        lengths[indices] = np.minimum(20, lengths[indices] + rng.integers(0, 8, len(indices)))
        probabilities, decisions = clf.update_predict_proba(
            [X[i][:, : lengths[i]] for i in indices]
        )
        fallen = indices[decisions]
        np.testing.assert_array_equal(probabilities[decisions], whole.probabilities[fallen])
        info = clf.get_state_info()
        np.testing.assert_array_equal(info[decisions, 3], whole.stop_times[fallen])
        indices = indices[~decisions]
        assert (whole.stop_times[indices] > lengths[indices]).all()


def test_the_loop_of_aeons_notebook_gives_the_score(case):
    clf, X, y = case
    clf.reset_state_info()
    remaining, indices = X, np.arange(len(X))
    final = np.empty((len(X), 4), dtype=int)
    for length in clf.classification_points_:
        _, decisions = clf.update_predict_proba(remaining[:, :, :length])
        info = clf.get_state_info()
        remaining, indices, finished = clf.split_indices_and_filter(remaining, indices, decisions)
        final[finished] = info[decisions]
        if len(indices) == 0:
            break
    score = clf.score(X, y)
    assert clf.compute_harmonic_mean(final, y) == tuple(score)
    whole = clf.predict_early(X)
    assert score.accuracy == pytest.approx(np.mean(whole.labels == y))
    assert score.earliness == pytest.approx(np.mean(whole.stop_times) / 20)
    saved = 1 - score.earliness
    assert score == pytest.approx(2 * score.accuracy * saved / (score.accuracy + saved))


@pytest.mark.parametrize("kind", KINDS)
def test_a_decision_is_forced_at_full_length(kind):
    X, y = make_series()
    clf = GDPDEarlyClassifier(**{**EARLY, **KINDS[kind]}, trigger=never).fit(X, y)
    assert not clf.predict(X[:, :, :19])[1].any()
    labels, decisions = clf.update_predict(X)
    assert decisions.all()
    assert set(labels) <= {0, 1}
    np.testing.assert_array_equal(clf.predict_early(X).stop_times, 20)
    assert clf.score(X, y) == 0.0  # nothing was saved


def test_one_that_never_waits_decides_at_the_first_point(series):
    clf = GDPDEarlyClassifier(**EARLY, trigger=at_once).fit(*series)
    assert (clf.predict_early(series[0]).stop_times == 5).all()
    assert not clf.predict(series[0][:, :, :4])[1].any()


def test_what_comes_after_the_decision_is_not_looked_at(case):
    clf, X, _ = case
    whole = clf.predict_early(X)
    altered = X.copy()
    for series, stop in zip(altered, whole.stop_times, strict=True):
        series[:, stop:] = 1e6
    assert_same(clf.predict_early(altered), whole)


def test_order_and_company_do_not_matter(case):
    clf, X, _ = case
    order = np.random.default_rng(0).permutation(len(X))[:17]
    whole = clf.predict_early(X)
    assert_same(clf.predict_early(X[order]), [each[order] for each in whole])


# classification points ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "points"),
    [
        (4, (5, 10, 15, 20)),
        (np.int64(3), (7, 13, 20)),
        (1, (20,)),
        (50, tuple(range(1, 21))),
        ((0.25, 0.5), (5, 10, 20)),
        ((12, 3), (3, 12, 20)),
        ((0.5, 10, 20, 1.0), (10, 20)),
        ((1,), (1, 20)),
        ((0.001,), (1, 20)),
        ([5, np.float64(0.5)], (5, 10, 20)),
        ((), (20,)),
    ],
)
def test_classification_points(series, given, points):
    X, y = series
    clf = GDPDEarlyClassifier(**{**EARLY, "classification_points": given}).fit(X, y)
    assert clf.classification_points_ == points
    assert clf.held_out_probabilities_.shape == (len(points), 24, 2)
    assert set(clf.predict_early(X).stop_times) <= set(points)


# the rule learns from held-out cases alone --------------------------------------------------------


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


class Memoriser:
    """A model that is sure of the cases it was trained on, and of no others."""

    def __init__(self, X, n_points):
        self.known = {series.tobytes() for series in X}
        self.n_points = n_points
        self.networks = nn.ModuleList()

    def predict_proba_all(self, X, n_points=None):
        sure = [series.tobytes() in self.known for series in X]
        rows = np.where(np.array(sure)[:, None], [1.0, 0.0], [0.5, 0.5])
        return np.stack([rows] * (n_points or self.n_points))


@pytest.mark.parametrize("refit", [False, True])
@pytest.mark.parametrize("n_folds", [2, 5, 24])
def test_who_has_seen_a_case_never_speaks_of_it_to_the_rule(
    series, monkeypatch, given, n_folds, refit
):
    X, y = series

    def memorise(X, y, classes, lengths, settings, root):
        return FitResult(Memoriser(X, len(lengths)), pd.DataFrame(), None, np.arange(0))

    monkeypatch.setattr(crossfit_module, "fit_students", memorise)
    monkeypatch.setattr(early_module, "fit_students", memorise)
    setting = {**EARLY, "n_folds": n_folds, "refit": refit}
    clf = GDPDEarlyClassifier(**setting, trigger=Recording()).fit(X, y)
    ((probabilities, codes),) = given
    np.testing.assert_array_equal(probabilities, np.full((4, 24, 2), 0.5))
    np.testing.assert_array_equal(codes, y)
    # it would show: all but one of the voting models, and the refitted one, are sure
    votes = np.mean([model.predict_proba_all(X) for model in clf.models_], axis=0)
    assert (votes[:, :, 0] > 0.7).all()


def numbers_of(X, part):
    """Which cases of X the series of ``part`` are."""
    return {int(np.flatnonzero((series == X).all(axis=(1, 2)))[0]) for series in part}


@pytest.mark.parametrize("refit", [False, True])
@pytest.mark.parametrize("kind", ["shared lstm", "separate fcn"])
def test_neither_the_model_that_answers_nor_its_teacher_has_seen_the_case(
    series, monkeypatch, given, kind, refit
):
    X, y = series
    students, teachers = [], []

    def spied_students(X_part, *args, **kwargs):
        result = fit_students(X_part, *args, **kwargs)
        students.append((numbers_of(X, X_part), result.model))
        return result

    def spied_teacher(X_part, y_part, X_validation, *args, **kwargs):
        teachers.append(numbers_of(X, X_part) | numbers_of(X, X_validation))
        return fit_teacher(X_part, y_part, X_validation, *args, **kwargs)

    fit_students, fit_teacher = crossfit_module.fit_students, fit_module.fit_teacher
    monkeypatch.setattr(crossfit_module, "fit_students", spied_students)
    monkeypatch.setattr(fit_module, "fit_teacher", spied_teacher)
    setting = {**EARLY, **KINDS[kind], "n_folds": 3, "refit": refit}
    clf = GDPDEarlyClassifier(**setting, trigger=Recording()).fit(X, y)
    assert len(students) == 3
    assert len(teachers) == 3 + refit
    ((probabilities, _),) = given
    for i in range(24):
        answers = [
            apply_temperature(model.predict_proba_all(X[i : i + 1]), clf.temperature_)[:, 0]
            for _, model in students
        ]
        (own,) = [k for k, each in enumerate(answers) if np.array_equal(each, probabilities[:, i])]
        assert i not in students[own][0]
        assert i not in teachers[own]
        assert all(i in seen for k, (seen, _) in enumerate(students) if k != own)


def test_the_label_of_a_held_out_case_changes_nothing_in_its_own_fold(series, monkeypatch, given):
    X, y = series
    folds = stratified_folds(y, 3, stream_seed(root_seed(0), "folds"))
    # else the folds, which are dealt class by class, would change with the label
    monkeypatch.setattr(crossfit_module, "stratified_folds", lambda *args: folds)
    setting = {**EARLY, "n_folds": 3}
    clean = GDPDEarlyClassifier(**setting, trigger=Recording()).fit(X, y)
    for i in (0, 7):
        altered = y.copy()
        altered[i] = 1 - y[i]
        fouled = GDPDEarlyClassifier(**setting, trigger=Recording()).fit(X, altered)
        changed = (fouled.held_out_probabilities_ != clean.held_out_probabilities_).any(axis=(0, 2))
        np.testing.assert_array_equal(changed, folds != folds[i])


def test_held_out_attributes_are_what_the_rule_was_given(series, given):
    clf = GDPDEarlyClassifier(**EARLY, trigger=Recording()).fit(*series)
    ((probabilities, codes),) = given
    np.testing.assert_array_equal(codes, clf.held_out_codes_)
    temperature = fit_temperature(clf.held_out_probabilities_, clf.held_out_codes_)
    assert clf.temperature_ == temperature
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
    GDPDEarlyClassifier(**{**EARLY, "n_folds": 23}).fit(X, y)
    with pytest.raises(ValueError, match=r"n_folds=24 must be at most the 23 cases"):
        GDPDEarlyClassifier(**{**EARLY, "n_folds": 24}).fit(X, y)


def test_a_fitted_teacher_is_refused_for_it_may_know_the_held_out_cases(series):
    teacher = GDPDClassifier(**TINY, keep_teacher=True).fit(*series).teacher_
    with pytest.raises(ValueError, match=r"teacher is fitted already.*pass a name or an arch"):
        GDPDEarlyClassifier(**{**EARLY, "teacher": teacher}).fit(*series)


# rules and costs ----------------------------------------------------------------------------------


COSTLY = DecisionCost(misclassification=((0.0, 2.0), (7.0, 0.0)), delay=3.0)


@pytest.fixture
def no_training(monkeypatch):
    def forbidden(*args, **kwargs):
        raise AssertionError("a student or teacher was trained")

    def forbid():
        monkeypatch.setattr(crossfit_module, "fit_students", forbidden)
        monkeypatch.setattr(early_module, "fit_students", forbidden)
        monkeypatch.setattr(fit_module, "train_students", forbidden)
        monkeypatch.setattr(fit_module, "fit_teacher", forbidden)

    return forbid


@pytest.mark.parametrize("objective", ["harmonic_mean", COSTLY], ids=["harmonic_mean", "cost"])
@pytest.mark.parametrize("name", TRIGGERS)
def test_another_rule_trains_nothing_and_equals_a_fresh_fit(series, no_training, name, objective):
    X, y = series
    fresh = GDPDEarlyClassifier(**EARLY, trigger=name, objective=objective).fit(X, y)
    clf = GDPDEarlyClassifier(**EARLY, trigger="margin").fit(X, y)
    models = list(clf.models_)
    no_training()
    assert clf.fit_trigger(name, objective) is clf
    assert all(one is other for one, other in zip(clf.models_, models, strict=True))
    assert isinstance(clf.trigger_, TRIGGERS[name])
    assert_same(clf.predict_early(X), fresh.predict_early(X))
    assert (clf.trigger, clf.objective) == (name, objective)
    with pytest.raises(AssertionError, match="trained"):
        clone(clf).fit(X, y)  # the spy works


def test_refitting_keeps_what_is_not_named_and_uses_new_parameters(series):
    X, y = series
    clf = GDPDEarlyClassifier(**EARLY, trigger="margin", objective=COSTLY).fit(X, y)
    assert clf.fit_trigger("teaser").objective is COSTLY
    assert clf.fit_trigger(objective="harmonic_mean").trigger == "teaser"
    clf.set_params(trigger=ProbabilityThreshold(threshold=0.0, consecutive=1))
    assert isinstance(clf.trigger_, Teaser)  # parameters count from the next fit on
    clf.fit_trigger()
    assert (clf.predict_early(X).stop_times == 5).all()


def test_a_refused_rule_leaves_the_old_one(series):
    X, y = series
    clf = GDPDEarlyClassifier(**EARLY).fit(X, y)
    before = clf.predict_early(X)
    for trigger, objective in [("tease", None), (None, "cheap"), (Teaser(nu=7.0), None)]:
        with pytest.raises(ValueError, match=r"must|unknown"):
            clf.fit_trigger(trigger, objective)
    assert (clf.trigger, clf.objective) == ("falling_threshold", "harmonic_mean")
    assert_same(clf.predict_early(X), before)


def test_refitting_the_rule_ends_the_session(undecided, series):
    undecided.predict(series[0][:, :, :12])
    assert undecided.get_state_info() is not None
    undecided.fit_trigger()
    assert undecided.get_state_info() is None


@pytest.mark.parametrize("name", TRIGGERS)
def test_every_rule_by_name_object_and_function(series, name):
    X, y = series
    rule = TRIGGERS[name]()
    by_name = GDPDEarlyClassifier(**EARLY, trigger=name).fit(X, y)
    by_object = GDPDEarlyClassifier(**EARLY, trigger=rule).fit(X, y)
    by_function = GDPDEarlyClassifier(
        **EARLY, trigger=lambda seen, fractions: by_name.trigger_.should_stop(seen)
    ).fit(X, y)
    expected = by_name.predict_early(X)
    assert_same(by_object.predict_early(X), expected)
    assert_same(by_function.predict_early(X), expected)
    assert by_object.trigger is rule
    assert not hasattr(rule, "fractions_")  # the object given is a recipe, never fitted


@pytest.mark.parametrize("name", TRIGGERS)
def test_dearer_delay_decides_earlier(trained, name):
    X, _ = late_series(60, seed=1)
    clf = copy.deepcopy(trained)
    times = []
    for delay in (0.0, 0.3, 100.0):
        clf.fit_trigger(name, DecisionCost(delay=delay))
        times.append(clf.predict_early(X).stop_times.mean())
    assert times[0] > times[1] > times[2]
    assert times[0] > 12
    assert times[2] < 6


def test_dearer_errors_decide_later_and_better(trained):
    X, y = late_series(60, seed=1)
    clf = copy.deepcopy(trained)
    found = []
    for cost in (0.0, 1.0, 100.0):
        clf.fit_trigger(objective=DecisionCost(misclassification=((0, cost), (cost, 0))))
        found.append(clf.score(X, y))
    assert found[0].earliness < found[1].earliness < found[2].earliness
    assert found[0].accuracy < found[1].accuracy < found[2].accuracy


@pytest.mark.parametrize("kind", ["shared causal_fcn", "separate fcn"])
@pytest.mark.parametrize("n_channels", [1, 3])
def test_learns_what_can_be_learned(kind, n_channels):
    setting = {**EARLY, **KINDS[kind], "n_epochs": 20}
    clf = GDPDEarlyClassifier(**setting).fit(*make_series(40, n_channels))
    score = clf.score(*make_series(40, n_channels, seed=1))
    assert score.accuracy > 0.9
    assert score > 0.8


# labels -------------------------------------------------------------------------------------------


# one that learns fast: both classes are decided
CLEVER = {**EARLY, "student": "causal_fcn"}

LABELS = [
    np.array([-1, 1]), np.array(["-1", "1"]), np.array(["no", "yes"]), np.array(["a", "b"]),
    np.array([7, 3]), np.array([-1.0, 2.0]), np.array([2, -1], dtype=np.int8),
]  # fmt: skip


@pytest.mark.parametrize("labels", LABELS, ids=lambda labels: f"{labels.tolist()} {labels.dtype}")
def test_labels_come_back_in_one_type(series, labels):
    X, codes = series
    y = labels[codes]
    clf = GDPDEarlyClassifier(**CLEVER, trigger=whimsical).fit(X, y)
    np.testing.assert_array_equal(clf.classes_, np.unique(labels))
    whole = clf.predict_early(X)
    plain = np.searchsorted(clf.classes_, y)
    reference = GDPDEarlyClassifier(**CLEVER, trigger=whimsical).fit(X, plain)
    expected = reference.predict_early(X)
    assert_same(whole, (clf.classes_[expected.labels], *expected[1:]))
    assert tuple(clf.score(X, y)) == tuple(reference.score(X, plain))
    kinds = set()
    for length in (3, 5, 12, 20):  # none, some and all decided
        predicted, decisions = clf.predict(X[:, :, :length])
        kinds.add(predicted.dtype)
        np.testing.assert_array_equal(decisions, whole.stop_times <= length)
        np.testing.assert_array_equal(predicted[decisions], whole.labels[decisions])
        placeholder = np.array(-1).astype(predicted.dtype)
        assert (predicted[~decisions] == placeholder).all()
    assert kinds == {whole.labels.dtype}
    assert whole.labels.dtype.kind == labels.dtype.kind


def test_a_label_of_minus_one_is_a_decision_like_any_other(series):
    X, codes = series
    for labels in (np.array([-1, 1]), np.array(["-1", "1"])):
        clf = GDPDEarlyClassifier(**CLEVER, trigger=whimsical).fit(X, labels[codes])
        whole = clf.predict_early(X)
        indices = np.arange(24)
        collisions = 0
        for length in (5, 10, 15, 20):
            predicted, decisions = clf.update_predict(X[indices][:, :, :length])
            np.testing.assert_array_equal(predicted[decisions], whole.labels[indices[decisions]])
            collisions += (predicted[decisions] == labels[0]).any() and not decisions.all()
            indices = indices[~decisions]
            if len(indices) == 0:
                break
        assert len(indices) == 0
        assert collisions > 0  # both meanings of -1 in one answer, else this shows little


def test_pandas_labels(series):
    X, codes = series
    names = np.array(["a", "b"])[codes]
    clf = GDPDEarlyClassifier(**EARLY).fit(X, pd.Series(names))
    expected = GDPDEarlyClassifier(**EARLY).fit(X, names)
    assert_same(clf.predict_early(X), expected.predict_early(X))
    assert clf.score(X, pd.Series(names)) == expected.score(X, names)
    assert clf.score(X, list(names)) == expected.score(X, names)


def test_labels_unknown_to_fit_count_as_errors(clf):
    X, y = make_series(seed=1)
    right = clf.predict_early(X).labels == y
    for other in (-5, 9):
        assert clf.score(X, np.where(np.arange(24) < 12, other, y)).accuracy == np.mean(
            right & (np.arange(24) >= 12)
        )


# state --------------------------------------------------------------------------------------------


def test_state_info_tells_of_the_last_prediction(clf):
    X, _ = make_series(seed=1)
    whole = clf.predict_early(X)
    clf.reset_state_info()
    assert clf.get_state_info() is None
    assert clf.state_info is None
    for length, n_points in ((3, 0), (12, 2), (20, 4)):
        _, decisions = clf.predict(X[:, :, :length])
        info = clf.get_state_info()
        assert info.shape == (24, 4)
        assert np.issubdtype(info.dtype, np.integer)
        last = np.minimum(whole.stop_times // 5, n_points)
        np.testing.assert_array_equal(info[:, 0], last - 1)
        np.testing.assert_array_equal(info[:, 1], decisions)
        np.testing.assert_array_equal(info[decisions, 2], whole.labels[decisions])
        assert set(info[:, 2]) <= ({0, 1} if n_points else {-1})
        np.testing.assert_array_equal(info[:, 3], 5 * last)


def test_rows_of_decided_cases_leave_with_the_next_update(clf):
    X, _ = make_series(seed=1)
    _, decisions = clf.predict(X[:, :, :5])
    assert 0 < decisions.sum() < 24
    clf.update_predict(X[~decisions][:, :, :10])
    assert clf.get_state_info().shape == ((~decisions).sum(), 4)


def test_plain_arrays_and_scores_leave_the_session_alone(clf):
    X, y = make_series(seed=1)
    clf.predict(X[:, :, :10])
    before = clf.get_state_info()
    clf.predict_early(X[:3])
    clf.score(X[:5], y[:5])
    clf.as_classifier().predict(X[:2])
    clf.stream().push("a", X[0])
    np.testing.assert_array_equal(clf.get_state_info(), before)


def test_an_answer_is_the_callers_own(clf):
    X, _ = make_series(seed=1)
    probabilities, decisions = clf.predict_proba(X[:, :, :10])
    before = clf.get_state_info()
    probabilities[:], decisions[:] = 0.0, True
    clf.get_state_info()[:] = 9
    np.testing.assert_array_equal(clf.get_state_info(), before)


def test_a_copy_begins_without_a_session(clf):
    X, _ = make_series(seed=1)
    clf.predict(X[:, :, :10])
    for twin in (copy.deepcopy(clf), pickle.loads(pickle.dumps(clf)), clone(clf)):
        assert twin.get_state_info() is None
    assert clf.get_state_info() is not None


def test_state_info_can_only_be_reset(clf):
    with pytest.raises(ValueError, match=r"state_info=3 can only be set to None"):
        clf.state_info = 3


# bad input ----------------------------------------------------------------------------------------


def spoiled(value):
    X, _ = make_series()
    X[0, 0, 0] = value
    return X


X24, Y24 = make_series()

BAD_DATA = {
    "no cases": (X24[:0], Y24[:0], r"empty"),
    "no points": (X24[:, :, :0], Y24, r"empty"),
    "one class": (X24, np.zeros(24, int), r"at least 2 unique labels"),
    "one case per class": (X24[:2], np.array([0, 1]), r"one case per class"),
    "NaN": (spoiled(np.nan), Y24, r"missing values"),
    "infinite": (spoiled(np.inf), Y24, r"X contains NaN or infinite"),
    "four dimensions": (X24[..., None], Y24, r"[Dd]imension|ERROR|shape|3D"),
    "unequal lengths": ([x[:, : 15 + i % 2] for i, x in enumerate(X24)], Y24, r"unequal length"),
    "labels of another length": (X24, Y24[:-1], r"24.*23"),
    "continuous labels": (X24, np.linspace(0, 1, 24), r"continuous"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", BAD_DATA)
def test_bad_data_is_refused(name):
    X, y, message = BAD_DATA[name]
    with pytest.raises((ValueError, TypeError), match=message):
        GDPDEarlyClassifier(**EARLY).fit(X, y)


POINTS = r"must be an integer of at least 1, or a tuple of shares in \(0, 1\] and numbers"
EACH_POINT = r"must be a float in \(0, 1\] \(share of the series\) or an int in \[1, 20\]"

BAD_PARAMETERS = [
    ({"classification_points": 0}, rf"classification_points=0 {POINTS}"),
    ({"classification_points": -2}, rf"classification_points=-2 {POINTS}"),
    ({"classification_points": 0.5}, rf"classification_points=0.5 {POINTS}"),
    ({"classification_points": True}, rf"classification_points=True {POINTS}"),
    ({"classification_points": "all"}, rf"classification_points='all' {POINTS}"),
    ({"classification_points": None}, rf"classification_points=None {POINTS}"),
    ({"classification_points": (1.5,)}, rf"classification_points=1.5 {EACH_POINT}"),
    ({"classification_points": (0.5, 0)}, rf"classification_points=0 {EACH_POINT}"),
    ({"classification_points": (0.0,)}, rf"classification_points=0.0 {EACH_POINT}"),
    ({"classification_points": (21,)}, rf"classification_points=21 {EACH_POINT}"),
    ({"classification_points": (True,)}, rf"classification_points=True {EACH_POINT}"),
    ({"classification_points": ("half",)}, rf"classification_points='half' {EACH_POINT}"),
    ({"trigger": "tease"}, r"trigger='tease' is unknown \(did you mean 'teaser'\?\); valid names"),
    ({"trigger": 3}, r"trigger=3 must be one of the names.*or an instance of Trigger"),
    ({"trigger": Teaser}, r"trigger=<class .*Teaser'> must be one of the names"),
    ({"trigger": ProbabilityThreshold(threshold=2.0)}, r"threshold=2.0 must be a number in \[0, 1"),
    ({"trigger": ProbabilityThreshold(consecutive=0)}, r"consecutive=0 must be an integer of at"),
    ({"trigger": Margin(tolerance=-1)}, r"tolerance=-1 must be a number in \[0"),
    ({"trigger": FallingThreshold(max_slope=-1.0)}, r"max_slope=-1.0 must be a number in \[0"),
    ({"trigger": StoppingRule("SR3")}, r"rule='SR3' must be one of \['SR1', 'SR2'\]"),
    ({"trigger": Teaser(nu=0.0)}, r"nu=0.0 must be a number in \(0, 1\]"),
    ({"trigger": EconomyGamma(max_groups=1)}, r"max_groups=1 must be an integer of at least 2"),
    ({"trigger": Calimera(gamma=0.0)}, r"gamma=0.0 must be a number in \(0"),
    ({"trigger": CallableTrigger(3)}, r"function=3 must be callable"),
    ({"objective": "cost"}, r"objective='cost' must be 'harmonic_mean' or a DecisionCost"),
    ({"objective": None}, r"objective=None must be 'harmonic_mean' or a DecisionCost"),
    ({"objective": DecisionCost(((0, 1, 1),))}, r"misclassification=.*finite \(2, 2\) matrix"),
    ({"objective": DecisionCost(delay=-1.0)}, r"delay=-1.0 must be a number in \[0"),
    ({"objective": DecisionCost(delay=lambda f: 1.0)}, r"must give finite costs of shape \(4,\)"),
    ({"n_folds": 1}, r"n_folds=1 must be an integer of at least 2"),
    ({"n_folds": True}, r"n_folds=True must be an integer"),
    ({"n_folds": 2.0}, r"n_folds=2.0 must be an integer"),
    ({"n_folds": 25}, r"n_folds=25 must be at most the 24 cases that can be held out"),
    ({"n_jobs": "two"}, r"n_jobs.*two"),
    ({"student": "fcn"}, r"student=FCN\(\) is not causal.*'causal_fcn', 'lstm'.*shared=False"),
    ({"scaling": "prefix"}, r"scaling='prefix' differs from prefix to prefix.*shared=False"),
    ({"student": "lsmt"}, r"student='lsmt' is unknown \(did you mean 'lstm'\?\).*valid names"),
    ({"teacher": "resnet99"}, r"teacher='resnet99' is unknown.*valid names"),
    ({"student": LSTM}, r"student=.*instance of Architecture"),
    ({"distiller": "gdp"}, r"distiller='gdp' is unknown.*valid names"),
    ({"distiller": GDPD(weight=-1)}, r"weight=-1 must be a number in \[0, inf\)"),
    ({"n_epochs": 0}, r"n_epochs=0 must be an integer of at least 1"),
    ({"teacher_n_epochs": 0}, r"teacher_n_epochs=0"),
    ({"batch_size": 1}, r"batch_size=1 must be an integer of at least 2"),
    ({"learning_rate": 0}, r"learning_rate=0"),
    ({"optimizer": "sgd"}, r"optimizer='sgd' must be one of \['adam', 'adamw'\]"),
    ({"schedule": "cosine"}, r"schedule='cosine' must be one of"),
    ({"scaling": "minmax"}, r"scaling='minmax' must be one of"),
    ({"validation_fraction": 1.0}, r"validation_fraction=1.0 must be a number in \[0, 1\)"),
    ({"patience": 5}, r"patience=5 needs a validation part"),
    ({"max_gradient_norm": 0}, r"max_gradient_norm=0"),
    ({"max_input_length": 1}, r"max_input_length=1"),
    ({"class_weight": "heavy"}, r"class_weight='heavy' must be None, 'balanced' or a dict"),
    ({"device": "abacus"}, r"device='abacus'"),
    ({"precision": "float16"}, r"precision='float16' must be one of"),
]


@pytest.mark.parametrize(("parameters", "message"), BAD_PARAMETERS, ids=lambda p: str(p)[:50])
def test_bad_parameters_are_refused_before_anything_is_trained(
    series, no_training, parameters, message
):
    no_training()
    with pytest.raises((ValueError, TypeError), match=message):
        GDPDEarlyClassifier(**{**EARLY, **parameters}).fit(*series)


BAD_SERIES = {
    "no cases": (X24[:0], r"X of shape \(0, 1, 20\) is empty"),
    "no points": (X24[:, :, :0], r"X of shape \(24, 1, 0\) is empty"),
    "an empty list": ([], r"X of shape \(0,\) is empty"),
    "NaN": (spoiled(np.nan), r"missing values"),
    "infinite": (spoiled(np.inf), r"X contains NaN or infinite"),
    "infinite in a list": ([spoiled(np.inf)[0], X24[1, :, :7]], r"X contains NaN or infinite"),
    "NaN in a list": ([spoiled(np.nan)[0], X24[1, :, :7]], r"X contains NaN or infinite"),
    "channels": (make_series(n_channels=2)[0], r"X has 2 channels in case 0.*fitted on 1"),
    "channels in a list": (
        [X24[0, :, :5], np.zeros((2, 7))], r"X has 2 channels in case 1.*fitted on 1"
    ),
    "too long": (
        np.tile(X24, 2), r"X has 40 time points in case 0, more than the full length 20 of fit"
    ),
    "too long in a list": (
        [X24[0], np.zeros((1, 21))], r"X has 21 time points in case 1, more than the full length 20"
    ),
    "cases of three dimensions": (
        [X24[:1, :, :5], X24[:1]], r"shape \(1, 1, 5\) in case 0; a case of a list has \(n_channels"
    ),
    "numbers": ([1.0, 2.0], r"."),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_early", "update_predict"])
@pytest.mark.parametrize("name", BAD_SERIES)
def test_bad_series_are_refused_and_change_nothing(undecided, name, method):
    X, message = BAD_SERIES[name]
    undecided.predict(X24[:, :, :11])
    before = undecided.get_state_info()
    with pytest.raises((ValueError, TypeError), match=message):
        getattr(undecided, method)(X)
    np.testing.assert_array_equal(undecided.get_state_info(), before)


def test_bad_updates_are_refused_and_change_nothing(undecided):
    whole = undecided.predict_early(X24)
    undecided.predict(X24[:, :, :11])
    unequal = [series[:, :12] for series in X24]
    unequal[5] = unequal[5][:, :10]
    for X, message in [
        (X24[:-1], r"X has 23 cases, but 24 cases are waiting for a decision.*reset_state_info"),
        (np.concatenate([X24, X24]), r"X has 48 cases, but 24 cases are waiting"),
        (X24[:, :, :10], r"X has 10 time points in case 0, but 11 were shown before"),
        (unequal, r"X has 10 time points in case 5, but 11 were shown before"),
    ]:
        for update in (undecided.update_predict, undecided.update_predict_proba):
            with pytest.raises(ValueError, match=message):
                update(X)
    probabilities, decisions = undecided.update_predict_proba(X24)
    assert decisions.all()
    np.testing.assert_array_equal(probabilities, whole.probabilities)
    for X in (X24, X24[:1]):
        with pytest.raises(ValueError, match=r"All cases are decided; call reset_state_info\(\)"):
            undecided.update_predict(X)
    undecided.reset_state_info()
    assert undecided.update_predict(X24[:3])[1].all()


def test_decided_cases_are_not_to_be_shown_again(clf):
    _, decisions = clf.predict(X24[:, :, :10])
    n_waiting = int((~decisions).sum())
    assert 0 < n_waiting < 24
    with pytest.raises(ValueError, match=rf"X has 24 cases, but {n_waiting} cases are waiting"):
        clf.update_predict(X24)


def test_complete_series_are_needed_where_every_case_must_be_decided(clf):
    message = r"X has series of 19 time points; complete series of 20 are needed"
    for X in (X24[:, :, :19], [X24[0], X24[1, :, :19]]):
        with pytest.raises(ValueError, match=message):
            clf.predict_early(X)
    with pytest.raises(ValueError, match=message):
        clf.score(X24[:, :, :19], Y24)


@pytest.mark.parametrize("y", [Y24[:-1], Y24[:1], Y24[:, None], 1], ids=np.shape)
def test_score_needs_a_label_for_each_case(clf, y):
    with pytest.raises(ValueError, match=r"y of shape .* one label for each of the 24 cases"):
        clf.score(X24, y)


def test_a_function_that_does_not_answer_as_it_should_is_told_so(series):
    clf = GDPDEarlyClassifier(**EARLY, trigger=lambda seen, fractions: True).fit(*series)
    with pytest.raises(ValueError, match=r"function=.*must return bool of shape \(24,\)"):
        clf.predict_early(X24)


def test_before_fit_there_is_nothing_to_ask():
    clf = GDPDEarlyClassifier()
    for ask in (clf.predict, clf.predict_early, clf.update_predict, clf.predict_proba):
        with pytest.raises(NotFittedError):
            ask(X24)
    for ask in (clf.stream, clf.fit_trigger):
        with pytest.raises(NotFittedError):
            ask()
    with pytest.raises(NotFittedError):
        clf.score(X24, Y24)


# parts, reproducibility, persistence --------------------------------------------------------------


def test_nested_parameters_reach_parts_given_by_name():
    clf = GDPDEarlyClassifier(trigger="teaser", objective=DecisionCost())
    clf.set_params(distiller__weight=10, student__widths=(4, 4), trigger__max_consecutive=2)
    assert clf.distiller.weight == 10
    assert clf.student.widths == (4, 4)
    assert clf.trigger.get_params() == Teaser(max_consecutive=2).get_params()
    clf.set_params(objective__delay=0.5)
    assert clf.objective.delay == 0.5
    twin = clone(clf)
    assert twin.trigger is not clf.trigger
    assert twin.get_params()["trigger__max_consecutive"] == 2
    with pytest.raises(ValueError, match="Invalid parameter 'wheight'"):
        GDPDEarlyClassifier().set_params(distiller__wheight=1)


def test_fit_leaves_the_parts_as_they_were(series):
    parts = {"distiller": GDPD(), "student": LSTM(1, 8), "trigger": Teaser(), "objective": COSTLY}
    before = {name: dict(vars(part)) for name, part in parts.items()}
    clf = GDPDEarlyClassifier(**{**EARLY, **parts}).fit(*series)
    for name, part in parts.items():
        assert getattr(clf, name) is part
        assert vars(part) == before[name]


def test_attributes(series):
    X, y = series
    clf = GDPDEarlyClassifier(**EARLY).fit(X, y)
    assert (clf.n_timepoints_, clf.n_channels_, clf.n_classes_) == (20, 1, 2)
    assert len(clf.models_) == 2
    assert clf.n_parameters_ == 2 * 370
    assert isinstance(clf.trigger_, FallingThreshold)
    assert isinstance(clf.trigger_, Trigger)
    assert sorted(set(clf.history_["fold"])) == [0, 1]
    assert sorted(clf.held_out_codes_) == sorted(y)
    separate = GDPDEarlyClassifier(**{**EARLY, "shared": False}).fit(X, y)
    assert separate.n_parameters_ == 4 * 2 * 370
    assert set(separate.history_["prefix_length"]) == {5, 10, 15, 20}


@pytest.mark.parametrize("validation_fraction", [0.0, 0.25])
def test_teachers_are_scored_on_the_fold_that_they_never_saw(
    series, monkeypatch, validation_fraction
):
    X, y = series
    teachers = []

    def spied(*args, **kwargs):
        teachers.append(fit_teacher(*args, **kwargs))
        return teachers[-1]

    fit_teacher = fit_module.fit_teacher
    monkeypatch.setattr(fit_module, "fit_teacher", spied)
    setting = {**EARLY, "n_folds": 3, "validation_fraction": validation_fraction}
    clf = GDPDEarlyClassifier(**setting, refit=True).fit(X, y)
    folds = stratified_folds(y, 3, stream_seed(root_seed(0), "folds"))
    right = [
        np.mean(t.model.predict_proba(X).argmax(1) == y, where=folds == k)
        for k, t in enumerate(teachers[:3])
    ]
    assert clf.teacher_scores_ == pytest.approx(right)
    assert len(teachers) == 4  # that of the refit has no case left to be scored on
    assert GDPDEarlyClassifier(**setting, distiller="none").fit(X, y).teacher_scores_ == [None] * 3


def test_refit_uses_one_student_of_all_cases_and_the_same_held_out_ones(series):
    X, y = series
    voting = GDPDEarlyClassifier(**EARLY).fit(X, y)
    clf = GDPDEarlyClassifier(**EARLY, refit=True).fit(X, y)
    assert len(clf.models_) == 1
    assert clf.n_parameters_ == 370
    np.testing.assert_array_equal(clf.held_out_probabilities_, voting.held_out_probabilities_)
    assert vars(clf.trigger_)["start_"] == voting.trigger_.start_
    assert not np.array_equal(clf.probabilities_at(X, 0), voting.probabilities_at(X, 0))


def test_memory_keeps_the_teacher_of_each_fold(series, tmp_path):
    X, y = series
    results = [
        GDPDEarlyClassifier(**EARLY, memory=memory, distiller="kd").fit(X, y).predict_early(X)
        for memory in (None, str(tmp_path), str(tmp_path))
    ]
    assert len(list(tmp_path.rglob("output.pkl"))) == 2
    assert_same(results[0], results[1])
    assert_same(results[0], results[2])


def global_numpy_state():
    return np.random.get_state()[1].copy()  # noqa: NPY002


@pytest.mark.parametrize("kind", KINDS)
def test_same_random_state_same_model_and_nothing_global_changes(series, kind):
    X, y = series
    setting = {**EARLY, **KINDS[kind]}
    numpy_state, torch_state = global_numpy_state(), torch.get_rng_state()
    settings = torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled()
    clf = GDPDEarlyClassifier(**setting).fit(X, y)
    whole = clf.predict_early(X)
    clf.predict(X[:, :, :4])
    clf.update_predict(X)
    clf.fit_trigger("calimera")
    np.testing.assert_array_equal(global_numpy_state(), numpy_state)
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert (
        torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled()
    ) == settings  # fmt: skip
    torch.rand(3)  # another global state
    np.random.seed(5)  # noqa: NPY002
    again = GDPDEarlyClassifier(**setting).fit(X, y)
    assert_same(again.predict_early(X), whole)
    np.testing.assert_array_equal(again.held_out_probabilities_, clf.held_out_probabilities_)
    other = GDPDEarlyClassifier(**{**setting, "random_state": 1}).fit(X, y)
    assert not np.array_equal(other.held_out_probabilities_, clf.held_out_probabilities_)


def test_random_state_object_and_none(series):
    X, y = series

    def fit(random_state):
        clf = GDPDEarlyClassifier(**{**EARLY, "random_state": random_state}).fit(X, y)
        return clf.held_out_probabilities_

    np.testing.assert_array_equal(fit(np.random.RandomState(3)), fit(np.random.RandomState(3)))
    assert not np.array_equal(fit(None), fit(None))


def test_folds_side_by_side_are_the_same(series):
    X, y = series
    one = GDPDEarlyClassifier(**EARLY, n_jobs=1).fit(X, y)
    two = GDPDEarlyClassifier(**EARLY, n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(two.held_out_probabilities_, one.held_out_probabilities_)
    assert_same(two.predict_early(X), one.predict_early(X))


def test_a_second_fit_starts_afresh(series):
    X, y = series
    clf = GDPDEarlyClassifier(**EARLY).fit(*make_series(n_channels=2, n_timepoints=12, n_classes=3))
    clf.predict(make_series(n_channels=2, n_timepoints=12)[0])
    clf.fit(X, y)
    assert clf.get_state_info() is None
    assert_same(clf.predict_early(X), GDPDEarlyClassifier(**EARLY).fit(X, y).predict_early(X))


def test_pickle_and_joblib_round_trips(case, tmp_path):
    clf, X, _ = case
    whole = clf.predict_early(X)
    joblib.dump(clf, tmp_path / "clf.joblib")
    for twin in (
        pickle.loads(pickle.dumps(clf)), joblib.load(tmp_path / "clf.joblib"), copy.deepcopy(clf)
    ):  # fmt: skip
        assert_same(twin.predict_early(X), whole)
        assert_same(twin.predict_proba(X[:, :, :11]), clf.predict_proba(X[:, :, :11]))
        again = twin.fit_trigger("margin").held_out_probabilities_
        np.testing.assert_array_equal(again, clf.held_out_probabilities_)


def test_nothing_of_the_device_is_stored(series):
    clf = GDPDEarlyClassifier(**{**EARLY, "device": "auto"}).fit(*series)
    assert clf.device == "auto"
    devices = {p.device.type for model in clf.models_ for p in model.networks.parameters()}
    assert devices == {"cpu"}


# defaults ----------------------------------------------------------------------------------------


def test_default_student_suits_the_way_of_reading(series):
    X, y = series
    setting = {**without("student", "shared"), "max_input_length": 10}
    separate = GDPDEarlyClassifier(**setting).fit(X, y)
    assert all(len(model.networks) == 4 for model in separate.models_)
    assert {type(model.architecture) for model in separate.models_} == {FCN}
    assert separate.models_[0].view.input_length == 10
    shared = GDPDEarlyClassifier(**setting, shared=True).fit(X, y)
    assert all(len(model.networks) == 1 for model in shared.models_)
    assert {type(model.architecture) for model in shared.models_} == {CausalFCN}
    assert shared.models_[0].view.input_length == X.shape[2]  # never resampled


def test_nested_parameters_reach_the_default_student():
    clf = GDPDEarlyClassifier(shared=True)
    clf.set_params(student__widths=(4,), student__kernel_sizes=(3,))
    assert clf.student.get_params() == CausalFCN((4,), (3,)).get_params()
    assert GDPDEarlyClassifier().set_params(student__widths=(4, 4, 4)).student.widths == (4, 4, 4)
    together = GDPDEarlyClassifier().set_params(shared=True, student=None, student__widths=(4,))
    assert type(together.student) is CausalFCN


def without(*names):
    return {name: value for name, value in EARLY.items() if name not in names}


@pytest.mark.parametrize("student", ["causal_fcn", "lstm1-8"])
def test_going_on_from_a_state_gives_the_same_probabilities(student):
    clf = GDPDEarlyClassifier(**{**EARLY, "student": student}).fit(*make_series())
    X = make_series(5, seed=1)[0]
    expected = clf.probabilities_up_to(X, 4)
    assert clf.advances
    states, seen = None, 0
    for point, m in enumerate(clf.classification_points_):
        found, states = clf.advance(X[:, :, seen:m], states)
        np.testing.assert_array_equal(found, expected[point])
        seen = m
