"""A cache is believed only if it holds what was put there."""

import warnings

import numpy as np
import pytest
from corruption import N_CORRUPTIONS, corrupted
from joblib import Memory
from synthetic import TINY, make_series

from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.fitting._recall import recall

CALLS = []


def squares(n, verbose=0):
    CALLS.append(n)
    return {"squares": np.arange(n) ** 2}


def unpicklable(n):
    return lambda: n


def kept(folder):
    (path,) = folder.rglob("output.pkl")
    return path


@pytest.fixture
def remembered(tmp_path):
    CALLS.clear()
    return recall(Memory(tmp_path, verbose=0), squares, ["verbose"])


def test_a_result_is_computed_once(remembered):
    for verbose in (0, 1, 0):
        np.testing.assert_array_equal(remembered(4, verbose=verbose)["squares"], [0, 1, 4, 9])
    assert CALLS == [4]
    remembered(3)
    assert CALLS == [4, 3]


def test_without_a_folder_the_function_is_itself():
    assert recall(Memory(None), squares, []) is squares


def test_damage_is_computed_anew_with_a_warning(remembered, tmp_path):
    remembered(4)
    whole = kept(tmp_path).read_bytes()
    n_found = 0
    for changed in corrupted(whole, N_CORRUPTIONS, seed=0):
        kept(tmp_path).write_bytes(changed)
        CALLS.clear()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            np.testing.assert_array_equal(remembered(4)["squares"], [0, 1, 4, 9])
        # joblib tells its log of what could not be opened at all
        if any("holds a damaged squares" in str(w.message) for w in told):
            n_found += 1
            assert CALLS == [4]
    assert n_found > 0
    kept(tmp_path).write_bytes(whole)


def test_what_cannot_be_pickled_is_given_all_the_same(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joblib's, of what it cannot keep
        found = recall(Memory(tmp_path, verbose=0), unpicklable, [])(3)
    assert found() == 3


def test_a_damaged_teacher_is_trained_anew(tmp_path):
    X, y = make_series()
    clf = GDPDClassifier(**TINY, distiller="kd", memory=str(tmp_path))
    expected = clf.fit(X, y).predict_proba(X)
    whole = kept(tmp_path).read_bytes()
    for changed in corrupted(whole, 4, seed=0):
        kept(tmp_path).write_bytes(changed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = clf.clone().fit(X, y).predict_proba(X)
        np.testing.assert_array_equal(found, expected)
