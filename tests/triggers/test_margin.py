"""The margin of the two largest probabilities, against a loop."""

import pytest
from rule_problems import loop, noisy, sure, top_two

from gdpd_sklearn.triggers import Margin


def margin(row):
    first, second = top_two(row)
    return first - second


@pytest.mark.parametrize("consecutive", [1, 2, 3])
def test_threshold_with_agreement(consecutive):
    problem = noisy(0)
    rule = Margin(threshold=0.6, consecutive=consecutive).fit(*problem)
    expected = loop(lambda history: sure(history, consecutive, margin, 0.6), problem[0])
    assert rule.stop_points(problem[0]).tolist() == expected
