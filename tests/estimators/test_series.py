"""Series that an early classifier cannot take."""

import numpy as np
import pytest
from synthetic import EARLY, make_series

from gdpd_sklearn import GDPDEarlyClassifier

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
    "NaN": (spoiled(np.nan), Y24, r"missing values"),
    "infinite": (spoiled(np.inf), Y24, r"X contains NaN or infinite"),
    "four dimensions": (X24[..., None], Y24, r"must be 2D or 3D but found 4"),
    "unequal lengths": ([x[:, : 15 + i % 2] for i, x in enumerate(X24)], Y24, r"unequal length"),
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
    "NaN": (spoiled(np.nan), r"missing values"),
    "infinite": (spoiled(np.inf), r"X contains NaN or infinite"),
    "infinite in a list": ([spoiled(np.inf)[0], X24[1, :, :7]], r"X contains NaN or infinite"),
    "NaN in a list": ([spoiled(np.nan)[0], X24[1, :, :7]], r"X contains NaN or infinite"),
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


def test_complete_series_are_needed_where_every_case_must_be_decided(clf):
    message = r"X has series of 19 time points; complete series of 20 are needed"
    for X in (X24[:, :, :19], [X24[0], X24[1, :, :19]]):
        with pytest.raises(ValueError, match=message):
            clf.predict_early(X)
    with pytest.raises(ValueError, match=message):
        clf.score(X24[:, :, :19], Y24)
