"""Candidates are judged on other cases, with costs that stand for the objective."""

import numpy as np
import pytest

from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.triggers._cost_search import choose_by_folds, costs_for
from gdpd_sklearn.triggers._held_out import HeldOut


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
