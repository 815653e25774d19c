"""How the probability threshold is chosen."""

import numpy as np
import pytest
from held_out_cases import loop, noisy, value_by_loop

from gdpd_sklearn.triggers import ProbabilityThreshold


@pytest.mark.parametrize("seed", range(4))
def test_chosen_threshold_is_as_good_as_any(seed):
    problem = noisy(seed, n_cases=12)
    rule = ProbabilityThreshold(tolerance=0.0).fit(*problem)
    every = [
        value_by_loop(loop(lambda h, t=t: max(h[-1]) >= t, problem[0]), *problem)
        for t in np.linspace(0, 1, 101)
    ]
    assert value_by_loop(rule.stop_points(problem[0]), *problem) >= max(every) - 1e-12


def test_threshold_lies_amid_its_plateau():
    # right at 0.9, wrong at 0.6: anything between is as good, an edge is no place to be
    p = np.array([[[0.4, 0.6]] * 10, [[0.9, 0.1]] * 10, [[0.9, 0.1]] * 10])
    p[0] += np.linspace(0, 0.05, 10)[:, None] * [1, -1]
    p[1:] -= np.linspace(0, 0.25, 10)[:, None] * [1, -1]
    rule = ProbabilityThreshold(tolerance=0.02).fit(p, np.zeros(10, int), [0.1, 0.2, 1.0])
    assert 0.6 < rule.threshold_ <= 0.7
