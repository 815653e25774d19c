import itertools

import numpy as np
import pytest

from gdpd_sklearn.metrics import (
    DecisionCost,
    earliest_correct_points,
    earliness,
    harmonic_mean,
    oracle_score,
    oracle_stop_points,
)


def random_problem(seed, n_points=4, n_cases=5, n_classes=3):
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(n_classes), size=(n_points, n_cases))
    fractions = np.sort(rng.uniform(0.02, 1, size=n_points))
    fractions[-1] = 1.0
    return probabilities, rng.integers(n_classes, size=n_cases), fractions


def score_by_loop(probabilities, y, fractions, points):
    right, seen = 0, 0.0
    for i, p in enumerate(points):
        right += int(np.argmax(probabilities[p][i]) == y[i])
        seen += fractions[p]
    accuracy, saved = right / len(y), 1 - seen / len(y)
    return 0.0 if accuracy + saved <= 1e-15 else 2 * accuracy * saved / (accuracy + saved)


def test_earliness_is_the_mean_share():
    assert earliness([5, 10, 20], 20) == pytest.approx((0.25 + 0.5 + 1.0) / 3)


def test_harmonic_mean_is_the_inverse_of_the_mean_inverse():
    for accuracy, late in [(0.9, 0.4), (0.3, 0.1), (1.0, 0.05)]:
        expected = 2 / (1 / accuracy + 1 / (1 - late))
        assert harmonic_mean(accuracy, late) == pytest.approx(expected)


@pytest.mark.parametrize("accuracy, late", [(0.0, 1.0), (0.0, 0.3), (0.8, 1.0)])
def test_harmonic_mean_is_zero_where_a_term_vanishes(accuracy, late):
    assert harmonic_mean(accuracy, late) == 0.0


def test_harmonic_mean_agrees_with_aeon():
    from aeon.classification.early_classification import TEASER

    clf = TEASER()
    clf._class_dictionary = {"a": 0, "b": 1}
    clf._classification_points = [3, 6, 12]
    clf.n_timepoints_ = 12
    state = np.array([[0, 1, 0, 3], [2, 1, 1, 12], [1, 1, 0, 6]])
    expected, accuracy, late = clf.compute_harmonic_mean(state, np.array(["a", "b", "b"]))
    assert earliness([3, 12, 6], 12) == pytest.approx(late)
    assert harmonic_mean(accuracy, late) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(25))
def test_oracle_harmonic_mean_is_the_best_of_all_stopping_vectors(seed):
    problem = random_problem(seed)
    n_points, n_cases = problem[0].shape[:2]
    vectors = itertools.product(range(n_points), repeat=n_cases)
    best = max(score_by_loop(*problem, vector) for vector in vectors)
    assert oracle_score(*problem) == pytest.approx(best, abs=1e-12)
    points = oracle_stop_points(*problem)
    assert score_by_loop(*problem, points) == pytest.approx(best, abs=1e-12)


def test_oracle_gives_up_a_case_that_is_right_too_late():
    wrong, right = [0.4, 0.6], [0.9, 0.1]
    probabilities = np.array([[wrong, wrong], [wrong, wrong], [right, right]])
    points = oracle_stop_points(probabilities, [0, 0], [0.05, 0.5, 1.0])
    assert sorted(points.tolist()) == [0, 2]
    assert earliest_correct_points(probabilities, [0, 0]).tolist() == [2, 2]


def test_never_right_stops_at_once():
    probabilities = np.full((3, 2, 2), [0.9, 0.1])
    assert oracle_stop_points(probabilities, [1, 1], [0.2, 0.5, 1.0]).tolist() == [0, 0]
    assert earliest_correct_points(probabilities, [1, 1]).tolist() == [3, 3]
    assert oracle_score(probabilities, [1, 1], [0.2, 0.5, 1.0]) == 0.0


@pytest.mark.parametrize("seed", range(10))
def test_oracle_cost_is_the_least_of_each_case(seed):
    probabilities, y, fractions = random_problem(seed)
    cost = DecisionCost(misclassification=[[0, 1, 4], [2, 0, 1], [1, 3, 0]], delay=0.7)
    matrix = cost.misclassification
    least = []
    for i in range(len(y)):
        each = [
            matrix[y[i]][int(np.argmax(probabilities[p, i]))] + 0.7 * fractions[p]
            for p in range(len(fractions))
        ]
        least.append(min(each))
    assert oracle_score(probabilities, y, fractions, cost) == pytest.approx(np.mean(least))


GOOD = np.full((2, 3, 2), 0.5)


@pytest.mark.parametrize(
    "call, word",
    [
        (lambda: earliness([], 10), "stop_times"),
        (lambda: earliness([11], 10), "stop_times"),
        (lambda: earliness([0], 10), "stop_times"),
        (lambda: harmonic_mean(1.2, 0.5), "accuracy"),
        (lambda: harmonic_mean(0.2, np.nan), "earliness"),
        (lambda: oracle_stop_points(GOOD[0], [0], [1.0]), "probabilities"),
        (lambda: oracle_stop_points(GOOD, [0, 1], [0.5, 1.0]), "y="),
        (lambda: oracle_stop_points(GOOD, [0, 1, 2], [0.5, 1.0]), "y="),
        (lambda: oracle_stop_points(GOOD, [0.0, 1.0, 1.0], [0.5, 1.0]), "y="),
        (lambda: oracle_stop_points(GOOD, [0, 1, 1], [1.0, 0.5]), "fractions"),
        (lambda: oracle_stop_points(GOOD, [0, 1, 1], [0.5, 1.0], "accuracy"), "objective"),
    ],
)
def test_bad_input_is_named(call, word):
    with pytest.raises(ValueError, match=word):
        call()
