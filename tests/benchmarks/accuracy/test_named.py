"""Parts by name, and of one's own."""

from fractions import Fraction

import pytest

from benchmarks.accuracy._estimator import make_distiller
from benchmarks.accuracy._named import make_named
from gdpd_sklearn.distillers import KD


def test_names_and_own_classes():
    assert make_named("part", "zero", {"zero": Fraction}) == 0
    assert isinstance(make_named("part", "fractions:Fraction", {}), Fraction)
    assert isinstance(make_distiller("kd"), KD)
    assert isinstance(make_distiller("gdpd_sklearn.distillers:KD"), KD)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("one", r"part: 'one' is unknown; known are \['zero'\], and module:Class for your own"),
        ("nowhere_at_all:One", "'nowhere_at_all:One' cannot be made: No module named"),
        ("fractions:One", "'fractions:One' cannot be made: module 'fractions' has no attribute"),
        ("datetime:date", "'datetime:date' cannot be made: .*required argument"),
        (":One", "':One' cannot be made: Empty module name"),
    ],
)
def test_what_cannot_be_made_is_named(name, message):
    with pytest.raises(ValueError, match=message):
        make_named("part", name, {"zero": Fraction})


def test_a_stranger_is_no_distiller():
    with pytest.raises(ValueError, match="'fractions:Fraction' is no gdpd"):
        make_distiller("fractions:Fraction")
