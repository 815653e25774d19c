"""Parts in files: by name, without code."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from gdpd_sklearn.distillers import GDPD, KD, Sum
from gdpd_sklearn.networks import FCN, Custom
from gdpd_sklearn.persistence import (
    UnknownPart,
    Unwritable,
    name_of,
    own_parts,
    pack,
    part_kind,
    unpack,
)
from gdpd_sklearn.triggers import Calimera, StoppingRule


class Mine(BaseEstimator):
    def __init__(self, size=3):
        self.size = size

    def work(self):
        return self.size


def again(part, *strangers):
    own = own_parts([FCN, GDPD, KD, Sum, Custom, Calimera, StoppingRule])
    trees, arrays = pack({"part": part}, {"part": part_kind({})})
    return unpack(trees, arrays, {"part": part_kind(own, strangers)})["part"]


@pytest.mark.parametrize(
    "part", [FCN((3, 4), (5, 6)), GDPD(warmup=3), Sum(KD(2.0), KD(3.0), GDPD())]
)
def test_a_part_comes_back(part):
    found = again(part)
    assert type(found) is type(part)
    assert repr(found) == repr(part)


def test_what_was_learned_comes_back():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(3), size=(4, 30))
    y = rng.integers(3, size=30)
    for rule in (Calimera(), StoppingRule()):
        rule.fit(p, y, [0.25, 0.5, 0.75, 1.0])
        found = again(rule)
        np.testing.assert_array_equal(found.stop_points(p), rule.stop_points(p))
        assert vars(found).keys() == vars(rule).keys()


def test_names_tell_ours_from_theirs():
    assert name_of(FCN) == "gdpd_sklearn.networks.FCN"
    assert name_of(GDPD) == "gdpd_sklearn.distillers.GDPD"
    assert name_of(Mine) == f"{Mine.__module__}.Mine"
    assert name_of(type("FCN", (), {"__module__": "gdpd_sklearn_mine"})) == "gdpd_sklearn_mine.FCN"


def test_a_strangers_class_is_handed_in():
    with pytest.raises(UnknownPart, match=r"holds the part '.*\.Mine'.*parts="):
        again(Mine(4))
    assert again(Mine(4), Mine).work() == 4


@pytest.mark.parametrize("parts", [(3,), (Mine(),), (int,)])
def test_what_is_no_class_of_a_part_is_refused(parts):
    with pytest.raises(TypeError, match="parts="):
        part_kind({}, parts)


def test_two_classes_of_one_name_are_refused():
    twin = type("Mine", (BaseEstimator,), {"__module__": Mine.__module__})
    with pytest.raises(ValueError, match="two classes of the name"):
        part_kind({}, (Mine, twin))


def test_code_is_named_by_its_place():
    with pytest.raises(Unwritable, match=r"^part\.backbone=.*joblib\.dump"):
        again(Custom(lambda n_channels, n_timepoints: None))


@pytest.mark.parametrize("key", ["work", "__class__", "__dict__", "no name", "size", "set_params"])
def test_a_file_cannot_replace_methods(key):
    members = {"class": name_of(Mine), "arguments": [], "parameters": {}, "learned": {key: 3}}
    with pytest.raises(ValueError, match=r"cannot have learned|is a parameter"):
        part_kind({}, (Mine,)).together(members)
