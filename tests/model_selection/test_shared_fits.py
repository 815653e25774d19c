"""Fits that are gone through twice: noted first, found later."""

import copy
import math
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from synthetic import TINY, make_series

from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.distillers import KD, Stage
from gdpd_sklearn.model_selection import _shared_fits
from gdpd_sklearn.model_selection._shared_fits import FitMemory, SharedFits
from gdpd_sklearn.networks import FCN
from gdpd_sklearn.recipes import DivergedError

# too wide to be stacked on a CPU: side by side it computes to the last bit what it does alone
SETTING = {**TINY, "student": FCN((40,), (3,)), "distiller": "none"}


@pytest.fixture
def data():
    return make_series(16)


@pytest.fixture
def trained(monkeypatch):
    """Tasks that reach the trainer; a list that fills."""
    tasks = []

    def noting(fit):
        return lambda new, n_jobs=None: tasks.extend(new) or fit(new, n_jobs)

    for door in ("fit", "attempt"):
        monkeypatch.setattr(_shared_fits, door, noting(getattr(_shared_fits, door)))
    return tasks


def test_fits_are_noted_once_and_found(data, trained):
    fits = SharedFits()
    short, long = (
        GDPDClassifier(share, **{**SETTING, "memory": FitMemory(fits, None)})
        for share in (0.3, 0.8)
    )
    for classifier in (short, long, clone(short)):
        fits.dry_run(lambda classifier=classifier: classifier.fit(*data))
        assert not hasattr(classifier, "model_")
    assert fits.n_fits == 2
    assert trained == []
    fits.train()
    assert len(trained) == 2
    for share, classifier in ((0.3, short), (0.8, long)):
        alone = GDPDClassifier(share, **SETTING).fit(*data)
        found = classifier.fit(*data).predict_proba(data[0])
        np.testing.assert_array_equal(found, alone.predict_proba(data[0]))
    assert len(trained) == 2


def test_nobody_holds_anothers_model(data, trained):
    fits = SharedFits()
    one = GDPDClassifier(0.5, **{**SETTING, "memory": FitMemory(fits, None)})
    other = clone(one)
    fits.dry_run(lambda: one.fit(*data))
    fits.train()
    one.fit(*data)
    other.fit(*data)
    assert len(trained) == 1
    assert one.model_ is not other.model_
    one.history_["epoch"] = -1
    assert (other.history_["epoch"] >= 0).all()


def test_what_was_not_noted_is_trained(data, trained):
    fits = SharedFits()
    classifier = GDPDClassifier(0.5, **{**SETTING, "memory": FitMemory(fits, None)})
    fits.dry_run(lambda: classifier.fit(*data))
    fits.train()
    fits.forget()
    assert fits.n_fits == 0
    classifier.fit(*data)
    assert len(trained) == 2


def test_a_fit_without_a_task_is_refused(data):
    with pytest.raises(TypeError, match="nothing to train together"):
        SharedFits().dry_run(lambda: DummyClassifier().fit(*data))


def test_an_error_is_left_to_the_fit_for_real(data):
    fits = SharedFits()
    wrong = GDPDClassifier(-1.0, **{**SETTING, "memory": FitMemory(fits, None)})
    fits.dry_run(lambda: wrong.fit(*data))
    assert fits.n_fits == 0
    with pytest.raises(ValueError, match="prefix_length"):
        wrong.fit(*data)


def test_copies_keep_it_and_a_pickle_holds_the_estimators_own():
    memory = FitMemory(SharedFits(), "folder")
    assert clone(memory) is copy.deepcopy(memory) is memory
    assert pickle.loads(pickle.dumps(memory)) == "folder"


class Lost(KD):
    """Is weighted by no number where the weight is beyond reason."""

    def stage(self, progress):
        return Stage(transfer=math.nan if self.weight > 1e20 else self.weight)


def test_what_diverges_fails_where_it_is_recalled_and_the_others_go_on(data):
    fits = SharedFits()
    good, bad = (
        GDPDClassifier(**{**SETTING, "distiller": Lost(weight), "memory": FitMemory(fits, None)})
        for weight in (1.0, 1e30)
    )
    for classifier in (good, bad):
        fits.dry_run(lambda classifier=classifier: classifier.fit(*data))
    fits.train()
    with pytest.raises(DivergedError, match=r"the student diverged in epoch 1"):
        bad.fit(*data)
    alone = GDPDClassifier(**{**SETTING, "distiller": Lost(1.0)}).fit(*data)
    found = good.fit(*data).predict_proba(data[0])
    np.testing.assert_array_equal(found, alone.predict_proba(data[0]))
