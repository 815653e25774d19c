"""One point for all cases, against every other one."""

import numpy as np
import pytest
from held_out_cases import noisy, value_by_loop

from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.triggers import FixedPoint


def test_no_other_point_is_better():
    problem = noisy(0, n_points=9)
    rule = FixedPoint(tolerance=0.0).fit(*problem)
    values = [value_by_loop([t] * 30, *problem) for t in range(9)]
    assert rule.point_ == int(np.argmax(values))
    assert 0 < rule.point_ < 8
    assert rule.stop_points(noisy(1, n_points=9)[0]).tolist() == [rule.point_] * 30


def test_a_cost_is_minimised():
    p, y, fractions = noisy(4, n_cases=50, n_points=9)
    cost = DecisionCost([[0, 1, 4], [2, 0, 1], [9, 1, 0]], delay=0.7)
    table = np.array([[0, 1, 4], [2, 0, 1], [9, 1, 0]])
    means = [
        np.mean([table[y[i], p[t, i].argmax()] + 0.7 * fractions[t] for i in range(50)])
        for t in range(9)
    ]
    assert FixedPoint(tolerance=0.0).fit(p, y, fractions, cost).point_ == int(np.argmin(means))


def test_the_middle_of_equals_is_taken():
    p = np.full((5, 4, 2), [0.9, 0.1])
    free = FixedPoint().fit(p, np.zeros(4, int), np.arange(1, 6) / 5, DecisionCost(delay=0.0))
    assert free.point_ == 2


@pytest.mark.parametrize(
    "fraction, point", [(0.0, 0), (0.05, 0), (0.3, 5), (0.31, 6), (0.99, 19), (1, 19)]
)
def test_a_share_that_is_given(fraction, point):
    fractions = np.cumsum(np.full(20, 0.05))  # 0.3 is 0.3 and a rounding
    p = np.full((20, 3, 2), 0.5)
    rule = FixedPoint(fraction).fit(p, [0, 1, 0], fractions)
    assert rule.point_ == point
    assert rule.stop_points(p).tolist() == [point] * 3
