"""The engine alone, with students whose answers are made up."""

import copy
import pickle

import numpy as np
import pytest
from synthetic import EARLY, make_series

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.estimators._engine import EarlyEngine
from gdpd_sklearn.triggers import CallableTrigger, FallingThreshold, apply_temperature

POINTS = (2, 5, 9)


class Voice:
    """Say of a series what its last visible value says, sharpened; note what was asked."""

    def __init__(self, sharpness):
        self.sharpness = sharpness
        self.asked = []

    def predict_proba(self, X, point):
        self.asked.append((point, len(X)))
        assert X.shape[2] == POINTS[point]  # no more than has been seen
        last = [series[~np.isnan(series)][-1] for series in X[:, 0, : POINTS[point]]]
        share = 1 / (1 + np.exp(-self.sharpness * np.array(last)))
        return np.stack([share, 1 - share], axis=-1)

    def predict_proba_all(self, X, n_points):
        return np.stack(
            [self.predict_proba(X[:, :, :m], p) for p, m in enumerate(POINTS[:n_points])]
        )


def sure(seen, fractions):
    return seen[-1].max(axis=-1) > 0.8


@pytest.fixture(params=[False, True], ids=["separate", "shared"])
def engine(request):
    trigger = CallableTrigger(sure).fit(np.full((3, 2, 2), 0.5), [0, 1], np.array(POINTS) / 9)
    return EarlyEngine([Voice(1.0), Voice(3.0)], POINTS, request.param, 0.7, trigger)


def expected_probabilities(series, point):
    value = series[0, POINTS[point] - 1]
    logit = (1.0 * value + 3.0 * value) / 2  # the mean of the voices' own
    return np.array([1 / (1 + np.exp(-logit / 0.7)), 1 / (1 + np.exp(logit / 0.7))])


def test_the_mean_of_the_votes_is_calibrated(engine):
    X = np.random.default_rng(0).normal(size=(6, 1, 9))
    together = engine.probabilities_up_to(X, 3)
    assert together.shape == (3, 6, 2)
    for point, m in enumerate(POINTS):
        expected = [expected_probabilities(series, point) for series in X]
        np.testing.assert_allclose(engine.probabilities_at(X[:, :, :m], point), expected)
        np.testing.assert_allclose(together[point], expected)
    assert engine.probabilities_up_to(X, 0).shape == (0, 6, 2)


def test_decisions_fall_as_the_rule_says(engine):
    X = np.random.default_rng(1).normal(size=(40, 1, 9))
    state = engine.decide(X)
    stops = []
    for i, series in enumerate(X):
        rows = [expected_probabilities(series, p) for p in range(3)]
        stop = next((p for p in range(3) if rows[p].max() > 0.8), 2)
        np.testing.assert_allclose(state.latest()[i], rows[stop])
        stops.append(stop)
    np.testing.assert_array_equal(state.n_seen - 1, stops)
    assert state.decided.all()
    assert set(stops) == {0, 1, 2}


def test_only_cases_that_wait_are_asked_and_each_point_once():
    trigger = CallableTrigger(sure).fit(np.full((3, 2, 2), 0.5), [0, 1], np.array(POINTS) / 9)
    voice = Voice(1.0)
    engine = EarlyEngine([voice], POINTS, False, 1.0, trigger)
    X = np.zeros((5, 1, 9))
    X[:2, 0, 1] = 9.0  # two are sure at the first point, one more at the second
    X[2, 0, 4] = -9.0
    state = engine.start([series[:, :4] for series in X])
    assert voice.asked == [(0, 5)]
    engine.show(state, [series[:, :4] for series in X])
    assert voice.asked == [(0, 5)]
    engine.show(state, X)
    assert voice.asked == [(0, 5), (1, 3), (2, 2)]
    np.testing.assert_array_equal(state.n_seen, [1, 1, 2, 3, 3])


def test_calibration_and_rule_are_learned_from_held_out_cases():
    rng = np.random.default_rng(2)
    codes = rng.integers(2, size=60)
    first = np.where(rng.random(60) < 0.7, codes, 1 - codes)
    confident = np.eye(2)[np.stack([first, codes, codes])] * 0.98 + 0.01
    fractions = np.array(POINTS) / 9
    rule = FallingThreshold()
    engine = EarlyEngine.learn([], POINTS, False, confident, codes, rule, "harmonic_mean")
    assert engine.trigger is rule
    twin = FallingThreshold().fit(
        apply_temperature(confident, engine.temperature), codes, fractions
    )
    assert (rule.slope_, rule.start_) == (twin.slope_, twin.start_)
    np.testing.assert_allclose(rule.fractions_, fractions)
    wrong = np.where(rng.random(60) < 0.5, codes, 1 - codes)
    doubtful = np.eye(2)[np.stack([wrong] * 3)] * 0.98 + 0.01
    other = EarlyEngine.learn([], POINTS, False, doubtful, codes, rule, "harmonic_mean")
    assert other.temperature > 2 > engine.temperature  # half of the sure answers were wrong


@pytest.mark.parametrize("shared", [False, True])
def test_few_cases_and_many_are_answered_alike(shared):
    setting = {**EARLY, "shared": shared, "student": "causal_fcn" if shared else "fcn"}
    engine = GDPDEarlyClassifier(**setting).fit(*make_series()).engine_
    X = make_series(40, seed=1)[0]
    for point in range(4):
        many = engine.probabilities_at(X, point)
        for few in (slice(3), slice(8, 24), slice(7, 24)):
            np.testing.assert_array_equal(engine.probabilities_at(X[few], point), many[few])


@pytest.mark.parametrize(
    "setting", [{"student": "rocket"}, {"student": "fcn", "shared": False}, {"shared": True}]
)
def test_no_cases_have_no_probabilities(setting):
    setting = {"student": "causal_fcn", **EARLY, **setting}
    engine = GDPDEarlyClassifier(**setting).fit(*make_series()).engine_
    none = make_series()[0][:0]
    assert engine.probabilities_at(none, 1).shape == (0, 2)
    assert engine.probabilities_up_to(none, 2).shape == (2, 0, 2)


def test_what_was_made_for_speed_is_not_saved():
    engine = GDPDEarlyClassifier(**EARLY).fit(*make_series()).engine_
    before = pickle.dumps(engine)
    X = make_series(2, seed=1)[0]
    expected = engine.probabilities_at(X, 1)
    assert engine._ensemble is not None
    assert pickle.dumps(engine) == before
    copied = copy.deepcopy(engine)
    assert "_ensemble" not in vars(copied)
    np.testing.assert_array_equal(copied.probabilities_at(X, 1), expected)


def test_a_series_is_decided_at_its_end(engine):
    X = np.zeros((6, 1, 9))
    X[0, 0, 1] = X[1, 0, 4] = 9.0  # sure at the first point, at the second, and at none
    X[2:] = -0.1
    ends = [9, 9, 8, 5, 4, 1]
    for case, end in enumerate(ends):
        X[case, 0, end:] = np.nan
    cut = [series[:, :end] for series, end in zip(X, ends, strict=True)]
    for state in (engine.decide(X), engine.decide(cut), engine.start(X)):
        assert state.decided.all()
        np.testing.assert_array_equal(state.ends, ends)
        # the first point that is not before the end
        np.testing.assert_array_equal(state.n_seen, [1, 2, 3, 2, 2, 1])
        np.testing.assert_array_equal(state.state_info(POINTS)[:, 3], [2, 5, 8, 5, 4, 1])
        expected = expected_probabilities(np.full((1, 9), -0.1), 2)
        np.testing.assert_allclose(state.latest()[2:5], np.tile(expected, (3, 1)))
    # who does not know of the end waits
    waiting = engine.start(cut)
    np.testing.assert_array_equal(waiting.decided, [True, True, False, False, False, False])
    kept = waiting.undecided()
    engine.show(kept, cut[2:], complete=True)
    np.testing.assert_array_equal(kept.state_info(POINTS)[:, 3], [8, 5, 4, 1])


def test_an_update_that_tells_of_the_end_decides_there(engine):
    series = np.zeros((1, 1, 9))
    series[..., 3:] = np.nan
    state = engine.start(series[..., :8])
    assert (state.n_seen[0], state.decided[0]) == (2, False)
    engine.show(state, series)
    expected = engine.decide(series)
    assert (state.n_seen[0], state.decided[0]) == (expected.n_seen[0], True) == (2, True)
    np.testing.assert_array_equal(state.latest(), expected.latest())


@pytest.mark.parametrize("student", ["causal_fcn", "lstm1-8"])
def test_going_on_from_a_state_gives_the_same_probabilities(student):
    setting = {**EARLY, "student": student}
    engine = GDPDEarlyClassifier(**setting).fit(*make_series()).engine_
    X = make_series(5, seed=1)[0]
    expected = engine.probabilities_up_to(X, 4)
    assert engine.advances
    states, seen = None, 0
    for point, m in enumerate(engine.points):
        found, states = engine.advance(X[:, :, seen:m], states)
        np.testing.assert_array_equal(found, expected[point])
        seen = m
