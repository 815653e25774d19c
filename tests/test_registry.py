"""Names to parts."""

import numpy as np
import pytest

from gdpd_sklearn._registry import resolve, with_plain_numbers
from gdpd_sklearn.distillers import GDPD, KD, Sum
from gdpd_sklearn.recipes import Training


class Part:
    pass


class Other:
    pass


PARTS = {"first": Part, "second": Part}


def test_a_name_gives_a_fresh_part_each_time():
    one, two = (resolve("first", PARTS, "part", Part) for _ in range(2))
    assert isinstance(one, Part)
    assert one is not two


def test_an_object_is_returned_as_it_is():
    part = Part()
    assert resolve(part, PARTS, "part", Part) is part
    other = Other()
    assert resolve(other, PARTS, "part") is other


def test_unknown_name_lists_the_valid_ones_and_guesses():
    with pytest.raises(ValueError, match=r"part='frist'.*did you mean 'first'.*first.*second"):
        resolve("frist", PARTS, "part", Part)


def test_no_guess_for_a_name_like_no_other():
    with pytest.raises(ValueError) as caught:
        resolve("xyz", PARTS, "part", Part)
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize("wrong", [Part, Other(), 3, None], ids=["class", "other", "int", "None"])
def test_wrong_object_is_a_type_error_that_names_the_base(wrong):
    with pytest.raises(TypeError, match=r"part=.*\['first', 'second'\].*instance of Part"):
        resolve(wrong, PARTS, "part", Part)


def test_a_class_is_refused_even_without_a_base():
    with pytest.raises(TypeError, match="part"):
        resolve(Part, PARTS, "part")


def test_numbers_of_a_part_become_pythons_own():
    method = Sum(GDPD(n_sampling_steps=np.uint8(4), weight=np.float32(0.5)), KD(temperature=10**12))
    assert with_plain_numbers(method) is method
    gdpd, kd = method.parts
    assert (gdpd.n_sampling_steps, gdpd.weight, kd.temperature) == (4, 0.5, 1e12)
    assert [type(v) for v in (gdpd.n_sampling_steps, gdpd.weight, kd.temperature)] == [
        int, float, float
    ]  # fmt: skip
    assert type(with_plain_numbers(GDPD(warmup=np.int8(3))).warmup) is int  # epochs, no share
    assert with_plain_numbers(Training(batch_size=None)).batch_size is None
