"""Each rule against a plain recomputation."""

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge
from sklearn.svm import OneClassSVM

from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.triggers import (
    Calimera,
    CallableTrigger,
    EconomyGamma,
    FallingThreshold,
    Margin,
    ProbabilityThreshold,
    StoppingRule,
    Teaser,
)
from gdpd_sklearn.triggers._economy_gamma import _horizons
from gdpd_sklearn.triggers._held_out import HeldOut


def noisy(seed, n_cases=30, n_classes=3, n_points=6):
    rng = np.random.default_rng(seed)
    y = rng.integers(n_classes, size=n_cases)
    logits = rng.normal(size=(n_points, n_cases, n_classes))
    logits[:, np.arange(n_cases), y] += np.linspace(0, 4, n_points)[:, None]
    powers = np.exp(logits)
    fractions = np.arange(1, n_points + 1) / n_points
    return powers / powers.sum(axis=-1, keepdims=True), y, fractions


def loop(safe_at, probabilities):
    """Ask ``safe_at(history of one case)`` at each point; the last always stops."""
    n_points, n_cases = probabilities.shape[:2]
    points = []
    for i in range(n_cases):
        for p in range(n_points):
            if p == n_points - 1 or safe_at(probabilities[: p + 1, i]):
                points.append(p)
                break
    return points


def value_by_loop(points, probabilities, y, fractions):
    accuracy = np.mean([probabilities[p, i].argmax() == y[i] for i, p in enumerate(points)])
    saved = 1 - np.mean([fractions[p] for p in points])
    return 0.0 if accuracy + saved == 0 else 2 * accuracy * saved / (accuracy + saved)


def top_two(row):
    ordered = sorted(row, reverse=True)
    return ordered[0], ordered[1]


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


def test_consecutive_is_chosen_where_one_look_deceives():
    # each case is sure and wrong once, before being sure and right for good
    wrong, right, unsure = [0.05, 0.95], [0.95, 0.05], [0.45, 0.55]
    p = np.array([[wrong] * 9, [unsure] * 9, [right] * 9, [right] * 9] + [[right] * 9] * 16)
    rule = ProbabilityThreshold(consecutive=None, tolerance=0.0)
    rule.fit(p, np.zeros(9, int), np.arange(1, 21) / 20)
    assert rule.consecutive_ >= 2
    assert rule.stop_points(p).tolist() == [rule.consecutive_ + 1] * 9


def test_falling_threshold_formula():
    problem = noisy(1)
    rule = FallingThreshold().fit(*problem)
    fractions = problem[2]

    def safe(history):
        top = min(max(history[-1]), 0.999)
        demand = rule.start_ - rule.slope_ * fractions[len(history) - 1]
        return np.log(top / (1 - top)) >= demand

    assert rule.stop_points(problem[0]).tolist() == loop(safe, problem[0])
    assert rule.slope_ >= 0


def test_falling_threshold_lets_hopeless_cases_go():
    # half the cases become sure at point 4, the others never do
    n = 40
    p = np.full((20, n, 2), 0.5) + np.random.default_rng(0).uniform(0, 0.1, (20, n, 1)) * [1, -1]
    p[4:, : n // 2] = [0.99, 0.01]
    y = np.zeros(n, dtype=int)
    y[n // 2 :: 2] = 1
    fractions = np.arange(1, 21) / 20
    falling = FallingThreshold().fit(p, y, fractions)
    flat = ProbabilityThreshold(threshold=0.9).fit(p, y, fractions)
    hopeless = slice(n // 2, None)
    assert falling.stop_points(p)[hopeless].mean() < 10
    assert (flat.stop_points(p)[hopeless] == 19).all()


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


def test_teaser_is_the_one_class_svm_of_scikit_learn():
    p, y, _ = problem = noisy(3, n_cases=40)
    rule = Teaser().fit(*problem)
    features = np.array(
        [[[*row, top_two(row)[0] - top_two(row)[1]] for row in point] for point in p]
    )
    safe = np.zeros(p.shape[:2], dtype=bool)
    for i in range(len(p)):
        right = features[i][p[i].argmax(axis=1) == y]
        gamma = rule.machines_[i][3]
        svm = OneClassSVM(gamma=gamma, nu=0.05, tol=1e-4).fit(right)
        safe[i] = svm.decision_function(features[i]) >= 0
    assert safe.any()
    assert not safe.all()
    expected = []
    for i in range(p.shape[1]):
        run, last = 0, None
        for t in range(len(p)):
            label = p[t, i].argmax()
            run = (run + 1 if label == last else 1) if safe[t, i] else 0
            last = label
            if run >= rule.consecutive_ or t == len(p) - 1:
                expected.append(t)
                break
    assert rule.stop_points(p).tolist() == expected


def test_teaser_has_no_machine_where_nothing_was_right():
    p = np.full((3, 6, 2), [0.8, 0.2])
    p[0] = [0.2, 0.8]
    rule = Teaser().fit(p, np.zeros(6, dtype=int), [0.3, 0.6, 1.0])
    assert rule.machines_[0] is None
    assert rule.stop_points(p).min() >= 1


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


def test_user_function_sees_the_past_and_no_more():
    p, y, fractions = noisy(8)
    seen = []

    def steady(history, shares):
        seen.append((history.shape, shares.tolist()))
        top = history.argmax(axis=-1)
        return (top[-1] == top[0]) & (shares[-1] > 0.4)

    rule = CallableTrigger(steady).fit(p, y, fractions)
    expected = loop(lambda h: h[-1].argmax() == h[0].argmax() and fractions[len(h) - 1] > 0.4, p)
    assert rule.stop_points(p).tolist() == expected
    assert seen[2] == ((3, 30, 3), fractions[:3].tolist())


@pytest.mark.parametrize(
    "function, word",
    [
        ("margin", "callable"),
        (lambda p, f: p[-1].max(axis=-1), "bool of shape"),
        (lambda p, f: True, r"\(30,\)"),
    ],
)
def test_bad_user_functions_are_named(function, word):
    p, y, fractions = noisy(8)
    with pytest.raises(ValueError, match=word):
        CallableTrigger(function).fit(p, y, fractions).stop_points(p)


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
