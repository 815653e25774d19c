"""How probable the positive class has to be: by plain loops over levels and thresholds."""

import numpy as np
import pytest

from gdpd_sklearn.metrics import DecisionCost, LeastDelay
from gdpd_sklearn.triggers import TRIGGERS, ProbabilityThreshold, apply_temperature, fit_tilt

FRACTIONS = np.array([0.25, 0.5, 0.75, 1.0])


def rare(seed=0, n_cases=300, share=0.15):
    """Held-out probabilities in which the positive class is rare, and seldom the most probable."""
    random = np.random.default_rng(seed)
    y = (random.random(n_cases) < share).astype(int)
    evidence = random.normal(size=(4, n_cases)).cumsum(0)
    evidence += np.where(y == 1, 1.0, -1.0) * np.arange(1, 5)[:, None]
    odds = np.log(share / (1 - share)) + 0.6 * evidence
    positive = 1 / (1 + np.exp(-odds))
    return np.stack([1 - positive, positive], -1), y


def rates_of(p, y, points):
    decided = p[points, np.arange(len(y))].argmax(-1)
    return decided[y == 1].mean(), 1 - decided[y == 0].mean()


@pytest.mark.parametrize("name", TRIGGERS)
@pytest.mark.parametrize("positive", [0, 1])
def test_both_rates_are_kept_on_the_held_out_cases(name, positive, monkeypatch):
    monkeypatch.setattr("gdpd_sklearn.triggers._tilt._N_LEVELS", 6)
    p, y = rare(n_cases=60, share=0.3)
    if positive == 0:
        p, y = p[..., ::-1].copy(), 1 - y
    goal = LeastDelay(0.75, 0.75, positive)
    rule = TRIGGERS[name]()
    tilt = fit_tilt(rule, p, y, FRACTIONS, goal)
    tilted = apply_temperature(p, 1.0, tilt)
    points = rule.fit(tilted, y, FRACTIONS, goal).stop_points(tilted)
    first, second = rates_of(tilted, y, points)
    assert min(first, second) >= 0.75
    assert FRACTIONS[points].mean() < 1.0


def test_it_is_as_early_as_the_best_of_all_levels_and_thresholds():
    p, y = rare(n_cases=60, share=0.3)
    goal = LeastDelay(0.8, 0.8)
    rule = ProbabilityThreshold(tolerance=0.0)
    tilt = fit_tilt(rule, p, y, FRACTIONS, goal)
    tilted = apply_temperature(p, 1.0, tilt)
    found = FRACTIONS[rule.fit(tilted, y, FRACTIONS, goal).stop_points(tilted)].mean()
    best = 1.0
    for amount in np.linspace(-1, 3, 41):
        moved = apply_temperature(p, 1.0, (0.0, amount))
        for least in np.linspace(0.5, 1.0, 51):
            points = []
            for case in range(len(y)):
                sure = [t for t in range(4) if moved[t, case].max() >= least]
                points.append(sure[0] if sure else 3)
            if min(rates_of(moved, y, np.array(points))) >= 0.8:
                best = min(best, FRACTIONS[points].mean())
    assert best < found + 1e-9 < best + 0.06


def test_without_a_tilt_the_rate_of_a_rare_class_is_out_of_reach():
    p, y = rare()
    rule = TRIGGERS["falling_threshold"]().fit(p, y, FRACTIONS, LeastDelay(0.9))
    sensitivity, _ = rates_of(p, y, rule.stop_points(p))
    # nothing better can be had by waiting: the rule falls short least
    assert sensitivity == pytest.approx(
        max(rates_of(p, y, np.full(len(y), t))[0] for t in range(4))
    )
    assert sensitivity < 0.9


def test_a_tilt_is_an_exchange_of_priors():
    p = np.array([[0.9, 0.1], [0.4, 0.6]])
    odds = p[:, 1] / p[:, 0] * np.exp(1.5)
    expected = odds / (1 + odds)
    assert apply_temperature(p, 1.0, (0.0, 1.5))[:, 1] == pytest.approx(expected)


def least_expected(p, matrix):
    """Expected cost of each decision, written out, and the decision of the least."""
    n_classes = len(matrix)
    expected = [
        [sum(case[true] * matrix[true][to] for true in range(n_classes)) for to in range(n_classes)]
        for case in p
    ]
    return np.argmin(expected, axis=1)


@pytest.mark.parametrize(
    "matrix",
    [
        [[0, 9, 9, 9], [1, 0, 1, 1], [4, 4, 0, 4], [0.5, 0.5, 0.5, 0]],
        [[2, 9, 9, 9], [1, 0, 1, 1], [4, 4, 3, 4], [0.5, 0.5, 0.5, 0]],
        [[0, 3], [0.2, 0]],
        [[1, 3], [5, 0]],
    ],
    ids=["of each class", "right decisions cost too", "two classes", "two, right ones too"],
)
def test_the_likeliest_tilted_class_has_the_least_expected_cost(matrix):
    p = np.random.default_rng(3).dirichlet(np.ones(len(matrix)), size=400)
    y = np.zeros(400, dtype=int)
    tilt = fit_tilt(ProbabilityThreshold(), p[None], y, [1.0], DecisionCost(matrix))
    tilted = apply_temperature(p, 1.0, tilt)
    np.testing.assert_array_equal(tilted.argmax(-1), least_expected(p, matrix))
    assert (tilted.argmax(-1) != p.argmax(-1)).any()


@pytest.mark.parametrize(
    "objective",
    [
        "harmonic_mean",
        DecisionCost(),
        DecisionCost([[0, 7], [7, 0]]),
        DecisionCost(np.zeros((2, 2))),
        LeastDelay(0.8),
    ],
    ids=str,
)
def test_no_class_is_preferred_without_a_reason(objective):
    p, y = rare()
    assert fit_tilt(ProbabilityThreshold(), p, y, FRACTIONS, objective) is None


def test_errors_that_cost_nothing_give_way():
    p = np.array([[0.9, 0.1], [0.999, 0.001]])
    tilt = fit_tilt(ProbabilityThreshold(), p[None], [0, 0], [1.0], DecisionCost([[0, 0], [1, 0]]))
    assert np.isfinite(tilt).all()
    assert apply_temperature(p, 1.0, tilt).argmax(-1).tolist() == [1, 1]
