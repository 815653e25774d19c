"""The least delay at which rates are kept, by plain loops."""

import itertools
import pickle

import numpy as np
import pytest
from sklearn.base import clone

from gdpd_sklearn.metrics import LeastDelay, oracle_score, oracle_stop_points


def by_loops(goal, y, decided, fractions, weight):
    found = sum(w for t, d, w in zip(y, decided, weight, strict=True) if t == d == goal.positive)
    sick = sum(w for t, w in zip(y, weight, strict=True) if t == goal.positive)
    calm = sum(
        w for t, d, w in zip(y, decided, weight, strict=True)
        if t != goal.positive and d != goal.positive
    )  # fmt: skip
    well = sum(w for t, w in zip(y, weight, strict=True) if t != goal.positive)
    short = 0.0
    for wanted, have, total in (
        (goal.sensitivity, found, sick),
        (goal.specificity, calm, well),
    ):
        if wanted is not None and total > 0:
            short += max(0.0, wanted - have / total)
    if short > 1e-9:
        return -short
    return 1 - sum(f * w for f, w in zip(fractions, weight, strict=True)) / sum(weight)


@pytest.mark.parametrize("positive", [0, 1])
@pytest.mark.parametrize("rates", [(0.6, None), (None, 0.5), (0.5, 0.75), (1.0, 1.0)])
def test_value_by_loops(rates, positive):
    random = np.random.default_rng(0)
    goal = LeastDelay(*rates, positive)
    y, decided = random.integers(2, size=12), random.integers(2, size=(40, 12))
    decided[::2] = np.where(random.random((20, 12)) < 0.85, y, decided[::2])
    fractions = random.random((40, 12))
    for weight in (None, random.uniform(0.1, 3.0, 12)):
        found = goal.value(y, decided, fractions, weight)
        each = np.ones(12) if weight is None else weight
        for row, value in enumerate(found):
            expected = by_loops(goal, y, decided[row], fractions[row], each)
            assert value == pytest.approx(expected)
    if rates != (1.0, 1.0):
        assert (found > 0).any()
    assert (found < 0).any()


def test_a_class_without_cases_keeps_its_rate():
    goal = LeastDelay(0.8, 0.8, positive="ill")
    assert goal.value(["well"] * 3, ["well"] * 3, [0.5] * 3) == 0.5
    assert [float(rate) for rate in goal.rates(["ill"], ["well"])] == [0.0, 1.0]


def test_no_vector_of_stopping_points_is_better_than_the_oracles():
    random = np.random.default_rng(1)
    fractions = np.array([0.2, 0.5, 1.0])
    for rates in ((0.6, None), (0.5, 0.5), (0.9, 0.9)):
        goal = LeastDelay(*rates)
        p = random.dirichlet([1, 1], size=(3, 7))
        y = random.permutation([0, 0, 0, 1, 1, 1, 1])
        values = []
        for points in itertools.product(range(3), repeat=7):
            decided = [p[t, i].argmax() for i, t in enumerate(points)]
            values.append(by_loops(goal, y, decided, fractions[list(points)], np.ones(7)))
        points = oracle_stop_points(p, y, fractions, goal)
        assert oracle_score(p, y, fractions, goal) == pytest.approx(max(values))
        assert points.shape == (7,)


def test_labels_become_codes():
    goal = LeastDelay(0.7, 0.6, positive="died")
    assert goal.for_classes(np.array(["died", "well"])).positive == 0
    assert goal.for_classes(np.array(["alive", "died"])).get_params() == {
        "sensitivity": 0.7, "specificity": 0.6, "positive": 1,
    }  # fmt: skip
    twin = pickle.loads(pickle.dumps(clone(goal)))
    assert twin.get_params() == goal.get_params()
    for classes in (["ill", "well"], ["died", "ill", "well"]):
        with pytest.raises(ValueError, match=r"positive='died' must be one of two labels; y has"):
            goal.for_classes(classes)


@pytest.mark.parametrize(
    "goal, word",
    [
        (LeastDelay(0.0), "sensitivity=0.0"),
        (LeastDelay(1.5), "sensitivity=1.5"),
        (LeastDelay(specificity="high"), "specificity='high'"),
        (LeastDelay(None), "sensitivity=None and specificity=None"),
    ],
)
def test_bad_rates_are_named(goal, word):
    with pytest.raises(ValueError, match=word):
        goal.check_parameters()
