"""Stopping rules in an early classifier: learned anew at any time, for any cost."""

import copy
from functools import cache

import numpy as np
import pytest
from early_cases import assert_same
from sklearn.base import clone
from synthetic import EARLY, make_series

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.triggers import TRIGGERS, ProbabilityThreshold, Teaser

COSTLY = DecisionCost(misclassification=((0.0, 2.0), (7.0, 0.0)), delay=3.0)


QUICK = {**EARLY, "distiller": "none"}


@cache
def fitted(name, objective="harmonic_mean"):
    """Fit an early classifier of the usual series with a rule; tests copy it."""
    return GDPDEarlyClassifier(**QUICK, trigger=name, objective=objective).fit(*make_series())


@pytest.fixture
def plain():
    return copy.deepcopy(fitted("margin"))


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


@pytest.mark.parametrize("objective", ["harmonic_mean", COSTLY], ids=["harmonic_mean", "cost"])
@pytest.mark.parametrize("name", TRIGGERS)
def test_another_rule_trains_nothing_and_equals_a_fresh_fit(
    series, plain, forbid_training, name, objective
):
    X, y = series
    fresh, clf = fitted(name, objective), plain
    models = list(clf.models_)
    forbid_training()
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


def test_a_refused_rule_leaves_the_old_one(series, plain):
    X, _ = series
    clf = plain.fit_trigger("falling_threshold")
    before = clf.predict_early(X)
    for trigger, objective in [("tease", None), (None, "cheap"), (Teaser(nu=7.0), None)]:
        with pytest.raises(ValueError, match=r"must|unknown"):
            clf.fit_trigger(trigger, objective)
    assert (clf.trigger, clf.objective) == ("falling_threshold", "harmonic_mean")
    assert_same(clf.predict_early(X), before)


def test_refitting_the_rule_ends_the_session(undecided, series):
    clf = copy.deepcopy(undecided)
    clf.predict(series[0][:, :, :12])
    assert clf.get_state_info() is not None
    clf.fit_trigger()
    assert clf.get_state_info() is None


@pytest.mark.parametrize("name", TRIGGERS)
def test_every_rule_by_name_object_and_function(series, plain, name):
    X, y = series
    rule = TRIGGERS[name]()
    by_name = fitted(name)
    by_object = GDPDEarlyClassifier(**QUICK, trigger=rule).fit(X, y)
    by_function = plain.fit_trigger(lambda seen, fractions: by_name.trigger_.should_stop(seen))
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
