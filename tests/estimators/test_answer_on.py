"""Fitted networks move to another device and back, and files know nothing of it."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError
from synthetic import EARLY, TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.networks import PrefixModel

X, Y = make_series()
NEW, _ = make_series(30, seed=1)


@pytest.fixture(params=["one prefix", "early", "early rocket"])
def fitted(request):
    if request.param == "one prefix":
        return GDPDClassifier(**TINY).fit(X, Y)
    student = {"student": "rocket", "distiller": "none"} if "rocket" in request.param else {}
    return GDPDEarlyClassifier(**{**EARLY, **student}).fit(X, Y)


@pytest.fixture
def moves(monkeypatch):
    """Pretend to have a GPU, and note who was moved there."""
    moved = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(PrefixModel, "to", lambda self, device: moved.append((self, device)))
    return moved


def test_all_models_move(fitted, moves):
    assert fitted.answer_on("cuda") is fitted
    models = [fitted.model_] if isinstance(fitted, GDPDClassifier) else fitted.models_
    assert moves == [(model, torch.device("cuda")) for model in models]
    assert fitted.device == "cpu"  # the parameter is about fits


def test_answers_stay_what_they_are(fitted):
    before = fitted.predict_proba(NEW)
    after = fitted.answer_on("cpu").predict_proba(NEW)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_early_classifier_keeps_its_form_for_few_series(moves):
    clf = GDPDEarlyClassifier(**{**EARLY, "student": "rocket", "distiller": "none"}).fit(X, Y)
    clf.answer_on("cuda")
    assert clf.engine_.absorbs
    # what a pickle holds follows from the models alone
    assert "_answers" not in pickle.loads(pickle.dumps(clf)).engine_.__dict__


def test_refusals(fitted, monkeypatch):
    with pytest.raises(ValueError, match="device='nowhere' is no torch device"):
        fitted.answer_on("nowhere")
    with pytest.raises(NotFittedError):
        type(fitted)().answer_on("cpu")
    if isinstance(fitted, GDPDEarlyClassifier):
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
        with pytest.raises(ValueError, match="device='mps' has no double precision"):
            fitted.answer_on("mps")
