"""Scores that are a number and three, and scikit-learn's searches on early classifiers."""

import copy
import json
import pickle

import numpy as np
import pytest
from aeon.transformations.collection import Normalizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from synthetic import EARLY, make_series

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.estimators import SCORERS, EarlyScore, neg_average_cost_scorer
from gdpd_sklearn.metrics import DecisionCost, LeastDelay, average_cost, harmonic_mean

SETTING = {**EARLY, "student": "causal_fcn"}


@pytest.fixture
def score():
    return EarlyScore(0.8, 0.9, 0.28)


# the score ----------------------------------------------------------------------------------------


def test_is_a_float(score):
    assert isinstance(score, float)
    assert score == 0.8
    assert 0.7 < score < 0.9
    assert score + 1 == 1.8
    assert f"{score:.2f}" == "0.80"
    assert hash(score) == hash(0.8)
    assert max(score, 0.5) is score
    assert score.harmonic_mean == 0.8
    assert json.loads(json.dumps({"score": score})) == {"score": 0.8}


def test_unpacks_into_three(score):
    first, accuracy, earliness = score
    assert (first, accuracy, earliness) == (0.8, 0.9, 0.28)
    assert tuple(score) == (0.8, 0.9, 0.28)
    assert (score[0], score[1], score[-1], score[:2]) == (0.8, 0.9, 0.28, (0.8, 0.9))
    assert (score.accuracy, score.earliness) == (0.9, 0.28)
    assert type(first) is float
    with pytest.raises(IndexError):
        score[3]
    assert repr(score) == "EarlyScore(harmonic_mean=0.8000, accuracy=0.9000, earliness=0.2800)"


def test_survives_pickle_and_copies(score):
    for twin in (pickle.loads(pickle.dumps(score)), copy.copy(score), copy.deepcopy(score)):
        assert isinstance(twin, EarlyScore)
        assert tuple(twin) == tuple(score)


def test_numpy_takes_it_for_a_number(score):
    other = EarlyScore(0.4, 0.5, 0.6)
    for values in (np.array([score, other]), np.asarray([score, other], dtype=np.float64)):
        assert values.shape == (2,)
        assert values.dtype == np.float64
    assert np.asarray(score).shape == ()
    assert np.isfinite(score)
    assert np.mean([score, other]) == pytest.approx(0.6)
    column = np.empty(2)
    column[:] = [score, other]
    assert column.tolist() == [0.8, 0.4]


# scores and scorers of a classifier ---------------------------------------------------------------


def test_scorers_say_what_the_score_says():
    clf = GDPDEarlyClassifier(**SETTING).fit(*make_series())
    X, y = make_series(30, seed=1)
    labels, _, times = clf.predict_early(X)
    accuracy, earliness = float(np.mean(labels == y)), float(np.mean(times / 20))
    score = clf.score(X, y)
    assert isinstance(score, EarlyScore)
    assert tuple(score) == pytest.approx((harmonic_mean(accuracy, earliness), accuracy, earliness))
    found = {name: scorer(clf, X, y) for name, scorer in SCORERS.items()}
    assert all(type(value) is float for value in found.values())
    assert found == pytest.approx(
        {
            "harmonic_mean": harmonic_mean(accuracy, earliness),
            "accuracy": accuracy,
            "neg_earliness": -earliness,
            "neg_average_cost": -(1 - accuracy + earliness),
            "objective": harmonic_mean(accuracy, earliness),
        }
    )


def test_scorer_of_a_cost_of_ones_own():
    X, codes = make_series(30)
    y = np.array(["well", "ill"])[codes]
    clf = GDPDEarlyClassifier(**{**SETTING, "n_epochs": 1}).fit(X, y)
    cost = DecisionCost(misclassification=((0, 9), (2, 0)), delay=0.5)
    for cases in (slice(None), np.flatnonzero(y == "well")):  # also where a class is missing
        labels, _, times = clf.predict_early(X[cases])
        expected = average_cost(y[cases], labels, times / 20, cost, classes=["ill", "well"])
        scorer = pickle.loads(pickle.dumps(neg_average_cost_scorer(cost)))
        assert scorer(clf, X[cases], y[cases]) == pytest.approx(-expected)


def test_the_scorer_of_the_objective_is_about_what_the_rule_was_chosen_for():
    X, codes = make_series(30)
    y = np.array(["well", "ill"])[codes]
    cost = DecisionCost(misclassification=((0, 9), (2, 0)), delay=0.5)
    clf = GDPDEarlyClassifier(4, student="rocket", objective=cost, random_state=0).fit(X, y)
    found = SCORERS["objective"](clf, X, y)
    assert found == neg_average_cost_scorer(cost)(clf, X, y)
    goal = LeastDelay(sensitivity=0.9, positive="ill")
    labels, _, times = clf.fit_trigger(objective=goal).predict_early(X)
    sensitivity = np.mean(labels[y == "ill"] == "ill")
    assert sensitivity >= 0.9
    assert SCORERS["objective"](clf, X, y) == pytest.approx(1 - (times / 20).mean())
    silly = GridSearchCV(clf, {"n_folds": [2, 3]}, scoring=SCORERS["objective"], cv=2)
    assert np.isfinite(silly.fit(X, y).cv_results_["mean_test_score"]).all()


def test_scorers_are_for_greater_is_better():
    clf = GDPDEarlyClassifier(**SETTING, trigger=lambda seen, _: seen[-1].max(axis=1) > 2)
    X, y = make_series()
    late = {name: scorer(clf.fit(X, y), X, y) for name, scorer in SCORERS.items()}
    clf.fit_trigger(lambda seen, _: seen[-1].max(axis=1) > 0)
    early = {name: scorer(clf, X, y) for name, scorer in SCORERS.items()}
    assert early["neg_earliness"] > late["neg_earliness"]
    assert early["accuracy"] <= late["accuracy"]


# searches -----------------------------------------------------------------------------------------


def test_plain_grid_search():
    X, y = make_series()
    grid = [
        {"trigger": ["margin", "teaser"], "distiller__weight": [0.1]},
        {"classification_points": [2, (0.3, 0.6)], "distiller__weight": [10.0]},
    ]
    clf = GDPDEarlyClassifier(**EARLY, distiller="kd")
    search = GridSearchCV(clf, grid, cv=2, error_score="raise")
    search.fit(X, y)
    assert len(search.cv_results_["params"]) == 4
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.cv_results_["mean_test_score"].dtype == np.float64
    best, accuracy, earliness = search.score(X, y)
    assert best == pytest.approx(harmonic_mean(accuracy, earliness))
    labels, decisions = search.predict(X)
    assert decisions.all()
    assert set(labels) <= {0, 1}


def test_grid_search_within_a_rule_and_by_several_scores():
    X, y = make_series()
    clf = GDPDEarlyClassifier(**SETTING, trigger="probability_threshold")
    search = GridSearchCV(
        clf, {"trigger__threshold": [0.0, 1.0]}, scoring=dict(SCORERS), refit="neg_average_cost",
        cv=2, error_score="raise",
    ).fit(X, y)  # fmt: skip
    earliness = search.cv_results_["mean_test_neg_earliness"]
    assert earliness[0] == -0.25
    assert earliness[1] < -0.9
    costs = search.cv_results_["mean_test_neg_average_cost"]
    assert search.best_params_["trigger__threshold"] == [0.0, 1.0][int(np.argmax(costs))]


def test_pipeline():
    X, y = make_series()
    pipeline = Pipeline([("normalise", Normalizer()), ("early", GDPDEarlyClassifier(**SETTING))])
    score = pipeline.fit(X, y).score(X, y)
    scaled = Normalizer().fit_transform(X)
    expected = GDPDEarlyClassifier(**SETTING).fit(scaled, y).score(scaled, y)
    assert tuple(score) == tuple(expected)
    search = GridSearchCV(
        pipeline, {"early__trigger": ["margin", "calimera"]}, cv=2, error_score="raise"
    ).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
