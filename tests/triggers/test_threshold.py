"""How a threshold and its agreement are chosen, whatever is compared with it."""

import numpy as np

from gdpd_sklearn.triggers import (
    ProbabilityThreshold,
)


def test_threshold_lies_amid_its_plateau():
    # right at 0.9, wrong at 0.6: anything between is as good, an edge is no place to be
    p = np.array([[[0.4, 0.6]] * 10, [[0.9, 0.1]] * 10, [[0.9, 0.1]] * 10])
    p[0] += np.linspace(0, 0.05, 10)[:, None] * [1, -1]
    p[1:] -= np.linspace(0, 0.25, 10)[:, None] * [1, -1]
    rule = ProbabilityThreshold(tolerance=0.02).fit(p, np.zeros(10, int), [0.1, 0.2, 1.0])
    assert 0.6 < rule.threshold_ <= 0.7


def test_consecutive_is_chosen_where_one_look_deceives():
    # each case is sure and wrong once, before being sure and right for good
    wrong, right, unsure = [0.05, 0.95], [0.95, 0.05], [0.45, 0.55]
    p = np.array([[wrong] * 9, [unsure] * 9, [right] * 9, [right] * 9] + [[right] * 9] * 16)
    rule = ProbabilityThreshold(consecutive=None, tolerance=0.0)
    rule.fit(p, np.zeros(9, int), np.arange(1, 21) / 20)
    assert rule.consecutive_ >= 2
    assert rule.stop_points(p).tolist() == [rule.consecutive_ + 1] * 9
