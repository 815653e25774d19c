"""TEASER's machines against scikit-learn's."""

import numpy as np
from held_out_cases import noisy, top_two
from sklearn.svm import OneClassSVM

from gdpd_sklearn.triggers import Teaser
from gdpd_sklearn.triggers._kernel import kernel_sum
from gdpd_sklearn.triggers._teaser import _features


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


def test_a_weight_of_w_is_w_equal_cases(monkeypatch):
    monkeypatch.setattr("gdpd_sklearn.triggers._teaser.GAMMAS", (2.5,))
    p, y, fractions = noisy(2)
    copies = np.random.default_rng(0).integers(1, 4, len(y))
    often = np.repeat(np.arange(len(y)), copies)
    rule = Teaser(nu=0.3).fit(p, y, fractions, sample_weight=copies)
    repeated = Teaser(nu=0.3).fit(p[:, often], y[often], fractions)
    assert rule.consecutive_ == repeated.consecutive_
    new, _, _ = noisy(3)
    features = _features(new)
    for point, (one, other) in enumerate(zip(rule.machines_, repeated.machines_, strict=True)):
        accepted = []
        for support, coefficients, offset, gamma in (one, other):
            values = kernel_sum(features[point], support, coefficients, gamma) + offset
            accepted.append(values / np.abs(values).max())
        np.testing.assert_allclose(*accepted, atol=2e-2)
