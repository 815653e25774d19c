"""A fit can be repeated and saved; nothing outside it changes."""

import io
import pickle

import joblib
import numpy as np
import pytest
import torch
from synthetic import TINY
from torch import nn

from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.networks import PrefixModel


def global_numpy_state():
    return np.random.get_state()[1].copy()  # noqa: NPY002


@pytest.mark.parametrize("distiller", ["none", "kd", "gdpd"])
def test_same_random_state_same_model_and_nothing_global_changes(series, distiller):
    X, y = series
    numpy_state, torch_state = global_numpy_state(), torch.get_rng_state()
    threads = torch.get_num_threads()
    clf = GDPDClassifier(**TINY, distiller=distiller).fit(X, y)
    probabilities = clf.predict_proba(X)
    np.testing.assert_array_equal(global_numpy_state(), numpy_state)
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert torch.get_num_threads() == threads
    torch.rand(3)  # another global state
    np.random.seed(5)  # noqa: NPY002
    again = GDPDClassifier(**TINY, distiller=distiller).fit(X, y)
    np.testing.assert_array_equal(again.predict_proba(X), probabilities)
    other = GDPDClassifier(**{**TINY, "random_state": 1}, distiller=distiller).fit(X, y)
    assert not np.array_equal(other.predict_proba(X), probabilities)


def test_random_state_object_and_none(series):
    X, y = series

    def fit(random_state):
        return GDPDClassifier(**{**TINY, "random_state": random_state}).fit(X, y).predict_proba(X)

    np.testing.assert_array_equal(fit(np.random.RandomState(3)), fit(np.random.RandomState(3)))
    assert not np.array_equal(fit(None), fit(None))


def test_pickle_and_joblib_round_trips(series, tmp_path):
    X, y = series
    clf = GDPDClassifier(**TINY).fit(X, y)
    expected = clf.predict_proba(X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(clf)).predict_proba(X), expected)
    joblib.dump(clf, tmp_path / "clf.joblib")
    np.testing.assert_array_equal(joblib.load(tmp_path / "clf.joblib").predict_proba(X), expected)
    clf.model_.save(tmp_path / "student.safetensors")
    model = PrefixModel.load(tmp_path / "student.safetensors")
    np.testing.assert_array_equal(model.predict_proba(X), expected)


class _Recorder(pickle.Pickler):
    """Note the classes of all that is pickled."""

    def __init__(self):
        super().__init__(io.BytesIO())
        self.seen = []

    def persistent_id(self, value):
        self.seen.append(value)


def test_fitted_student_holds_no_scaffolding(series):
    recorder = _Recorder()
    recorder.dump(GDPDClassifier(**TINY).fit(*series))
    arrays = [value for value in recorder.seen if isinstance(value, np.ndarray)]
    assert sum(a.size for a in arrays if a.dtype == np.float32) == 370 + 2  # and mean, std
    assert not any(isinstance(value, torch.Tensor | nn.Module) for value in recorder.seen)
    names = {type(value).__name__ for value in recorder.seen}
    assert not names & {"FittedTeacher", "DiffusionPrior", "GDPDAdapter", "AdamW", "Denoiser"}
    kept = _Recorder()
    kept.dump(GDPDClassifier(**TINY, keep_teacher=True).fit(*series))
    assert "FittedTeacher" in {type(value).__name__ for value in kept.seen}


def test_device_is_never_stored(series):
    clf = GDPDClassifier(**{**TINY, "device": "auto"}).fit(*series)
    assert clf.device == "auto"
    assert all(p.device.type == "cpu" for p in clf.model_.networks.parameters())
