"""A threshold on the largest probability, against loops."""

import numpy as np
import pytest
from rule_problems import loop, noisy, sure, value_by_loop

from gdpd_sklearn.triggers import (
    ProbabilityThreshold,
)


@pytest.mark.parametrize("consecutive", [1, 2, 3])
def test_threshold_with_agreement(consecutive):
    problem = noisy(0)
    rule = ProbabilityThreshold(threshold=0.6, consecutive=consecutive).fit(*problem)
    expected = loop(lambda history: sure(history, consecutive, max, 0.6), problem[0])
    assert rule.stop_points(problem[0]).tolist() == expected


@pytest.mark.parametrize("seed", range(4))
def test_chosen_threshold_is_as_good_as_any(seed):
    problem = noisy(seed, n_cases=12)
    rule = ProbabilityThreshold(tolerance=0.0).fit(*problem)
    every = [
        value_by_loop(loop(lambda h, t=t: max(h[-1]) >= t, problem[0]), *problem)
        for t in np.linspace(0, 1, 101)
    ]
    assert value_by_loop(rule.stop_points(problem[0]), *problem) >= max(every) - 1e-12
