"""The two settings of costs, by hand."""

import pickle

import numpy as np
import pytest

from benchmarks.early._costs import ALPHAS, SETTINGS, decision_cost

Y = np.array(["b", "a", "c", "a", "b", "c", "c"])  # a and b are the rarest; a comes first


def test_linear_is_alpha_times_error_and_the_rest_times_the_share_seen():
    cost = decision_cost("linear", 0.3, Y)
    np.testing.assert_allclose(cost.of([0, 1], [0, 2], [0.5, 0.2], 3), [0.35, 0.3 + 0.14])


def test_an_error_on_the_rarest_class_costs_a_hundred():
    cost = decision_cost("rare", 0.8, Y)
    true, decided, seen = [0, 1, 2], [1, 0, 2], np.array([0.5, 0.5, 1.0])
    expected = 0.8 * np.array([100, 1, 0]) + 0.2 * np.exp(np.log(100) * seen)
    np.testing.assert_allclose(cost.of(true, decided, seen, 3), expected)


@pytest.mark.parametrize("setting", SETTINGS)
def test_costs_travel_to_other_processes(setting):
    for alpha in ALPHAS:
        cost = decision_cost(setting, alpha, Y)
        again = pickle.loads(pickle.dumps(cost))
        np.testing.assert_array_equal(again.of([0], [1], [0.3], 3), cost.of([0], [1], [0.3], 3))
