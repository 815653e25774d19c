"""Series that an early classifier cannot take."""

import pickle

import numpy as np
import pandas as pd
import pytest
from synthetic import EARLY, TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.estimators._series import (
    check_finite,
    cut_series,
    read_collection,
    read_prefixes,
    read_training,
)
from gdpd_sklearn.networks import PrefixModel

X24, Y24 = make_series()


def spoiled(value):
    X, _ = make_series()
    X[0, 0, 0] = value
    return X


BAD_DATA = {
    "no cases": (X24[:0], Y24[:0], r"empty"),
    "no points": (X24[:, :, :0], Y24, r"empty"),
    "one class": (X24, np.zeros(24, int), r"at least 2 unique labels"),
    "one case per class": (X24[:2], np.array([0, 1]), r"one case per class"),
    "infinite": (spoiled(np.inf), Y24, r"X contains infinite values in case 0"),
    "four dimensions": (X24[..., None], Y24, r"must be 2D or 3D but found 4"),
    "labels of another length": (X24, Y24[:-1], r"24.*23"),
    "continuous labels": (X24, np.linspace(0, 1, 24), r"continuous"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", BAD_DATA)
def test_bad_data_is_refused(name):
    X, y, message = BAD_DATA[name]
    with pytest.raises((ValueError, TypeError), match=message):
        GDPDEarlyClassifier(**EARLY).fit(X, y)


BAD_SERIES = {
    "no cases": (X24[:0], r"X of shape \(0, 1, 20\) is empty"),
    "no points": (X24[:, :, :0], r"X of shape \(24, 1, 0\) is empty"),
    "an empty list": ([], r"X of shape \(0,\) is empty"),
    "empty series": ([X24[0, :, :0]] * 3, r"X is a list of empty series, of shape \(1, 0\)"),
    "infinite": (spoiled(np.inf), r"X contains infinite values in case 0"),
    "infinite in a list": ([X24[1, :, :7], spoiled(np.inf)[0]], r"X contains infinite .*case 1"),
    "channels": (make_series(n_channels=2)[0], r"X has 2 channels in case 0.*fitted on 1"),
    "channels in a list": (
        [X24[0, :, :5], np.zeros((2, 7))], r"X has 2 channels in case 1.*fitted on 1"
    ),
    "too long": (
        np.tile(X24, 2), r"X has 40 time points in case 0, more than the full length 20 of fit"
    ),
    "too long in a list": (
        [X24[0], np.zeros((1, 21))], r"X has 21 time points in case 1, more than the full length 20"
    ),
    "cases of three dimensions": (
        [X24[:1, :, :5], X24[:1]], r"shape \(1, 1, 5\) in case 0; a case of a list has \(n_channels"
    ),
    "numbers": ([1.0, 2.0], r"a list containing <class 'float'>"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_early", "update_predict"])
@pytest.mark.parametrize("name", BAD_SERIES)
def test_bad_series_are_refused_and_change_nothing(undecided, name, method):
    X, message = BAD_SERIES[name]
    undecided.predict(X24[:, :, :11])
    before = undecided.get_state_info()
    with pytest.raises((ValueError, TypeError), match=message):
        getattr(undecided, method)(X)
    np.testing.assert_array_equal(undecided.get_state_info(), before)


# parts of the reading -----------------------------------------------------------------------------


def test_values_are_finite_and_within_single_precision_or_missing():
    assert not check_finite(X24)
    assert not check_finite(np.full((2, 3, 7), 1e38))
    assert not check_finite(np.zeros((1, 0)))
    for size in (1, 30):  # looked at one by one, and by numpy
        assert check_finite(np.full((1, 1, size), np.nan))
        for rest in (0.0, np.nan):
            for value in (np.inf, -np.inf):
                X = np.array([[[rest] * (size - 1) + [value]]])
                with pytest.raises(ValueError, match=r"X contains infinite values in case 0"):
                    check_finite(X)
            for value in (-3.4028235e38, 1e39):
                X = np.array([[[rest] * (size - 1) + [value]]])
                with pytest.raises(ValueError, match=r"X contains .*e\+3[89] in case 0.*±1e\+38"):
                    check_finite(X)
    with pytest.raises(ValueError, match=r"points of 'a' contain infinite values;"):
        check_finite(np.array([[np.inf]]), "points of 'a' contain")


def test_a_training_set_has_values_in_every_case_and_channel():
    X = np.tile(X24, (1, 2, 1))
    assert read_training(X, "time") is X
    for place, message in ((5, "case 5"), (np.s_[:, 1], "channel 1")):
        spoilt = X.copy()
        spoilt[place] = np.nan
        with pytest.raises(ValueError, match=rf"X has no value at all in {message}"):
            read_training(spoilt, "time")
    X[0, 0, 3] = np.nan
    assert read_training(X, "share") is X  # no series ended early
    with pytest.raises(ValueError, match=r"prefix_by='length' must be one of"):
        read_training(X, "length")


def test_shorter_series_are_refused_where_none_may_have_ended():
    series = [X24[0], X24[1, :, :9]]
    with pytest.raises(ValueError, match=r"X has 9 time points in case 1, but 10 are needed"):
        read_prefixes(series, 10, may_end=False)
    padded = read_prefixes(series, 10, may_end=True)
    assert padded.shape == (2, 1, 20)
    assert np.isnan(padded[1, 0, 9:]).all()


def test_masked_values_are_missing_values():
    masked = np.ma.masked_less(X24, 0)
    expected = np.where(X24 < 0, np.nan, X24)
    np.testing.assert_array_equal(read_collection(masked, lambda native: native), expected)


@pytest.mark.filterwarnings("error")
def test_a_blank_channel_is_read_in_silence():
    X = np.tile(X24, (1, 2, 1))
    X[3, 1] = np.nan
    early = GDPDEarlyClassifier(4, random_state=0).fit(X, Y24)
    clf = GDPDClassifier(random_state=0).fit(list(X), Y24)
    for series in (X, list(X), X[3:4]):
        assert np.isfinite(early.predict_early(series).probabilities).all()
        assert np.isfinite(clf.predict_proba(series)).all()


@pytest.mark.parametrize("kind", ["<f8", ">f8", ">f4", "<f4", "f2", "g", "i4", ">i8", "u1", "?"])
def test_numbers_of_any_width_and_order_are_read(kind):
    given = (X24 * 10).astype(kind)
    for X in (given, list(given), np.ma.masked_array(given)):
        read = read_collection(X, lambda native: native)
        for each, expected in zip(read, given, strict=True):
            assert each.dtype.isnative
            assert each.dtype.kind == "f"
            np.testing.assert_array_equal(each, expected.astype(np.float64))


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (X24.astype(complex), TypeError, r"X of type complex128 must hold real numbers"),
        (X24.astype("M8[s]"), TypeError, r"X of type datetime64\[s\] must hold real numbers"),
        (X24.astype(str), TypeError, r"X of type <U\d+ must hold real numbers"),
        ([X24[0], X24[1].astype(object)], TypeError, r"X\[1\] of type object must hold"),
        ([], ValueError, r"X of shape \(0,\) is empty"),
    ],
)
def test_what_holds_no_numbers_is_named(X, error, message):
    with pytest.raises(error, match=message):
        read_collection(X, lambda native: native)


def test_errors_of_the_reader_name_the_series():
    for error, kind in ((ValueError("bad"), ValueError), (IndexError("0"), TypeError)):

        def read(native, error=error):
            raise error

        with pytest.raises(kind, match=r"^X .*is no collection of series|^X is no collection"):
            read_collection(X24, read)


def test_what_follows_is_cut_and_shorter_series_are_left():
    assert cut_series(X24, 7).shape == (24, 1, 7)
    assert cut_series(X24[:, 0], 7).shape == (24, 7)
    assert cut_series(pd.DataFrame(X24[:, 0]), 7).shape == (24, 7)
    assert [x.shape for x in cut_series([X24[0], X24[1, :, :5]], 7)] == [(1, 7), (1, 5)]
    assert cut_series("text", 7) == "text"
    with pytest.raises(ValueError, match=r"shape \(0, 1, 20\) is empty"):
        cut_series(X24[:0], 7)


# what lies behind the prefix ----------------------------------------------------------------------


@pytest.mark.parametrize("view", [False, True])
def test_what_lies_behind_the_prefix_is_not_looked_at(clf, view):
    if view:
        asked = clf.as_classifier(0.5)
    else:
        asked = GDPDClassifier(**{**TINY, "prefix_length": 10}).fit(X24, Y24)
    prefixes = X24[:, :, :10]
    expected = asked.predict_proba(prefixes)
    for value in (np.nan, np.inf, 1e39):
        behind = X24.copy()
        behind[::2, :, 10:] = value
        for Z in (behind, behind[:, 0], list(behind), pd.DataFrame(behind[:, 0])):
            np.testing.assert_array_equal(asked.predict_proba(Z), expected)
    unequal = [x[:, : 10 + i % 5] for i, x in enumerate(X24)]
    np.testing.assert_array_equal(asked.predict_proba(unequal), expected)
    with pytest.raises(ValueError, match="X has 9 time points in case 23, but 10 are needed"):
        asked.predict_proba([*unequal[:-1], X24[0, :, :9]])


# offsets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [GDPDClassifier, GDPDEarlyClassifier])
def test_an_offset_costs_nothing_from_fit_to_stream(kind):
    there = X24 + 1e9
    here = there - 1e9  # what double precision leaves
    near, far = (kind(distiller="none", random_state=0).fit(X, Y24) for X in (here, there))
    if kind is GDPDClassifier:
        expected, found = near.predict_proba(here), far.predict_proba(there)
    else:
        expected, found = near.predict_early(here), far.predict_early(there)
        np.testing.assert_array_equal(found.labels, expected.labels)
        stream = far.stream()
        for case, series in enumerate(there[:5]):
            decision = stream.push(case, series)
            np.testing.assert_array_equal(decision.probabilities, found.probabilities[case])
        expected, found = expected.probabilities, found.probabilities
    np.testing.assert_allclose(found, expected, atol=0.02)
    twin = pickle.loads(pickle.dumps(far))
    np.testing.assert_array_equal(twin.score(there, Y24), far.score(there, Y24))


def test_voting_students_each_take_off_their_own_offset():
    early = GDPDEarlyClassifier(**EARLY, distiller="none").fit(X24 + 1e9, Y24)
    origins = {model.view.origin[0] for model in early.models_}
    assert len(origins) == 2
    few = early.engine_.probabilities_at(X24[:5] + 1e9, 1)
    many = early.engine_.probabilities_at(np.tile(X24, (2, 1, 1)) + 1e9, 1)
    np.testing.assert_allclose(few, many[:5], rtol=1e-6)


def test_the_offset_is_in_the_file(tmp_path):
    clf = GDPDClassifier(distiller="none", random_state=0).fit(X24 + 1e9, Y24)
    clf.model_.save(tmp_path / "model.safetensors")
    loaded = PrefixModel.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(loaded.view.origin, clf.model_.view.origin)
    expected = clf.model_.predict_proba(X24 + 1e9)
    np.testing.assert_array_equal(loaded.predict_proba(X24 + 1e9), expected)
