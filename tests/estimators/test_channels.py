"""Missing channels: the teacher learns on all, the student sees some."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from synthetic import TINY, make_series

from gdpd_sklearn import GDPDClassifier


@pytest.fixture(scope="module")
def data():
    return make_series(n_channels=3)


def test_prediction_needs_the_seen_channels_alone(data):
    X, y = data
    clf = GDPDClassifier(**TINY, channels=(2, 0), distiller="kd").fit(X, y)
    assert (clf.n_channels_, clf.channels_, clf.model_.n_channels) == (3, (2, 0), 2)
    expected = clf.predict_proba(X)
    np.testing.assert_array_equal(clf.predict_proba(X[:, [2, 0]]), expected)
    altered = X.copy()
    altered[:, 1] = 1e6
    np.testing.assert_array_equal(clf.predict_proba(altered), expected)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(clf)).predict_proba(X), expected)
    with pytest.raises(ValueError, match=r"X has 1 channels.*fitted on 3"):
        clf.predict(X[:, :1])


def test_student_alone_is_the_one_of_cut_series(data):
    X, y = data
    setting = {**TINY, "distiller": "none", "validation_fraction": 0.25}
    cut = GDPDClassifier(**setting).fit(X[:, :2], y)
    clf = GDPDClassifier(**setting, channels=2).fit(X, y)
    np.testing.assert_array_equal(clf.predict_proba(X), cut.predict_proba(X[:, :2]))
    assert clf.history_.equals(cut.history_)


@pytest.mark.parametrize("distiller", ["gdpd", "fitnets"])
def test_teacher_sees_all_channels(data, distiller):
    X, y = data
    altered = X.copy()
    altered[:, 2] = np.random.default_rng(0).normal(size=altered[:, 2].shape)

    def fit(series, **setting):
        return GDPDClassifier(**{**TINY, "distiller": distiller, **setting}).fit(series, y)

    hidden, same = fit(X, channels=1, keep_teacher=True), fit(X, keep_teacher=True)
    series = X.astype(np.float32)
    np.testing.assert_array_equal(
        hidden.teacher_.model.predict_proba(series), same.teacher_.model.predict_proba(series)
    )
    # what the student does not see reaches it through the teacher
    assert not np.array_equal(
        hidden.predict_proba(X), fit(altered, channels=1).predict_proba(altered)
    )


def test_all_channels_in_their_order_are_no_restriction(data):
    X, y = data
    plain = GDPDClassifier(**TINY).fit(X, y)
    named = GDPDClassifier(**TINY, channels=(0, 1, 2)).fit(X, y)
    np.testing.assert_array_equal(named.predict_proba(X), plain.predict_proba(X))
    assert plain.channels_ == (0, 1, 2)


def test_bad_channels_are_refused(data):
    with pytest.raises(ValueError, match=r"channels=4 must be"):
        GDPDClassifier(**TINY, channels=4).fit(*data)


# a teacher ahead --------------------------------------------------------------------------------


@pytest.mark.parametrize("fraction", [0.0, 0.25])
def test_teacher_trained_ahead_is_the_one_of_fit(data, fraction):
    X, y = data
    y = np.array(["no", "yes"])[y]
    clf = GDPDClassifier(**TINY, validation_fraction=fraction, channels=1)
    parameters = clf.get_params()
    teacher = clf.fit_teacher(X, y)
    assert clf.get_params() == parameters
    assert not clf.is_fitted
    assert teacher.classes == ("no", "yes")
    handed = clone(clf).set_params(teacher=teacher).fit(X, y)
    trained = clf.fit(X, y)
    np.testing.assert_array_equal(handed.predict_proba(X), trained.predict_proba(X))
    assert handed.teacher_score_ == trained.teacher_score_


def test_validation_cases_are_those_held_out(data):
    X, y = data
    clf = GDPDClassifier(**TINY, distiller="none", validation_fraction=0.25).fit(X, y)
    held = clf.validation_cases_
    assert len(held) == 6
    assert clf.history_["validation_accuracy"].iloc[-1] in {k / 6 for k in range(7)}
    # the kept weights have the least validation loss, on exactly these cases
    p = clf.predict_proba(X[held])[np.arange(len(held)), y[held]]
    assert -np.log(p).mean() == pytest.approx(clf.history_["validation_loss"].min(), abs=1e-5)
    assert len(GDPDClassifier(**TINY, distiller="none").fit(X, y).validation_cases_) == 0


def test_parameters_changed_after_fit_are_for_the_next_fit(data):
    X, y = data
    clf = GDPDClassifier(**TINY, channels=(2, 0)).fit(X, y)
    expected = clf.predict_proba(X)
    clf.set_params(
        channels=None, prefix_length=3, scaling="prefix", student="fcn", max_input_length=7,
        class_weight="balanced", device="cuda:7", memory="nowhere", n_epochs=-1, verbose="loud",
    )  # fmt: skip
    np.testing.assert_array_equal(clf.predict_proba(X), expected)
    np.testing.assert_array_equal(clf.predict_proba(X[:, [2, 0]]), expected)
