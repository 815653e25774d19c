"""Claims hold for the methods of the class that states them."""

import pytest

from gdpd_sklearn._claims import withdraw_claims


class Seam:
    quick = False

    def __init_subclass__(cls):
        withdraw_claims(cls, {"quick": False}, harmless=("name",))


class Quick(Seam):
    quick = True

    def work(self):
        return 1


class Mixin:
    def work(self):
        return 2


def test_a_class_that_states_it_claims_it():
    assert Quick.quick
    assert not Seam.quick


def test_nothing_is_withdrawn_where_no_method_is_replaced():
    class Renamed(Quick):
        size = 3

        def __init__(self):
            self.size = 4

        def name(self):
            return "renamed"

    assert Renamed().quick


@pytest.mark.parametrize(
    "replacement",
    [lambda self: 2, property(lambda self: 2), staticmethod(len), classmethod(lambda cls: 2)],
    ids=["function", "property", "static", "class"],
)
@pytest.mark.parametrize("method", ["work", "helper"])
def test_a_replaced_method_or_a_helper_withdraws_it(method, replacement):
    changed = type("Changed", (Quick,), {method: replacement})
    assert not changed.quick
    assert not type("Later", (changed,), {}).quick
    assert type("Stated", (changed,), {"quick": True}).quick
    assert Quick.quick


def test_a_method_from_beside_withdraws_it_where_it_comes_first():
    assert not type("Before", (Mixin, Quick), {}).quick
    assert type("After", (Quick, Mixin), {}).quick


def test_a_claim_may_be_a_property():
    class Asked(Quick):
        @property
        def quick(self):
            return "as it likes"

        def work(self):
            return 3

    assert Asked().quick == "as it likes"
    assert not type("Changed", (Asked,), {"work": lambda self: 4})().quick
