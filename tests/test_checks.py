"""Checks of single parameters, as tables."""

from fractions import Fraction

import numpy as np
import pytest

from gdpd_sklearn._checks import (
    check_choice,
    check_int,
    check_real,
    check_switch,
    check_takes,
    check_weights,
)


@pytest.mark.parametrize("value", [1, 5, np.int64(1), np.uint8(3)])
def test_int_accepts_and_gives_a_plain_int(value):
    checked = check_int("n", value, 1)
    assert type(checked) is int
    assert checked == value


@pytest.mark.parametrize("value", [0, -1, 1.0, True, False, np.bool_(True), "1", None, np.nan])
def test_int_refuses(value):
    with pytest.raises(ValueError, match=r"^n=.* must be an integer of at least 1\.$"):
        check_int("n", value, 1)


@pytest.mark.parametrize("value", [0, 0.5, 1, 1.0, np.float32(0.25), np.int64(1)])
def test_real_accepts_and_gives_a_plain_float(value):
    checked = check_real("r", value, 0.0, 1.0)
    assert type(checked) is float
    assert checked == value


@pytest.mark.parametrize(
    "value", [-0.1, 1.1, np.nan, np.inf, -np.inf, True, np.bool_(False), "0.5", None, 1j]
)
def test_real_refuses(value):
    with pytest.raises(ValueError, match=r"^r=.* must be a number in \[0, 1\]\.$"):
        check_real("r", value, 0.0, 1.0)


@pytest.mark.parametrize(
    ("options", "value", "interval"),
    [
        ({"open_minimum": True}, 0.0, r"\(0, 1\]"),
        ({"open_maximum": True}, 1.0, r"\[0, 1\)"),
    ],
)
def test_open_ends_are_excluded_and_shown(options, value, interval):
    with pytest.raises(ValueError, match=interval):
        check_real("r", value, 0.0, 1.0, **options)


def test_a_real_without_maximum_is_one_that_single_precision_computes_with():
    assert check_real("r", 1e30, 0.0) == 1e30
    assert check_real("r", 1e-30, 0.0, open_minimum=True) == 1e-30
    with pytest.raises(ValueError, match=r"\(0, 1e\+30\]"):
        check_real("r", 1e-300, 0.0, open_minimum=True)
    for value in (np.inf, np.nan, 1e300, 2**2000, Fraction(1, 2)):
        with pytest.raises(ValueError, match=r"\[0, 1e\+30\]"):
            check_real("r", value, 0.0)


def test_choice_accepts_what_is_listed():
    assert check_choice("c", "a", ("a", "b")) == "a"
    assert check_choice("c", None, ("a", None)) is None


@pytest.mark.parametrize("value", ["c", None, 1, ["a"]])
def test_choice_lists_what_is_allowed(value):
    with pytest.raises(ValueError, match=r"c=.* must be one of \['a', 'b'\]"):
        check_choice("c", value, ("a", "b"))


def test_an_int_has_a_maximum_where_more_makes_no_sense():
    assert check_int("n", np.int32(7), 1, 7) == 7
    for value in (0, 8, 10**30, 7.0):
        with pytest.raises(ValueError, match=r"^n=.* must be an integer in \[1, 7\]\.$"):
            check_int("n", value, 1, 7)


@pytest.mark.parametrize("value", [True, False, np.True_, np.False_])
def test_a_switch_is_a_plain_bool(value):
    checked = check_switch("s", value)
    assert type(checked) is bool
    assert checked == value


@pytest.mark.parametrize("value", [0, 1, "true", "false", None, [], [True], np.array([True]), 1.0])
def test_a_switch_takes_nothing_else(value):
    with pytest.raises(ValueError, match=r"^s=.* must be True or False\.$"):
        check_switch("s", value)


def test_a_choice_is_no_element_by_element_comparison():
    for value in (np.array(["a", "b"]), np.array([1]), ["a"], {}, np.float64("nan")):
        with pytest.raises(ValueError, match=r"^c=.* must be one of \['a', 1\]"):
            check_choice("c", value, ("a", 1))
    assert check_choice("c", np.str_("a"), ("a", 1)) == "a"
    assert check_choice("c", np.int64(1), ("a", 1)) == 1


def test_a_function_is_asked_for_its_arguments_before_it_is_called():
    check_takes("f", lambda a, b, c=1: 0, ("a", "b"))
    check_takes("f", min, ("a", "b"))  # nothing is known of it
    for function in (lambda: 0, lambda a: 0, lambda a, b, c: 0):
        with pytest.raises(ValueError, match=r"^f=<function .* must take the arguments \(a, b\)"):
            check_takes("f", function, ("a", "b"))


def test_weights_are_numbers_of_at_least_zero():
    assert check_weights(None, 3) is None
    np.testing.assert_array_equal(check_weights([1, 0, 2.5], 3), [1.0, 0.0, 2.5])
    for bad in ([1, 2], [1, -1, 1], [0, 0, 0], [1, np.nan, 1], [np.inf] * 3, "abc", [None] * 3):
        with pytest.raises(ValueError, match=r"sample_weight="):
            check_weights(bad, 3)
