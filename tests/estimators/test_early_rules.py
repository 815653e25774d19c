"""Stopping rules in an early classifier: learned anew at any time, for any cost."""

import copy
from functools import cache

import numpy as np
import pytest
from early_cases import assert_same
from sklearn.base import clone
from synthetic import EARLY, make_series

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.estimators import neg_average_cost_scorer
from gdpd_sklearn.metrics import DecisionCost, LeastDelay
from gdpd_sklearn.networks import Rocket
from gdpd_sklearn.triggers import TRIGGERS, ProbabilityThreshold, Teaser, apply_temperature

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
    # a rule that knows few stopping points may decide alike for two costs
    assert times[0] >= times[1] > times[2]
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


# objectives by label ------------------------------------------------------------------------------


def rare_series(n_cases=80, seed=0):
    """Series of which one in four is to be found, and seldom looks so at first."""
    X, y = late_series(n_cases, seed)
    keep = np.sort(np.concatenate([np.flatnonzero(y == 0), np.flatnonzero(y == 1)[: n_cases // 8]]))
    return X[keep], np.where(y == 1, "ill", "well")[keep]


SOLVED = {"student": Rocket(500), "classification_points": 5, "random_state": 0}


def test_costs_by_label_are_those_of_a_matrix():
    X, y = rare_series()
    by_label = DecisionCost({"ill": 7.0}, delay=2.0)
    by_code = DecisionCost([[0, 7], [1, 0]], delay=2.0)
    one, other = (
        GDPDEarlyClassifier(**SOLVED, trigger="calimera", objective=cost).fit(X, y)
        for cost in (by_label, by_code)
    )
    np.testing.assert_array_equal(one.trigger_.coefficients_, other.trigger_.coefficients_)
    assert one.objective is by_label
    scored = neg_average_cost_scorer(by_label)(one, X, y)
    assert scored == neg_average_cost_scorer(by_code)(one, X, y)
    with pytest.raises(ValueError, match=r"names 'dead'; labels are \['ill', 'well'\]"):
        one.fit_trigger(objective=DecisionCost({"dead": 2.0}))


def test_decisions_weigh_what_errors_cost(tmp_path):
    """Against the same rule on what is likeliest: cheaper on held-out cases, and for the dear."""
    X, y = rare_series()
    cost = DecisionCost({"ill": 20.0}, delay=0.5)
    clf = GDPDEarlyClassifier(**SOLVED, objective=cost).fit(X, y)
    engine, codes = clf.engine_, clf.held_out_codes_
    by_code, shares = cost.for_classes(clf.classes_), np.array(clf.classification_points_) / 20
    held_out = apply_temperature(clf.held_out_probabilities_, engine.temperature)
    costs, found = {}, {}
    for name, p in (
        ("likeliest", held_out),
        ("weighed", held_out * np.array([20.0, 1.0])),
    ):
        p = p / p.sum(-1, keepdims=True)
        points = clone(clf.trigger_).fit(p, codes, shares, by_code).stop_points(p)
        decided = p[points, np.arange(len(codes))].argmax(-1)
        costs[name] = by_code.of(codes, decided, shares[points]).mean()
        found[name] = (decided == 0)[codes == 0].mean()
    assert costs["weighed"] < costs["likeliest"]
    assert found["weighed"] > found["likeliest"]
    tilted = apply_temperature(clf.held_out_probabilities_, engine.temperature, engine.tilt)
    np.testing.assert_array_equal(engine.trigger.stop_points(tilted), points)
    clf.save(tmp_path / "clf.safetensors")
    opened = GDPDEarlyClassifier.load(tmp_path / "clf.safetensors")
    assert_same(opened.predict_early(X), clf.predict_early(X))
    assert clf.fit_trigger(objective=DecisionCost(delay=0.5)).engine_.tilt is None


def test_rates_are_kept_at_the_least_delay(tmp_path):
    X, y = rare_series()
    goal = LeastDelay(0.8, 0.6, positive="ill")
    clf = GDPDEarlyClassifier(**SOLVED, objective=goal).fit(X, y)
    engine, codes = clf.engine_, clf.held_out_codes_
    tilted = apply_temperature(clf.held_out_probabilities_, engine.temperature, engine.tilt)
    points = engine.trigger.stop_points(tilted)
    decided = clf.classes_[tilted[points, np.arange(len(codes))].argmax(-1)]
    truth = clf.classes_[codes]
    assert (decided == "ill")[truth == "ill"].mean() >= 0.8
    assert (decided == "well")[truth == "well"].mean() >= 0.6
    # what is tilted is tilted everywhere
    stream, expected = clf.stream(), clf.predict_early(X)
    for case, series in enumerate(X[:10]):
        for point in series.T:
            decision = stream.push(case, point)
            if decision:
                break
        assert decision.label == expected.labels[case]
    clf.save(tmp_path / "clf.safetensors")
    opened = GDPDEarlyClassifier.load(tmp_path / "clf.safetensors")
    assert opened.engine_.tilt == engine.tilt
    assert opened.objective.get_params() == goal.get_params()
    assert_same(opened.predict_early(X), expected)
    # another objective starts from what is most probable
    clf.fit_trigger(objective="harmonic_mean")
    assert clf.engine_.tilt is None
    assert_same(clf.fit_trigger(objective=goal).predict_early(X), expected)


def test_one_rate_leaves_labels_to_the_most_probable_class():
    X, y = rare_series()
    goal = LeastDelay(0.7, positive="ill")
    clf = GDPDEarlyClassifier(**SOLVED, objective=goal, class_weight="balanced").fit(X, y)
    assert clf.engine_.tilt is None
    rule = clone(clf.trigger_).fit(
        clf.held_out_probabilities_, clf.held_out_codes_,
        np.array(clf.classification_points_) / 20, goal.for_classes(clf.classes_),
        clf.held_out_weights_,
    )  # fmt: skip
    assert (rule.start_, rule.slope_) == (clf.trigger_.start_, clf.trigger_.slope_)
    with pytest.raises(ValueError, match="positive='sick' must be one of two labels"):
        clf.fit_trigger(objective=LeastDelay(0.7, positive="sick"))
    with pytest.raises(ValueError, match="sensitivity=7"):
        clf.fit_trigger(objective=LeastDelay(7, positive="ill"))
