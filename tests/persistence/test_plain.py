"""Values as JSON and arrays, and back."""

import datetime
import decimal
import json
import math

import numpy as np
import pytest

from gdpd_sklearn.persistence import Kind, Unwritable, pack, unpack

VALUES = {
    "none": None,
    "truth": True,
    "whole": -(10**30),
    "real": 0.1,
    "text": 'a "quote" ∂',
    "list": [1, [2.0, None], ()],
    "tuple": (1, ("a", [])),
    "dict": {"a": 1, 2: "b", (3, "c"): {}, 1.5: None, True: 0},
    "range": range(3, 20, 4),
    "date": datetime.date(2020, 2, 29),
    "moment": datetime.datetime(2020, 2, 29, 1, 2, 3, 4),
}

ARRAYS = {
    "bools": np.array([[True, False]]),
    "single": np.linspace(0, 1, 5, dtype=np.float32),
    "double": np.array([np.nan, np.inf, -0.0, 5e-324]),
    "half": np.array([1.5], np.float16),
    "ints": np.array([[-(2**63)], [2**63 - 1]]),
    "unsigned": np.array([2**64 - 1], np.uint64),
    "text": np.array([["a", ""], ["∂ and more", "b "]]),
    "bytes": np.array([b"a", b"\xff\x00\x01"]),
    "dates": np.array(["2020-01-01", "NaT"], "datetime64[D]"),
    "moments": np.array([1, -5], "datetime64[ns]"),
    "spans": np.array([1, 2], "timedelta64[s]"),
    "objects": np.array([["a", 1], [None, 2.5]], dtype=object),
    "empty": np.empty((0, 4), dtype="<U3"),
    "one": np.array(3.0),
}


def through_json(values, kinds=None):
    trees, arrays = pack(values, kinds or {})
    return unpack(json.loads(json.dumps(trees, allow_nan=False)), arrays, kinds or {})


def test_values_come_back_with_their_types():
    found = through_json(VALUES)
    assert found == VALUES
    for name, value in VALUES.items():
        assert type(found[name]) is type(value)


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_come_back_to_the_last_bit(name):
    array = ARRAYS[name]
    found = through_json({"x": [array]})["x"][0]
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    np.testing.assert_array_equal(found, array)
    if array.dtype.kind == "f":
        assert found.tobytes() == array.tobytes()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_lacks(value):
    found = through_json({"x": value})["x"]
    assert type(found) is float
    assert found == value or (math.isnan(found) and math.isnan(value))


def test_numpy_numbers_become_plain_ones():
    values = {"a": np.int64(3), "b": np.float32(0.5), "c": np.bool_(True), "d": np.str_("x")}
    found = through_json(values)
    assert found == {"a": 3, "b": 0.5, "c": True, "d": "x"}
    assert [type(each) for each in found.values()] == [int, float, bool, str]


def test_arrays_are_called_by_their_places():
    thing = Kind(lambda v: isinstance(v, complex), lambda v: {"parts": np.zeros(2)}, lambda m: 1j)
    _, arrays = pack({"a": [1j, {"k": np.zeros(1)}]}, {"thing": thing})
    assert set(arrays) == {"a[0].parts", "a[1]['k']"}


class Broken:
    def __repr__(self):
        raise KeyError


@pytest.mark.parametrize(
    "value",
    [
        lambda: 0, len, object(), object, decimal.Decimal(1), 1j, np.longdouble(1), {1, 2}, b"x",
        np.zeros(2, complex), np.zeros(2, [("a", int)]), np.array([len], dtype=object), Broken(),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_code_or_unknown_is_refused_by_its_place(value):
    with pytest.raises(Unwritable, match=r"thing\['k'\]\[1\].*joblib\.dump"):
        pack({"thing": {"k": (0, value)}}, {})


def test_what_holds_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(Unwritable, match=r"\['thing'\] hold themselves"):
        pack({"thing": loop}, {})


@pytest.mark.parametrize(
    "tree",
    [
        {}, {"unknown": 1}, {"a": 1, "b": 2}, {"array": "nowhere"}, {"array": ["x"]}, {"tuple": 3},
        {"dict": 3}, {"dict": [[1]]}, {"dict": [[[], 1]]}, {"float": "x"}, {"float": None},
        {"range": [1, 2, 0]}, {"range": "ab"}, {"date": "yesterday"}, {"date": 3},
        {"text": ["<U2", [2], ["abc", "d"]]}, {"text": ["<U9999999", [1], ["a"]]},
        {"text": ["O", [1], ["a"]]}, {"text": ["<U3", [3], ["a"]]}, {"text": ["<U3", [1], [3]]},
        {"objects": [[2], [1]]}, {"dates": ["x", "<i8"]}, {"dates": ["x", "M8[x]"]},
    ],
    ids=str,
)  # fmt: skip
def test_trees_that_nobody_wrote_are_refused(tree):
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        unpack({"x": [tree]}, {"x": np.zeros(3, np.int64)}, {})
