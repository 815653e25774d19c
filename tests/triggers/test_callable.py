"""A user's function as a rule."""

import pytest
import torch
from held_out_cases import loop, noisy

from gdpd_sklearn.triggers import CallableTrigger


def test_user_function_sees_the_past_and_no_more():
    p, y, fractions = noisy(8)
    seen = []

    def steady(history, shares):
        seen.append((history.shape, shares.tolist()))
        top = history.argmax(axis=-1)
        return (top[-1] == top[0]) & (shares[-1] > 0.4)

    rule = CallableTrigger(steady).fit(p, y, fractions)
    expected = loop(lambda h: h[-1].argmax() == h[0].argmax() and fractions[len(h) - 1] > 0.4, p)
    assert rule.stop_points(p).tolist() == expected
    assert seen[2] == ((3, 30, 3), fractions[:3].tolist())


@pytest.mark.parametrize(
    "function, word",
    [
        ("margin", "callable"),
        (lambda p, f: p[-1].max(axis=-1), "bool of shape"),
        (lambda p, f: True, r"\(30,\)"),
    ],
)
def test_bad_user_functions_are_named(function, word):
    p, y, fractions = noisy(8)
    with pytest.raises(ValueError, match=word):
        CallableTrigger(function).fit(p, y, fractions).stop_points(p)


def test_a_function_that_takes_other_arguments_is_named():
    p, y, fractions = noisy(8)
    rule = CallableTrigger(lambda *seen: seen[2]).fit(p, y, fractions)
    with pytest.raises(IndexError):  # an error of the user's own
        rule.stop_points(p)
    with pytest.raises(TypeError, match=r"function=Identity\(\) failed on \(probabilities"):
        CallableTrigger(torch.nn.Identity()).fit(p, y, fractions).stop_points(p)
