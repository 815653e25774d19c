import itertools

import numpy as np
import pytest

from gdpd_sklearn.metrics import auc_prc, auc_prc_per_class


def area_by_hand(positive, score):
    """Trapezoids over (recall, precision) at every distinct score, from (0, 1) on."""
    points = [(0.0, 1.0)]
    for level in sorted(set(score), reverse=True):
        taken = [p for p, s in zip(positive, score, strict=True) if s >= level]
        points.append((sum(taken) / sum(positive), sum(taken) / len(taken)))
    return sum((r1 - r0) * (p0 + p1) / 2 for (r0, p0), (r1, p1) in itertools.pairwise(points))


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_area_equals_trapezoids_by_hand(n_classes):
    rng = np.random.default_rng(n_classes)
    y = np.concatenate([np.arange(n_classes), rng.integers(n_classes, size=30)])
    p = rng.dirichlet(np.ones(n_classes), size=len(y)).round(2)
    areas = [area_by_hand((y == k).tolist(), p[:, k].tolist()) for k in range(n_classes)]
    assert auc_prc_per_class(y, p) == pytest.approx(areas)
    assert auc_prc(y, p) == pytest.approx(np.mean(areas))


def test_labels_of_any_kind_follow_classes():
    y, p = ["b", "a", "b"], np.array([[0.1, 0.9], [0.6, 0.4], [0.3, 0.7]])
    assert auc_prc(y, p) == 1.0
    assert auc_prc(y, p[:, ::-1], classes=["b", "a"]) == 1.0
    assert auc_prc(y, p[:, ::-1]) < 1.0


@pytest.mark.parametrize(
    "arguments, word",
    [
        (([0, 1], np.ones((2, 3)) / 3), "classes"),
        (([0, 1], np.ones((2, 3)) / 3, [0, 1, 2]), r"missing there: \[2\]"),
        (([0, 2], np.ones((2, 2)) / 2, [0, 1]), r"unknown: \[2\]"),
        (([0, 0], np.ones((2, 1))), "at least two"),
        (([0, 1, 1], np.ones((2, 2)) / 2), "one row"),
    ],
)
def test_bad_input_is_named(arguments, word):
    with pytest.raises(ValueError, match=word):
        auc_prc(*arguments)
