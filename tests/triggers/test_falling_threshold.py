"""The falling line against a plain recomputation."""

import numpy as np
import pytest
from held_out_cases import loop, noisy

from gdpd_sklearn.triggers import FallingThreshold, ProbabilityThreshold


def test_falling_threshold_formula():
    problem = noisy(1)
    rule = FallingThreshold().fit(*problem)
    fractions = problem[2]

    def safe(history):
        top = min(max(history[-1]), 0.999)
        demand = rule.start_ - rule.slope_ * fractions[len(history) - 1]
        return np.log(top / (1 - top)) >= demand

    assert rule.stop_points(problem[0]).tolist() == loop(safe, problem[0])
    assert rule.slope_ >= 0


def test_falling_threshold_lets_hopeless_cases_go():
    # half the cases become sure at point 4, the others never do
    n = 40
    p = np.full((20, n, 2), 0.5) + np.random.default_rng(0).uniform(0, 0.1, (20, n, 1)) * [1, -1]
    p[4:, : n // 2] = [0.99, 0.01]
    y = np.zeros(n, dtype=int)
    y[n // 2 :: 2] = 1
    fractions = np.arange(1, 21) / 20
    falling = FallingThreshold().fit(p, y, fractions)
    flat = ProbabilityThreshold(threshold=0.9).fit(p, y, fractions)
    hopeless = slice(n // 2, None)
    assert falling.stop_points(p)[hopeless].mean() < 10
    assert (flat.stop_points(p)[hopeless] == 19).all()


@pytest.mark.parametrize("n_cases", [12, 80])
def test_the_more_cases_the_less_is_equally_good(n_cases):
    problem = noisy(1, n_cases)
    tolerance = (0.8 * 0.2 / n_cases) ** 0.5 / 4
    given = FallingThreshold(tolerance=tolerance).fit(*problem)
    by_default = FallingThreshold().fit(*problem)
    assert (by_default.start_, by_default.slope_) == (given.start_, given.slope_)
