"""CALIMERA against scikit-learn's kernel ridge."""

import numpy as np
from held_out_cases import noisy, top_two
from sklearn.kernel_ridge import KernelRidge

from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.triggers import Calimera


def test_calimera_equals_kernel_ridge_by_loops():
    p, y, fractions = noisy(6)
    matrix = np.array([[0, 1, 2], [3, 0, 1], [1, 1, 0]])
    rule = Calimera(regularization=0.5).fit(p, y, fractions, DecisionCost(matrix, delay=0.6))
    features = np.array(
        [[[*row, top_two(row)[0] - top_two(row)[1], max(row)] for row in point] for point in p]
    )
    cost = np.array(
        [
            [sum(row[k] * matrix[k, row.argmax()] for k in range(3)) + 0.6 * f for row in point]
            for point, f in zip(p, fractions, strict=True)
        ]
    )
    fresh = noisy(7)[0]
    seen = np.array(
        [[[*row, top_two(row)[0] - top_two(row)[1], max(row)] for row in point] for point in fresh]
    )
    waits = np.zeros(fresh.shape[:2], dtype=bool)
    for t in range(len(p) - 2, -1, -1):
        model = KernelRidge(kernel="rbf", alpha=0.5)
        model.fit(features[t], cost[t + 1] - cost[t])
        gain = model.predict(features[t])
        cost[t] = np.where(gain < 0, cost[t + 1], cost[t])
        waits[t] = model.predict(seen[t]) < 0
    expected = [int(np.argmin(waits[:, i])) for i in range(fresh.shape[1])]
    assert len(set(expected)) > 1
    assert rule.stop_points(fresh).tolist() == expected


def test_a_weight_of_w_is_w_equal_cases():
    p, y, fractions = noisy(2)
    copies = np.random.default_rng(0).integers(1, 4, len(y))
    often = np.repeat(np.arange(len(y)), copies)
    cost = DecisionCost(delay=0.4)
    # weights are 1 on average, and the penalty is meant for such
    rule = Calimera().fit(p, y, fractions, cost, sample_weight=copies)
    repeated = Calimera(regularization=copies.mean())
    repeated.fit(p[:, often], y[often], fractions, cost)
    for point in range(len(fractions) - 1):
        summed = np.bincount(often, repeated.coefficients_[point])
        np.testing.assert_allclose(rule.coefficients_[point], summed, atol=1e-9)
