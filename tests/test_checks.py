"""Checks of single parameters, as tables."""

import numpy as np
import pytest

from gdpd_sklearn._checks import check_choice, check_int, check_real


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


def test_a_real_without_maximum_is_finite():
    assert check_real("r", 1e300, 0.0) == 1e300
    for value in (np.inf, np.nan):
        with pytest.raises(ValueError, match=r"\[0, inf\)"):
            check_real("r", value, 0.0)


def test_choice_accepts_what_is_listed():
    assert check_choice("c", "a", ("a", "b")) == "a"
    assert check_choice("c", None, ("a", None)) is None


@pytest.mark.parametrize("value", ["c", None, 1, ["a"]])
def test_choice_lists_what_is_allowed(value):
    with pytest.raises(ValueError, match=r"c=.* must be one of \['a', 'b'\]"):
        check_choice("c", value, ("a", "b"))
