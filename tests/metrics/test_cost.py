import pickle

import numpy as np
import pytest
from sklearn.base import clone

from gdpd_sklearn.metrics import DecisionCost, average_cost


def test_default_cost_is_error_plus_earliness():
    y, decided = np.array([0, 1, 2, 1]), np.array([0, 2, 2, 1])
    fractions = np.array([0.2, 0.4, 1.0, 0.4])
    assert average_cost(y, decided, fractions) == pytest.approx(0.25 + 0.5)


def test_matrix_is_read_true_then_predicted():
    cost = DecisionCost(misclassification=((0, 1), (5, 0)), delay=0.0)
    assert average_cost(["no"], ["yes"], [0.5], cost, classes=["no", "yes"]) == 1.0
    assert average_cost(["yes"], ["no"], [0.5], cost, classes=["no", "yes"]) == 5.0


def test_classes_may_be_in_any_order():
    cost = DecisionCost(misclassification=((0, 1), (5, 0)), delay=0.0)
    assert average_cost(["no"], ["yes"], [0.5], cost, classes=["yes", "no"]) == 5.0


def test_delay_may_be_a_function():
    cost = DecisionCost(delay=lambda f: 3 * f**2)
    assert average_cost([1, 0], [1, 0], [0.5, 1.0], cost) == pytest.approx((0.75 + 3) / 2)


def test_costs_broadcast_over_points():
    cost = DecisionCost(delay=2.0)
    decided = np.array([[0, 1], [1, 1]])
    table = cost.of(np.array([1, 1]), decided, np.array([[0.5], [1.0]]))
    assert table.tolist() == [[2.0, 1.0], [2.0, 2.0]]


def test_clone_params_and_pickle():
    cost = DecisionCost(misclassification=((0, 1), (2, 0)), delay=0.3)
    twin = pickle.loads(pickle.dumps(clone(cost)))
    assert twin.get_params() == cost.get_params()
    assert cost.set_params(delay=0.5).delay_cost(1.0) == 0.5


@pytest.mark.parametrize(
    "cost, word",
    [
        (DecisionCost("absolute"), "misclassification='absolute'"),
        (DecisionCost([[0, 1, 1], [1, 0, 1], [1, 1, 0]]), r"\(2, 2\)"),
        (DecisionCost([[0, np.nan], [1, 0]]), "misclassification"),
        (DecisionCost([[0, 1], [1]]), "misclassification"),
        (DecisionCost(delay=-1.0), "delay=-1.0"),
        (DecisionCost(delay="linear"), "delay='linear'"),
        (DecisionCost(delay=np.inf), "delay"),
        (DecisionCost(delay=lambda: 1.0), r"delay=.* must take the arguments \(fractions\)"),
        (DecisionCost(delay=lambda f: f[:1]), "shape"),
        (DecisionCost(delay=lambda f: f * np.nan), "finite"),
    ],
)
def test_bad_costs_are_named(cost, word):
    with pytest.raises(ValueError, match=word):
        average_cost([0, 1], [0, 0], [0.5, 1.0], cost)


@pytest.mark.parametrize(
    "arguments, word",
    [
        (([0], [0, 1], [0.5]), "one length"),
        (([], [], []), "one length"),
        (([0, 1], [0, 1], [0.5, 0.5], None, [0, 2]), r"lacks the labels \[1\]"),
    ],
)
def test_bad_decisions_are_named(arguments, word):
    with pytest.raises(ValueError, match=word):
        average_cost(*arguments)


def test_costs_by_label_are_a_matrix_in_the_order_of_the_labels():
    classes = np.array(["died", "moved", "well"])
    cost = DecisionCost({"well": 3, "died": {"well": 7, "died": 0.5}}, delay=0.2)
    expected = [[0.5, 1, 7], [1, 0, 1], [3, 3, 0]]
    assert cost.for_classes(classes).matrix(3).tolist() == expected
    assert cost.for_classes(classes).delay == 0.2
    assert (
        cost.for_classes(classes[::-1]).matrix(3).tolist()
        == np.array(expected)[::-1, ::-1].tolist()
    )
    by_code = DecisionCost({2: 3, 0: {2: 7, 0: 0.5}})
    assert by_code.matrix(3).tolist() == expected
    assert by_code.of([0, 2], [2, 1], [0.5, 0.5]).tolist() == [7.5, 3.5]
    y, decided = ["died", "well", "moved"], ["well", "well", "died"]
    assert average_cost(y, decided, [0.5] * 3, cost, classes) == pytest.approx(
        (7 + 0 + 1) / 3 + 0.1
    )
    plain = DecisionCost()
    assert plain.for_classes(classes) is plain


@pytest.mark.parametrize(
    "costs, word",
    [
        ({"gone": 2}, r"names 'gone'; labels are \['died', 'well'\]"),
        ({"died": {"gone": 2}}, "names 'gone'"),
        ({"died": "much"}, r"misclassification\['died'\]='much' must be a number"),
        ({"died": {"well": np.nan}}, r"misclassification\['died'\]\['well'\]=nan"),
    ],
)
def test_bad_costs_by_label_are_named(costs, word):
    with pytest.raises(ValueError, match=word):
        DecisionCost(costs).for_classes(["died", "well"])
