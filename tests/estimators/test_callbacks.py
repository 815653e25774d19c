"""Callbacks of scikit-learn outlive aeon's reset, and hear of trainings and epochs."""

import pickle

import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from synthetic import TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.networks import Rocket

pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks from 1.9 on")


class Noted:
    """Notes what it is told; handed on to the estimators of a search."""

    max_propagation_depth = None

    def __init__(self):
        self.told = []

    def setup(self, estimator, context):
        self.told.append("setup")

    def teardown(self, estimator, context):
        self.told.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.told.append(f"{context.task_name} {context.task_id} begins")

    def on_fit_task_end(self, estimator, context):
        self.told.append(f"{context.task_name} {context.task_id} ends")


def of_training(label, number, n_epochs):
    name = f"training of {label} {number}"
    epochs = [f"epoch {i} {what}" for i in range(n_epochs) for what in ("begins", "ends")]
    return [f"{name} begins", *epochs, f"{name} ends"]


def test_they_hear_of_every_training_and_of_every_fit():
    X, y = make_series()
    clf = GDPDClassifier(**{**TINY, "n_epochs": 2}, distiller="kd")
    noted = Noted()
    assert clf.set_callbacks(noted) is clf
    whole = [*of_training("teacher", 0, 2), *of_training("student", 1, 2)]
    expected = ["setup", "fit 0 begins", *whole, "fit 0 ends", "teardown"]
    for _ in range(2):  # the second fit resets what the first one left
        clf.fit(X, y)
        assert noted.told == expected
        noted.told.clear()
    clf.set_callbacks().fit(X, y)
    assert not noted.told


def test_nothing_of_them_is_left_behind_and_nothing_else_changes():
    X, y = make_series()
    plain = GDPDClassifier(**TINY, distiller="none").fit(X, y)
    told = clone(plain).set_callbacks(Noted()).fit(X, y)
    assert set(vars(told)) - set(vars(plain)) == {"_skl_callbacks"}
    assert told.history_.equals(plain.history_)
    assert pickle.loads(pickle.dumps(told)).predict(X).tolist() == plain.predict(X).tolist()


def test_a_solved_student_has_a_fit_without_trainings():
    X, y = make_series()
    noted = Noted()
    GDPDEarlyClassifier(2, student=Rocket(400)).set_callbacks(noted).fit(X, y)
    assert noted.told == ["setup", "fit 0 begins", "fit 0 ends", "teardown"]


def test_a_training_that_stops_before_its_end_is_over():
    X, y = make_series()
    noted = Noted()
    clf = GDPDClassifier(
        **{**TINY, "n_epochs": 30}, distiller="none", validation_fraction=0.3, patience=1,
        learning_rate=0.3,
    ).set_callbacks(noted)  # fmt: skip
    n_epochs = len(clf.fit(X, y[::-1]).history_)
    assert n_epochs < 30
    assert noted.told[-3:] == ["training of student 0 ends", "fit 0 ends", "teardown"]
    for what in ("begins", "ends"):
        assert sum(each.endswith(what) and "epoch" in each for each in noted.told) == n_epochs


def test_a_fit_that_fails_tears_them_down():
    X, y = make_series()
    noted = Noted()
    clf = GDPDClassifier(**TINY, scaling="sideways").set_callbacks(noted)
    with pytest.raises(ValueError, match="scaling='sideways'"):
        clf.fit(X, y)
    assert noted.told == ["setup", "fit 0 begins", "teardown"]


def test_a_search_hands_them_on():
    X, y = make_series()
    noted = Noted()
    clf = GDPDClassifier(**{**TINY, "n_epochs": 2}, distiller="kd")
    search = GridSearchCV(clf, {"distiller__weight": [0.5, 2.0]}, cv=2, error_score="raise")
    search.set_callbacks(noted).fit(X, y)
    assert sum(each.startswith("training of student") for each in noted.told) == 2 * 5
    assert noted.told[0] == "setup"
    assert noted.told.count("teardown") == 1
    assert not hasattr(search.best_estimator_, "_parent_callback_ctx")
