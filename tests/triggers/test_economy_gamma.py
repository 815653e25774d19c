"""ECONOMY-γ against a chain by loops."""

import numpy as np
import pytest
from held_out_cases import noisy

from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.triggers import EconomyGamma
from gdpd_sklearn.triggers._economy_gamma import _horizons
from gdpd_sklearn.triggers._held_out import HeldOut


def test_economy_with_one_group_is_the_best_point_in_time():
    p, y, fractions = noisy(4)
    cost = DecisionCost(delay=0.8)
    rule = EconomyGamma(n_groups=1).fit(p, y, fractions, cost)
    mean = [float(np.mean(p[t].argmax(axis=1) != y)) + 0.8 * fractions[t] for t in range(len(p))]
    # with one group the pseudo-case is the average itself, so nothing is shrunk
    expected = next(t for t in range(len(p)) if mean[t] <= min(mean[t:]) + 1e-12)
    assert rule.stop_points(p).tolist() == [expected] * p.shape[1]


def test_economy_equals_the_chain_by_loops():
    p, y, fractions = noisy(5, n_cases=25, n_points=4)
    matrix = np.array([[0, 1, 2], [3, 0, 1], [1, 1, 0]])
    cost = DecisionCost(matrix, delay=lambda f: f**2)
    rule = EconomyGamma(n_groups=3).fit(p, y, fractions, cost)
    _, horizons = _horizons(HeldOut(p, y, fractions, cost), 3, cost)
    top = p.max(axis=-1)
    n_points, n_cases = top.shape
    group = np.zeros((n_points, n_cases), dtype=int)
    for t in range(n_points):
        cuts = [np.quantile(top[t], 1 / 3), np.quantile(top[t], 2 / 3)]
        assert rule.thresholds_[t] == pytest.approx(cuts)
        group[t] = [sum(v >= c for c in cuts) for v in top[t]]
    error = [[matrix[y[i], p[t, i].argmax()] for i in range(n_cases)] for t in range(n_points)]
    for start in range(n_points):
        for g in range(3):
            here = np.eye(3)[g]
            costs = []
            for t in range(start, n_points):
                if t > start:
                    move = np.zeros((3, 3))
                    for a in range(3):
                        inside = [i for i in range(n_cases) if group[t - 1, i] == a]
                        for b in range(3):
                            n_b = sum(group[t] == b) / n_cases
                            move[a, b] = (sum(group[t, i] == b for i in inside) + n_b) / (
                                len(inside) + 1
                            )
                    here = here @ move
                each = []
                for b in range(3):
                    inside = [error[t][i] for i in range(n_cases) if group[t, i] == b]
                    each.append((sum(inside) + np.mean(error[t])) / (len(inside) + 1))
                assert horizons[start, t, g] == pytest.approx(here @ each)
                costs.append(here @ each + fractions[t] ** 2)
            assert rule.stops_[start, g] == (costs[0] <= min(costs) + 1e-9)
    # both answers must occur, or the loop above has proved little
    assert 0 < rule.stops_[:-1].mean() < 1


def test_weights_count_cases_in_groups_and_moves():
    p, y, fractions = noisy(5, n_cases=25, n_points=4)
    copies = np.random.default_rng(0).integers(1, 4, 25)
    cost = DecisionCost(delay=0.3)
    weight = copies / copies.mean()
    thresholds, horizons = _horizons(HeldOut(p, y, fractions, cost, weight), 2, cost)
    top = p.max(axis=-1)
    group = (top >= thresholds).astype(int)
    wrong = (p.argmax(axis=-1) != y).astype(float)
    for g in range(2):
        inside = group[1] == g
        expected = (weight[inside] @ wrong[1, inside] + np.average(wrong[1], weights=weight)) / (
            weight[inside].sum() + 1
        )
        assert horizons[1, 1, g] == pytest.approx(expected)
        later = 0.0
        for other in range(2):
            both = (group[1] == g) & (group[2] == other)
            share = weight[group[2] == other].sum() / weight.sum()
            move = (weight[both].sum() + share) / (weight[group[1] == g].sum() + 1)
            later += move * horizons[2, 2, other]
        assert horizons[1, 2, g] == pytest.approx(later)
