"""An early fit can be repeated, copied and saved; nothing outside it changes."""

import copy
import pickle

import joblib
import numpy as np
import pytest
import torch
from early_cases import KINDS, assert_same
from synthetic import EARLY, make_series

from gdpd_sklearn import GDPDEarlyClassifier


def global_numpy_state():
    return np.random.get_state()[1].copy()  # noqa: NPY002


@pytest.mark.parametrize("kind", KINDS)
def test_same_random_state_same_model_and_nothing_global_changes(series, kind):
    X, y = series
    setting = {**EARLY, **KINDS[kind]}
    numpy_state, torch_state = global_numpy_state(), torch.get_rng_state()
    settings = torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled()
    clf = GDPDEarlyClassifier(**setting).fit(X, y)
    whole = clf.predict_early(X)
    clf.predict(X[:, :, :4])
    clf.update_predict(X)
    clf.fit_trigger("calimera")
    np.testing.assert_array_equal(global_numpy_state(), numpy_state)
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert (
        torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled()
    ) == settings  # fmt: skip
    torch.rand(3)  # another global state
    np.random.seed(5)  # noqa: NPY002
    again = GDPDEarlyClassifier(**setting).fit(X, y)
    assert_same(again.predict_early(X), whole)
    np.testing.assert_array_equal(again.held_out_probabilities_, clf.held_out_probabilities_)
    other = GDPDEarlyClassifier(**{**setting, "random_state": 1}).fit(X, y)
    assert not np.array_equal(other.held_out_probabilities_, clf.held_out_probabilities_)


def test_random_state_object_and_none(series):
    X, y = series

    def fit(random_state):
        clf = GDPDEarlyClassifier(**{**EARLY, "random_state": random_state}).fit(X, y)
        return clf.held_out_probabilities_

    np.testing.assert_array_equal(fit(np.random.RandomState(3)), fit(np.random.RandomState(3)))
    assert not np.array_equal(fit(None), fit(None))


def test_a_second_fit_starts_afresh(series):
    X, y = series
    clf = GDPDEarlyClassifier(**EARLY).fit(*make_series(n_channels=2, n_timepoints=12, n_classes=3))
    clf.predict(make_series(n_channels=2, n_timepoints=12)[0])
    clf.fit(X, y)
    assert clf.get_state_info() is None
    assert_same(clf.predict_early(X), GDPDEarlyClassifier(**EARLY).fit(X, y).predict_early(X))


def test_pickle_and_joblib_round_trips(case, tmp_path):
    clf, X, _ = case
    whole = clf.predict_early(X)
    joblib.dump(clf, tmp_path / "clf.joblib")
    for twin in (
        pickle.loads(pickle.dumps(clf)), joblib.load(tmp_path / "clf.joblib"), copy.deepcopy(clf)
    ):  # fmt: skip
        assert_same(twin.predict_early(X), whole)
        assert_same(twin.predict_proba(X[:, :, :11]), clf.predict_proba(X[:, :, :11]))
        again = twin.fit_trigger("margin").held_out_probabilities_
        np.testing.assert_array_equal(again, clf.held_out_probabilities_)


def test_nothing_of_the_device_is_stored(series):
    clf = GDPDEarlyClassifier(**{**EARLY, "device": "auto"}).fit(*series)
    assert clf.device == "auto"
    devices = {p.device.type for model in clf.models_ for p in model.networks.parameters()}
    assert devices == {"cpu"}
