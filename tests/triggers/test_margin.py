"""The margin rule: what it learns is a threshold of the difference of two probabilities."""

import numpy as np
from held_out_cases import loop, noisy, top_two, value_by_loop

from gdpd_sklearn.triggers import Margin, ProbabilityThreshold


def test_chosen_margin_is_as_good_as_any():
    problem = noisy(3, n_cases=12)
    rule = Margin(tolerance=0.0).fit(*problem)

    def value_of(threshold):
        points = loop(lambda h: top_two(h[-1])[0] - top_two(h[-1])[1] >= threshold, problem[0])
        return value_by_loop(points, *problem)

    reached = value_by_loop(rule.stop_points(problem[0]), *problem)
    assert reached >= max(value_of(t) for t in np.linspace(0, 1, 101)) - 1e-12


def test_of_two_classes_it_is_the_probability_threshold_in_another_unit():
    p, y, fractions = noisy(1, n_classes=2)
    margin = Margin(threshold=0.6).fit(p, y, fractions)
    probability = ProbabilityThreshold(threshold=0.8).fit(p, y, fractions)
    assert (margin.stop_points(p) == probability.stop_points(p)).all()
