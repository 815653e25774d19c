"""How the parameters of a rule are chosen."""

import numpy as np
import pytest

from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.triggers import TRIGGERS
from gdpd_sklearn.triggers._cost_search import choose_by_folds, costs_for
from gdpd_sklearn.triggers._features import agreement, margin
from gdpd_sklearn.triggers._held_out import HeldOut, central, first_safe, folds


def test_middle_of_a_plateau_is_taken():
    values = np.array([0.1, 0.5, 0.8, 0.8, 0.8, 0.8, 0.81, 0.2])
    assert central(values, np.arange(8.0), tolerance=0.02) == 4
    assert central(values, np.arange(8.0), tolerance=0.0) == 6


def test_value_of_many_vectors_at_once():
    rng = np.random.default_rng(0)
    p, y = rng.dirichlet(np.ones(3), size=(4, 7)), rng.integers(3, size=7)
    fractions = np.array([0.1, 0.3, 0.7, 1.0])
    points = rng.integers(4, size=(5, 7))
    for objective in ("harmonic_mean", DecisionCost(delay=0.4)):
        held_out = HeldOut(p, y, fractions, objective)
        for row, value in zip(points, held_out.value(points), strict=True):
            right = np.mean([p[t, i].argmax() == y[i] for i, t in enumerate(row)])
            late = np.mean(fractions[row])
            expected = 2 * right * (1 - late) / (right + 1 - late)
            if objective != "harmonic_mean":
                # an error costs 1 here, and counts a half
                expected = -(1 - right + 0.4 * late) / 2
            assert value == pytest.approx(expected)


def test_folds_part_the_cases_and_spread_the_classes():
    y = np.array([0] * 7 + [1] * 12 + [2] * 2)
    seen = np.zeros(21, dtype=int)
    for rest, fold in folds(y, 4):
        assert sorted([*rest, *fold]) == list(range(21))
        seen[fold] += 1
        assert abs((y[fold] == 1).sum() - 3) <= 1
    assert (seen == 1).all()
    assert len(list(folds(np.zeros(2, dtype=int), 5))) == 2


def test_first_safe_and_agreement():
    safe = np.array([[False, False], [True, False], [False, False]])
    assert first_safe(safe).tolist() == [1, 2]
    labels = [0, 0, 1, 1, 1, 0]
    assert agreement(np.eye(2)[labels][:, None])[:, 0].tolist() == [1, 2, 1, 2, 3, 1]
    assert margin(np.array([[0.2, 0.5, 0.3]])) == pytest.approx([0.2])


def test_candidates_are_judged_on_cases_they_did_not_learn_from():
    rng = np.random.default_rng(0)
    held_out = HeldOut(
        rng.dirichlet(np.ones(2), size=(3, 20)),
        np.arange(20) % 2,
        np.array([0.2, 0.6, 1.0]),
        "harmonic_mean",
    )
    learnt = []

    def learn(cases, candidates):
        known = {tuple(case.ravel()) for case in cases.probabilities.transpose(1, 0, 2)}

        def safe(probabilities):
            asked = {tuple(case.ravel()) for case in probabilities.transpose(1, 0, 2)}
            learnt.append(bool(known & asked))
            return np.ones(probabilities.shape[:2], dtype=bool)

        return [safe for _ in candidates]

    choose_by_folds(held_out, ["a", "b"], np.array([[0.0], [1.0]]), learn, 5, 0.0)
    assert len(learnt) == 10
    assert not any(learnt)


def test_delay_weights_hold_the_slope_of_the_harmonic_mean():
    weights = [cost.delay for cost in costs_for("harmonic_mean", 11)]
    for accuracy, saved in [(0.95, 0.8), (0.8, 0.45), (0.6, 0.9)]:
        step = 1e-6

        def mean(a, s):
            return 2 * a * s / (a + s)

        here = mean(accuracy, saved)
        slope = (mean(accuracy, saved + step) - here) / (mean(accuracy + step, saved) - here)
        assert slope == pytest.approx((accuracy / saved) ** 2, rel=1e-3)
        assert min(weights) < slope < max(weights)
    mine = DecisionCost(delay=0.3)
    assert costs_for(mine, 11) == [mine]


def test_weights_count_cases_as_often():
    rng = np.random.default_rng(0)
    p, y = rng.dirichlet(np.ones(3), size=(4, 7)), rng.integers(3, size=7)
    fractions = np.array([0.1, 0.3, 0.7, 1.0])
    points, copies = rng.integers(4, size=(5, 7)), rng.integers(1, 5, size=7)
    often = np.repeat(np.arange(7), copies)
    for objective in ("harmonic_mean", DecisionCost(delay=0.4)):
        weighed = HeldOut(p, y, fractions, objective, copies / copies.mean())
        repeated = HeldOut(p[:, often], y[often], fractions, objective)
        np.testing.assert_allclose(weighed.value(points), repeated.value(points[:, often]))
        some = np.array([5, 1, 2])
        assert weighed.subset(some).weights.tolist() == (copies / copies.mean())[some].tolist()
    assert weighed.n_effective == pytest.approx(copies.sum() ** 2 / sum(copies**2))
    assert repeated.n_effective == copies.sum()


def test_an_error_counts_a_half_whatever_costs_are_like():
    rng = np.random.default_rng(1)
    p, y = rng.dirichlet(np.ones(3), size=(4, 6)), np.array([0, 0, 0, 1, 1, 2])
    matrix = np.array([[1, 4, 2], [3, 0, 3], [6, 7, 5]])
    shares, points = np.array([0.1, 0.3, 0.7, 1.0]), rng.integers(4, size=6)
    # beyond a right decision: 3 or 1 three times, 3 twice, 1 or 2 once
    c = np.array([2.0, 2.0, 2.0, 3.0, 3.0, 1.5])
    # each class mistaken in inverse proportion to its cost: the root of the mean square of costs
    # over all errors is that of sum(c² / c) / sum(1 / c)
    error = np.sqrt(c.sum() / (1 / c).sum())
    for unit, delay in ((1.0, 0.5), (100.0, 0.0), (1e-6, 50.0)):
        cost = DecisionCost(unit * matrix, delay=unit * delay)
        decided = [p[t, i].argmax() for i, t in enumerate(points)]
        expected = -cost.of(y, decided, shares[points], 3).mean() / (2 * unit * error)
        assert HeldOut(p, y, shares, cost).value(points) == pytest.approx(expected)


def test_where_errors_cost_nothing_the_best_is_the_best():
    rng = np.random.default_rng(2)
    p, y = rng.dirichlet(np.ones(2), size=(10, 8)), rng.integers(2, size=8)
    shares = np.arange(1, 11) / 10
    free = DecisionCost(np.zeros((2, 2)))
    held_out = HeldOut(p, y, shares, free)
    values = held_out.value(np.repeat(np.arange(10)[:, None], 8, axis=1))
    assert central(values, shares, tolerance=0.1) == 0
    for name, rule in TRIGGERS.items():
        if name != "teaser":  # its first decision needs what it learned to trust
            assert (rule().fit(p, y, shares, free).stop_points(p) == 0).all(), name
