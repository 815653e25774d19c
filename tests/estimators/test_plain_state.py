"""What pickles is numpy and plain Python, and opens without optional libraries."""

import io
import pickle

import numpy as np
import pandas as pd
import pytest
from synthetic import EARLY, TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier

PLAIN = {bool, int, float, str, bytes, type(None), complex, range, slice}
KINDS = {
    "partial": (GDPDClassifier, {**TINY, "keep_teacher": True, "validation_fraction": 0.25}),
    "solved": (GDPDClassifier, {**TINY, "student": "rocket", "teacher": "rocket",
                                "distiller": "kd", "keep_teacher": True}),
    "shared": (GDPDEarlyClassifier, EARLY),
    "separate": (GDPDEarlyClassifier, {**EARLY, "shared": False, "refit": True}),
    "closed form": (GDPDEarlyClassifier, {**EARLY, "shared": False, "student": None}),
    "teaser": (GDPDEarlyClassifier, {**EARLY, "trigger": "teaser"}),
}  # fmt: skip
LABELS = {
    "codes": lambda y: y,
    "text": lambda y: np.array(["no", "yes"])[y],
    "series": lambda y: pd.Series(np.array(["no", "yes"])[y]),
    "category": lambda y: pd.Series(np.array(["no", "yes"])[y], dtype="category"),
    "objects": lambda y: np.array(["no", "yes"], dtype=object)[y],
}


@pytest.fixture(scope="module")
def fitted():
    X, y = make_series()
    return {name: make(**setting).fit(X, y) for name, (make, setting) in KINDS.items()}, X


def leaves(value, place, seen):
    """Walk all that an object holds as it is pickled; give each place and what stands there."""
    if id(value) in seen:
        return
    seen[id(value)] = value
    yield place, value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(key, f"key {key!r} of {place}", seen)
            yield from leaves(each, f"{place}[{key!r}]", seen)
    elif isinstance(value, list | tuple | set | frozenset):
        for i, each in enumerate(value):
            yield from leaves(each, f"{place}[{i}]", seen)
    elif isinstance(value, np.ndarray):
        if value.dtype == object:
            yield from leaves(value.tolist(), f"{place}[…]", seen)
    elif type(value) not in PLAIN and not isinstance(value, type | np.generic | np.dtype):
        state = value.__reduce_ex__(2)[2] if value.__reduce_ex__(2)[2:] else None
        yield from leaves(state, place, seen)


def strangers(value):
    """Give the places of all that is neither numpy, nor plain Python, nor this package's."""
    return {
        place: type(each)
        for place, each in leaves(value, "", {})
        if type(each) not in PLAIN
        and type(each).__module__.partition(".")[0]
        not in ("numpy", "builtins", "collections", "gdpd_sklearn")
    }


@pytest.mark.parametrize("name", KINDS)
def test_state_is_numpy_and_plain_python(fitted, name):
    clf = fitted[0][name]
    assert strangers(clf) == {}
    allowed = {"numpy", "builtins", "collections", "gdpd_sklearn", "copyreg", "_codecs"}
    assert modules(pickle.dumps(clf)) <= allowed


def test_the_walk_finds_what_is_hidden():
    clf = GDPDClassifier()
    clf.deep_ = {"a": [(1, {"x": pd.DataFrame({"a": [1]})})]}
    assert any("deep_" in place for place in strangers(clf))


def modules(written):
    """Give the packages that a pickle imports."""
    found = set()

    class Recorder(pickle.Unpickler):
        def find_class(self, module, name):
            found.add(module.partition(".")[0])
            return super().find_class(module, name)

    Recorder(io.BytesIO(written)).load()
    return found


@pytest.mark.parametrize("name", ["partial", "shared"])
@pytest.mark.parametrize("labels", LABELS)
def test_labels_are_plain_too(name, labels):
    X, y = make_series()
    make, setting = KINDS[name]
    clf = make(**setting).fit(X, LABELS[labels](y))
    assert strangers(clf) == {}


def test_a_stream_is_plain_too(fitted):
    clfs, X = fitted
    for name in ("shared", "separate", "closed form"):
        stream = clfs[name].stream()
        stream.push_many({i: series[:, : 3 * i % 20] for i, series in enumerate(X)})
        stream.push("done", X[0])
        assert strangers(stream) == {}


def test_the_history_is_a_frame(fitted):
    for clf in fitted[0].values():
        history = clf.history_
        assert isinstance(history, pd.DataFrame)
        assert len(history) > 0
        history.loc[:, :] = -1.0  # a copy: the estimator keeps its own
        assert not (clf.history_ == -1.0).all(axis=None)
    assert not hasattr(GDPDClassifier(), "history_")
