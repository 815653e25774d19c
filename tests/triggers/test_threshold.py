"""The two threshold rules against a plain recomputation."""

import numpy as np
import pytest
from held_out_cases import loop, noisy, top_two

from gdpd_sklearn.triggers import Margin, ProbabilityThreshold


def sure(history, consecutive, score, threshold):
    latest = history[-consecutive:]
    same = len({int(np.argmax(row)) for row in latest}) == 1
    return len(latest) == consecutive and same and all(score(row) >= threshold for row in latest)


@pytest.mark.parametrize("consecutive", [1, 2, 3])
@pytest.mark.parametrize(
    "made, score",
    [
        (ProbabilityThreshold, lambda row: max(row)),
        (Margin, lambda row: top_two(row)[0] - top_two(row)[1]),
    ],
)
def test_threshold_with_agreement(made, score, consecutive):
    problem = noisy(0)
    rule = made(threshold=0.6, consecutive=consecutive).fit(*problem)
    expected = loop(lambda history: sure(history, consecutive, score, 0.6), problem[0])
    assert rule.stop_points(problem[0]).tolist() == expected


def test_consecutive_is_chosen_where_one_look_deceives():
    # each case is sure and wrong once, before being sure and right for good
    wrong, right, unsure = [0.05, 0.95], [0.95, 0.05], [0.45, 0.55]
    p = np.array([[wrong] * 9, [unsure] * 9, [right] * 9, [right] * 9] + [[right] * 9] * 16)
    rule = ProbabilityThreshold(consecutive=None, tolerance=0.0)
    rule.fit(p, np.zeros(9, int), np.arange(1, 21) / 20)
    assert rule.consecutive_ >= 2
    assert rule.stop_points(p).tolist() == [rule.consecutive_ + 1] * 9
