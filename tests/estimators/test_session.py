"""What an early classifier remembers between predict and update_predict."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from synthetic import make_series

X24, Y24 = make_series()


def test_state_info_tells_of_the_last_prediction(clf):
    X, _ = make_series(seed=1)
    whole = clf.predict_early(X)
    clf.reset_state_info()
    assert clf.get_state_info() is None
    assert clf.state_info is None
    for length, n_points in ((3, 0), (12, 2), (20, 4)):
        _, decisions = clf.predict(X[:, :, :length])
        info = clf.get_state_info()
        assert info.shape == (24, 4)
        assert np.issubdtype(info.dtype, np.integer)
        last = np.minimum(whole.stop_times // 5, n_points)
        np.testing.assert_array_equal(info[:, 0], last - 1)
        np.testing.assert_array_equal(info[:, 1], decisions)
        np.testing.assert_array_equal(info[decisions, 2], whole.labels[decisions])
        assert set(info[:, 2]) <= ({0, 1} if n_points else {-1})
        np.testing.assert_array_equal(info[:, 3], 5 * last)


def test_rows_of_decided_cases_leave_with_the_next_update(clf):
    X, _ = make_series(seed=1)
    _, decisions = clf.predict(X[:, :, :5])
    assert 0 < decisions.sum() < 24
    clf.update_predict(X[~decisions][:, :, :10])
    assert clf.get_state_info().shape == ((~decisions).sum(), 4)


def test_plain_arrays_and_scores_leave_the_session_alone(clf):
    X, y = make_series(seed=1)
    clf.predict(X[:, :, :10])
    before = clf.get_state_info()
    clf.predict_early(X[:3])
    clf.score(X[:5], y[:5])
    clf.as_classifier().predict(X[:2])
    clf.stream().push("a", X[0])
    np.testing.assert_array_equal(clf.get_state_info(), before)


def test_an_answer_is_the_callers_own(clf):
    X, _ = make_series(seed=1)
    probabilities, decisions = clf.predict_proba(X[:, :, :10])
    before = clf.get_state_info()
    probabilities[:], decisions[:] = 0.0, True
    clf.get_state_info()[:] = 9
    np.testing.assert_array_equal(clf.get_state_info(), before)


def test_a_copy_begins_without_a_session(clf):
    X, _ = make_series(seed=1)
    clf.predict(X[:, :, :10])
    for twin in (copy.deepcopy(clf), pickle.loads(pickle.dumps(clf)), clone(clf)):
        assert twin.get_state_info() is None
    assert clf.get_state_info() is not None


def test_state_info_can_only_be_reset(clf):
    with pytest.raises(ValueError, match=r"state_info=3 can only be set to None"):
        clf.state_info = 3


def test_bad_updates_are_refused_and_change_nothing(undecided):
    whole = undecided.predict_early(X24)
    undecided.predict(X24[:, :, :11])
    unequal = [series[:, :12] for series in X24]
    unequal[5] = unequal[5][:, :10]
    for X, message in [
        (X24[:-1], r"X has 23 cases, but 24 cases are waiting for a decision.*reset_state_info"),
        (np.concatenate([X24, X24]), r"X has 48 cases, but 24 cases are waiting"),
        (X24[:, :, :10], r"X has 10 time points in case 0, but 11 were shown before"),
        (unequal, r"X has 10 time points in case 5, but 11 were shown before"),
    ]:
        for update in (undecided.update_predict, undecided.update_predict_proba):
            with pytest.raises(ValueError, match=message):
                update(X)
    probabilities, decisions = undecided.update_predict_proba(X24)
    assert decisions.all()
    np.testing.assert_array_equal(probabilities, whole.probabilities)
    for X in (X24, X24[:1]):
        with pytest.raises(ValueError, match=r"All cases are decided; call reset_state_info\(\)"):
            undecided.update_predict(X)
    undecided.reset_state_info()
    assert undecided.update_predict(X24[:3])[1].all()


def test_decided_cases_are_not_to_be_shown_again(clf):
    _, decisions = clf.predict(X24[:, :, :10])
    n_waiting = int((~decisions).sum())
    assert 0 < n_waiting < 24
    with pytest.raises(ValueError, match=rf"X has 24 cases, but {n_waiting} cases are waiting"):
        clf.update_predict(X24)
