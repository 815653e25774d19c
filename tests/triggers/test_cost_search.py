"""Rules that minimise a cost."""

import numpy as np

from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.triggers import Calimera, EconomyGamma, FallingThreshold, ProbabilityThreshold


def test_rules_respect_asymmetric_costs():
    # class 1 is found late; missing it costs so much that waiting pays, else it does not
    p = np.full((3, 20, 2), [0.6, 0.4])
    p[1:, ::2], p[1:, 1::2] = [0.95, 0.05], [0.05, 0.95]
    y = np.arange(20) % 2
    fractions = [0.2, 0.9, 1.0]
    for name in (ProbabilityThreshold, FallingThreshold, EconomyGamma, Calimera):
        grave = name().fit(p, y, fractions, DecisionCost(((0, 1), (9, 0))))
        light = name().fit(p, y, fractions, DecisionCost(((0, 0.1), (0.1, 0))))
        assert grave.stop_points(p).tolist() == [1] * 20, name
        assert light.stop_points(p).tolist() == [0] * 20, name
