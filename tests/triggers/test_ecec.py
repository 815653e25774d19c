"""ECEC against a plain recomputation."""

import numpy as np
import pytest
from held_out_cases import loop, noisy, value_by_loop

from gdpd_sklearn.triggers import Ecec


def reliability(labels, y, said, true):
    """Share of ``true`` among the cases that were called ``said``."""
    called = [i for i, label in enumerate(labels) if label == said]
    return sum(y[i] == true for i in called) / len(called) if called else 0.0


def confidence(history, learnt, y, fuse):
    labels = [int(np.argmax(row)) for row in history]
    doubt = 1.0
    for point, label in enumerate(labels):
        if fuse == "all" or label == labels[-1]:
            doubt *= 1 - reliability(learnt[point], y, label, labels[-1])
    return 1 - doubt


@pytest.mark.parametrize("fuse", ["agreeing", "all"])
def test_confidence_and_choice_by_loops(fuse):
    p, y, _ = problem = noisy(0, n_cases=40)
    learnt = p.argmax(axis=-1)
    rule = Ecec(fuse=fuse, tolerance=0.0).fit(*problem)

    def safe(history, least=rule.threshold_):
        return confidence(history, learnt, y, fuse) >= least - 1e-12

    new = noisy(1, n_cases=60)[0]
    expected = loop(safe, new)
    assert len(set(expected)) > 1
    assert rule.stop_points(new).tolist() == expected
    # no threshold between two confidences is better
    reached = value_by_loop(loop(safe, p), *problem)
    seen = sorted(
        {confidence(p[: t + 1, i], learnt, y, fuse) for t in range(len(p)) for i in range(40)}
    )
    for low, high in zip(seen[::9], seen[1::9], strict=False):
        middle = (low + high) / 2
        other = value_by_loop(loop(lambda h, m=middle: safe(h, m), p), *problem)
        assert reached >= other - 0.02


def test_only_the_predicted_class_is_read():
    p, y, fractions = noisy(2)
    hard = np.eye(3)[p.argmax(axis=-1)]
    soft = Ecec().fit(p, y, fractions)
    other = Ecec().fit(hard, y, fractions)
    assert soft.threshold_ == other.threshold_
    assert soft.stop_points(p).tolist() == other.stop_points(hard).tolist()


def test_a_class_that_was_never_predicted_gives_no_confidence():
    p = np.full((3, 8, 2), [0.8, 0.2])
    y = np.array([0] * 6 + [1] * 2)
    rule = Ecec().fit(p, y, [0.3, 0.6, 1.0])
    assert rule.reliability_[:, 0, 0] == pytest.approx([0.75] * 3)
    assert not rule.reliability_[:, 1].any()
    assert rule.stop_points(1 - p).tolist() == [2] * 8


def test_a_weight_of_w_is_w_equal_cases():
    p, y, fractions = noisy(2)
    copies = np.random.default_rng(0).integers(1, 4, len(y))
    often = np.repeat(np.arange(len(y)), copies)
    rule = Ecec().fit(p, y, fractions, sample_weight=copies)
    repeated = Ecec().fit(p[:, often], y[often], fractions)
    np.testing.assert_allclose(rule.reliability_, repeated.reliability_)
