"""The anticipating trial: its prior against theory, and what it waits for."""

import numpy as np
from scipy.special import softmax
from scipy.stats import norm

from benchmarks.research._anticipating import Anticipating
from gdpd_sklearn.metrics import DecisionCost


def walks(n_cases, n_points, drift, seed):
    """Probabilities (P, N, 2) whose log-odds for the truth are Gaussian walks."""
    random = np.random.default_rng(seed)
    y = np.arange(n_cases) % 2
    steps = drift + random.normal(size=(n_points, n_cases))
    odds = steps.cumsum(0)
    logits = np.zeros((n_points, n_cases, 2))
    logits[:, np.arange(n_cases), y] = odds
    return softmax(logits, -1), y


def test_later_answers_of_walks_are_right_as_theory_says():
    p, y = walks(20_000, 4, 0.3, 0)
    rule = Anticipating().fit(p, y, [0.25, 0.5, 0.75, 1.0], DecisionCost())
    seen = np.array([[[0.2, -0.2]], [[0.5, -0.5]]])  # the first class leads by 0.2, then by 0.5
    steps = np.array([1.0, 2.0])
    for class_, lead in enumerate((0.5, -0.5)):
        expected = norm.cdf((lead + 0.3 * steps) / np.sqrt(steps))
        np.testing.assert_allclose(rule._later_right(seen)[:, 0, class_], expected, atol=0.02)


def test_it_waits_for_answers_that_will_be_better_and_for_nothing_else():
    fractions = [0.1, 0.2, 0.3, 1.0]
    better, y = walks(400, 4, 2.0, 1)
    stays = np.repeat(better[:1], 4, axis=0)
    cheap = DecisionCost(delay=0.01)
    waiting = Anticipating().fit(better, y, fractions, cheap).stop_points(better)
    assert waiting.mean() > 1.0
    assert (Anticipating().fit(stays, y, fractions, cheap).stop_points(stays) == 0).mean() > 0.9
    dear = Anticipating().fit(better, y, fractions, DecisionCost(delay=50.0))
    assert (dear.stop_points(better) == 0).all()
