"""Few series are answered in numpy, many by torch: alike."""

import pickle

import numpy as np
import pytest
from synthetic import TINY, make_series

from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.estimators._few import FEW, FewSeries
from gdpd_sklearn.networks import PrefixModel

ROCKET = {**TINY, "student": "rocket", "distiller": "none"}


@pytest.fixture(scope="module")
def rocket():
    X, y = make_series(30, 2)
    return GDPDClassifier(**ROCKET).fit(X, y), X


def test_few_and_many_series_of_random_kernels_are_answered_alike(rocket, monkeypatch):
    clf, X = rocket
    assert len(X) > FEW
    expected = clf.predict_proba(X)
    monkeypatch.setattr(PrefixModel, "predict_proba", None)  # torch is not asked
    for cases in (slice(1), slice(3, 3 + FEW)):
        np.testing.assert_allclose(clf.predict_proba(X[cases]), expected[cases], atol=1e-6)


def test_trained_students_are_asked_themselves():
    X, y = make_series(12)
    clf = GDPDClassifier(**TINY).fit(X, y)
    np.testing.assert_array_equal(clf.predict_proba(X[:2]), clf.model_.predict_proba(X[:2]))


def test_another_model_is_not_answered_for_by_the_first(rocket):
    clf, X = rocket
    box = FewSeries()
    first = box.predict_proba(clf.model_, X[:1])
    other = GDPDClassifier(**{**ROCKET, "random_state": 5}).fit(*make_series(30, 2, seed=3)).model_
    assert not np.allclose(box.predict_proba(other, X[:1]), first)
    np.testing.assert_array_equal(box.predict_proba(clf.model_, X[:1]), first)


def test_nothing_of_it_is_pickled(rocket):
    clf, X = rocket
    fresh = pickle.dumps(FewSeries())
    expected = clf.predict_proba(X[:1])
    assert pickle.dumps(clf._few) == fresh
    again = pickle.loads(pickle.dumps(clf))
    np.testing.assert_array_equal(again.predict_proba(X[:1]), expected)
