"""SR1 and SR2 against a plain recomputation."""

import numpy as np
import pytest
from held_out_cases import loop, noisy, top_two, value_by_loop

from gdpd_sklearn.triggers import StoppingRule


@pytest.mark.parametrize("kind", ["SR1", "SR2"])
@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_stopping_rule_formula_and_choice(kind, n_classes):
    p, _, fractions = problem = noisy(2, n_classes=n_classes)
    rule = StoppingRule(rule=kind, n_candidates=300, tolerance=0.0).fit(*problem)
    weights = rule.weights_
    assert weights.shape == ((3,) if kind == "SR1" else (n_classes + 1,))
    assert np.linalg.norm(weights) == pytest.approx(1.0)

    def safe(history, weights=weights):
        first, second = top_two(history[-1])
        terms = [first, first - second] if kind == "SR1" else list(history[-1])
        return np.dot(weights, [*terms, fractions[len(history) - 1]]) > 0

    assert rule.stop_points(p).tolist() == loop(safe, p)
    reached = value_by_loop(rule.stop_points(p), *problem)
    rng = np.random.default_rng(7)
    for _ in range(20):
        other = rng.choice([-1.0, 0.5, 1.0], size=len(weights))
        if kind == "SR1" or n_classes < 4:
            tried = loop(lambda history, w=other: safe(history, w), p)
            # the grid holds these directions or near ones
            assert reached >= value_by_loop(tried, *problem) - 0.05
