"""What rules read from probabilities, case by case."""

import numpy as np
import pytest

from gdpd_sklearn.triggers._features import (
    agreement,
    confidence,
    log_odds,
    margin,
    predictions,
    run_length,
)

ROWS = np.random.default_rng(0).dirichlet(np.ones(4), size=(3, 5))


def test_largest_and_second_largest():
    for p in range(3):
        for i in range(5):
            ordered = sorted(ROWS[p, i])
            assert confidence(ROWS)[p, i] == ordered[-1]
            assert margin(ROWS)[p, i] == ordered[-1] - ordered[-2]
            assert ROWS[p, i, predictions(ROWS)[p, i]] == ordered[-1]
    assert margin(np.ones((2, 1))).tolist() == [1.0, 1.0]
    assert predictions(np.array([0.4, 0.4, 0.2])) == 0


def test_log_odds_and_their_bound():
    assert log_odds(np.array([0.5, 0.8])) == pytest.approx([0.0, np.log(4)])
    edge = np.log(0.99 / 0.01)
    assert log_odds(np.array([0.0, 1.0]), bound=0.01) == pytest.approx([-edge, edge])


def test_runs_by_a_loop():
    rng = np.random.default_rng(1)
    safe, labels = rng.random((9, 40)) < 0.7, rng.integers(2, size=(9, 40))
    found = run_length(safe, labels)
    for i in range(40):
        run, last = 0, None
        for p in range(9):
            goes_on = safe[p, i] and run and labels[p, i] == last
            run = run + 1 if goes_on else int(safe[p, i])
            last = labels[p, i]
            assert found[p, i] == run


def test_agreement_counts_equal_winners():
    labels = [0, 0, 1, 1, 1, 0]
    assert agreement(np.eye(2)[labels][:, None])[:, 0].tolist() == [1, 2, 1, 2, 3, 1]
