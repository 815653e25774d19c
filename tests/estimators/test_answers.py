"""Labels of an early classifier: in the caller's own type, and -1 where nothing is decided."""

import copy
import pickle
from functools import cache

import numpy as np
import pandas as pd
import pytest
from early_cases import assert_same, whimsical
from synthetic import EARLY, make_series

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.estimators._answers import EarlyAnswer
from gdpd_sklearn.networks import CausalFCN

# one that learns fast: both classes are decided
CLEVER = {**EARLY, "student": CausalFCN((8, 8), (5, 3)), "distiller": "none"}

LABELS = [
    np.array([-1, 1]), np.array(["-1", "1"]), np.array(["no", "yes"]), np.array(["a", "b"]),
    np.array([7, 3]), np.array([-1.0, 2.0]), np.array([2, -1], dtype=np.int8),
]  # fmt: skip


@cache
def of_codes(codes):
    """A classifier of the usual series with labels 0 and 1, as a tuple."""
    return GDPDEarlyClassifier(**CLEVER, trigger=whimsical).fit(make_series()[0], np.array(codes))


@pytest.mark.parametrize("labels", LABELS, ids=lambda labels: f"{labels.tolist()} {labels.dtype}")
def test_labels_come_back_in_one_type(series, labels):
    X, codes = series
    y = labels[codes]
    clf = GDPDEarlyClassifier(**CLEVER, trigger=whimsical).fit(X, y)
    np.testing.assert_array_equal(clf.classes_, np.unique(labels))
    whole = clf.predict_early(X)
    plain = np.searchsorted(clf.classes_, y)
    reference = of_codes(tuple(plain.tolist()))
    expected = reference.predict_early(X)
    assert_same(whole, (clf.classes_[expected.labels], *expected[1:]))
    assert tuple(clf.score(X, y)) == tuple(reference.score(X, plain))
    kinds = set()
    for length in (3, 5, 12, 20):  # none, some and all decided
        predicted, decisions = clf.predict(X[:, :, :length])
        kinds.add(predicted.dtype)
        np.testing.assert_array_equal(decisions, whole.stop_times <= length)
        np.testing.assert_array_equal(predicted[decisions], whole.labels[decisions])
        placeholder = np.array(-1).astype(predicted.dtype)
        assert (predicted[~decisions] == placeholder).all()
    assert kinds == {whole.labels.dtype}
    assert whole.labels.dtype.kind == labels.dtype.kind


def test_a_label_of_minus_one_is_a_decision_like_any_other(series):
    X, codes = series
    for labels in (np.array([-1, 1]), np.array(["-1", "1"])):
        clf = GDPDEarlyClassifier(**CLEVER, trigger=whimsical).fit(X, labels[codes])
        whole = clf.predict_early(X)
        indices = np.arange(24)
        collisions = 0
        for length in (5, 10, 15, 20):
            predicted, decisions = clf.update_predict(X[indices][:, :, :length])
            np.testing.assert_array_equal(predicted[decisions], whole.labels[indices[decisions]])
            collisions += (predicted[decisions] == labels[0]).any() and not decisions.all()
            indices = indices[~decisions]
            if len(indices) == 0:
                break
        assert len(indices) == 0
        assert collisions > 0  # both meanings of -1 in one answer, else this shows little


def test_pandas_labels(series):
    X, codes = series
    names = np.array(["a", "b"])[codes]
    clf = GDPDEarlyClassifier(**EARLY).fit(X, pd.Series(names))
    expected = GDPDEarlyClassifier(**EARLY).fit(X, names)
    assert_same(clf.predict_early(X), expected.predict_early(X))
    assert clf.score(X, pd.Series(names)) == expected.score(X, names)
    assert clf.score(X, list(names)) == expected.score(X, names)


def test_labels_unknown_to_fit_count_as_errors(clf):
    X, y = make_series(seed=1)
    right = clf.predict_early(X).labels == y
    for other in (-5, 9):
        assert clf.score(X, np.where(np.arange(24) < 12, other, y)).accuracy == np.mean(
            right & (np.arange(24) >= 12)
        )


def test_a_pair_is_a_tuple_that_says_where_the_plain_arrays_are():
    labels, decisions = np.array([1, 0]), np.array([True, False])
    pair = EarlyAnswer(labels, decisions)
    assert isinstance(pair, tuple)
    one, other = pair
    assert one is labels
    assert other is decisions
    for twin in (pickle.loads(pickle.dumps(pair)), copy.deepcopy(pair)):
        assert type(twin) is EarlyAnswer
        np.testing.assert_array_equal(twin[0], labels)
    for take in (
        np.asarray,
        lambda p: np.concatenate([p, p]),
        np.shape,
        lambda p: p.shape,
        lambda p: hasattr(p, "shape"),
    ):
        with pytest.raises(TypeError, match=r"as_classifier\(\).*SCORERS"):
            take(pair)
