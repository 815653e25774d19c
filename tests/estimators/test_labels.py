"""Cases without a label, through both estimators and scikit-learn's tools."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import GridSearchCV, cross_val_score
from synthetic import make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.estimators._labels import encode_labels
from gdpd_sklearn.model_selection import GDPDGridSearchCV, LabelledKFold
from gdpd_sklearn.networks import Rocket

QUICK = {"student": Rocket(500), "teacher": Rocket(500), "random_state": 0}


def make(n_cases=60, n_timepoints=24, seed=0):
    """Classes part in the second half for certain, in the first half weakly."""
    random = np.random.default_rng(seed)
    y = np.arange(n_cases) % 2
    t = np.linspace(0, 1, n_timepoints)
    pattern = np.where(t < 0.5, 0.5, 2.0) * np.sin(2 * np.pi * 3 * t)
    X = random.normal(size=(n_cases, 1, n_timepoints)) * 0.7
    X[:, 0] += np.where(y == 1, 1.0, -1.0)[:, None] * pattern
    return X, y


def few(y, n_labelled=4, mark=-1, dtype=int):
    """Keep the first labels of each class."""
    marked = np.full(len(y), mark, dtype=dtype)
    for label in np.unique(y):
        cases = np.flatnonzero(y == label)[:n_labelled]
        marked[cases] = label
    return marked


@pytest.fixture(scope="module")
def data():
    X, y = make()
    X_test, y_test = make(200, seed=1)
    return X, y, X_test, y_test


@pytest.mark.parametrize("estimator", [GDPDClassifier, GDPDEarlyClassifier])
def test_labels_of_unlabelled_cases_are_never_read(estimator, data):
    X, y, X_test, _ = data
    first, second = few(y), few(y)
    text = np.array(["no", "yes"])[y].astype(object)
    text[first < 0] = None
    second = np.where(second < 0, 7, second)  # another mark, nothing else
    one = estimator(unlabelled=-1, **QUICK).fit(X, first)
    other = estimator(unlabelled=7, **QUICK).fit(X, second)
    named = estimator(unlabelled=np.nan, **QUICK).fit(X, text)
    assert one.classes_.tolist() == other.classes_.tolist() == [0, 1]
    assert named.classes_.tolist() == ["no", "yes"]
    assert one.n_labelled_ == 8
    views = [
        each if estimator is GDPDClassifier else each.as_classifier()
        for each in (one, other, named)
    ]
    answers = [view.predict_proba(X_test) for view in views]
    np.testing.assert_array_equal(answers[0], answers[1])
    np.testing.assert_array_equal(answers[0], answers[2])


def test_unlabelled_cases_help(data):
    X, y, X_test, y_test = data
    marked = few(y, 3)
    taught = GDPDClassifier(0.4, unlabelled=-1, **QUICK).fit(X, marked)
    alone = GDPDClassifier(0.4, **QUICK).fit(X[marked >= 0], marked[marked >= 0])
    bound = GDPDClassifier(0.4, **QUICK).fit(X, y)
    scores = [each.score(X_test, y_test) for each in (alone, taught, bound)]
    assert scores[0] + 0.05 < scores[1]
    assert taught.history_["taught_weight"].iloc[0] > 0
    assert scores[1] <= scores[2] + 0.05


@pytest.mark.parametrize("estimator", [GDPDClassifier, GDPDEarlyClassifier])
def test_with_all_labels_given_nothing_changes(estimator, data):
    X, y, X_test, _ = data
    plain = estimator(**QUICK).fit(X, y)
    marked = estimator(unlabelled=-1, **QUICK).fit(X, y)
    one, other = (
        each if estimator is GDPDClassifier else each.as_classifier() for each in (plain, marked)
    )
    np.testing.assert_array_equal(one.predict_proba(X_test), other.predict_proba(X_test))


@pytest.mark.parametrize("student", [Rocket(500), "lstm1-8"])
def test_a_teacher_that_learned_shuffled_labels_is_not_heard(student, data):
    X, y, X_test, _ = data
    marked = few(y, 10)
    wrong = GDPDClassifier(**QUICK, distiller="kd").fit_teacher(X, 1 - y)
    setting = {**QUICK, "student": student, "n_epochs": 2}
    with pytest.warns(UserWarning, match="40 cases without a label are not used"):
        taught = GDPDClassifier(
            0.8, unlabelled=-1, distiller="pseudo_labels", **{**setting, "teacher": wrong}
        ).fit(X, marked)
    known = marked >= 0
    alone = GDPDClassifier(0.8, distiller="none", **setting).fit(X[known], marked[known])
    answers = [each.predict(X_test) for each in (taught, alone)]
    assert (answers[0] == answers[1]).mean() > 0.95  # unlabelled cases still count for the scale


def test_all_marks_are_refused(data):
    X, y, *_ = data
    with pytest.raises(ValueError, match=r"unlabelled=-1.*at least two cases need a label"):
        GDPDClassifier(unlabelled=-1).fit(X, np.full(len(y), -1))


@pytest.mark.parametrize("estimator", [GDPDClassifier, GDPDEarlyClassifier])
def test_scores_want_labels(estimator, data):
    X, y, *_ = data
    fitted = estimator(unlabelled=-1, **QUICK).fit(X, few(y))
    with pytest.raises(ValueError, match=r"52 cases without a label.*LabelledKFold"):
        fitted.score(X, few(y))


def test_tools_of_scikit_learn(data):
    X, y, _X_test, _y_test = data
    marked = few(y, 6)
    cv = LabelledKFold(2)
    classifier = GDPDClassifier(0.4, unlabelled=-1, **QUICK)
    assert np.isfinite(cross_val_score(classifier, X, marked, cv=cv)).all()
    with pytest.warns(Warning, match="cases without a label"):
        cross_val_score(classifier, X, marked, cv=2)
    grid = {"prefix_length": [0.4, 1.0]}
    searches = [
        search(clone(classifier), grid, cv=cv).fit(X, marked)
        for search in (GridSearchCV, GDPDGridSearchCV)
    ]
    np.testing.assert_array_equal(*(s.cv_results_["mean_test_score"] for s in searches))


def test_calibration_of_three_classes(data):
    # of two, scikit-learn takes the mark for a third that has no column
    X, y, _X_test, _y_test = data
    y = y + (np.arange(len(y)) % 4 == 3)
    X = X + 2.0 * (y == 2)[:, None, None]
    classifier = GDPDClassifier(1.0, unlabelled=-1, **QUICK)
    calibrated = CalibratedClassifierCV(classifier, cv=LabelledKFold(2)).fit(X, few(y, 6))
    assert (calibrated.predict(X) == y).mean() > 0.6


@pytest.mark.parametrize("distiller", ["pseudo_labels", "kd", "gdpd", "none"])
def test_trained_students_learn_from_the_teachers_answers(distiller, data):
    X, y, X_test, _ = data
    setting = {"student": "lstm1-8", "teacher": Rocket(500), "n_epochs": 2, "random_state": 0}
    marked = few(y, 6)
    taught = GDPDClassifier(0.5, distiller=distiller, unlabelled=-1, **setting).fit(X, marked)
    assert np.isfinite(taught.predict_proba(X_test)).all()
    known = marked >= 0
    alone = GDPDClassifier(0.5, distiller="none", **setting).fit(X[known], marked[known])
    same = np.allclose(taught.predict_proba(X_test), alone.predict_proba(X_test), atol=1e-6)
    assert not same or distiller == "none"


def test_early_folds_of_trained_students_hold_out_labelled_cases_alone(data):
    X, y, *_ = data
    early = GDPDEarlyClassifier(
        3, n_folds=2, student="lstm1-8", teacher="lstm1-8", distiller="pseudo_labels",
        unlabelled=-1, n_epochs=1, random_state=0,
    ).fit(X, few(y, 4))  # fmt: skip
    assert early.held_out_codes_.tolist() == [0, 1] * 4


def test_labels_of_frames_and_nan(data):
    X, y, X_test, _ = data
    numbers = few(y).astype(float)
    numbers[numbers < 0] = np.nan
    fitted = GDPDClassifier(unlabelled=np.nan, **QUICK).fit(X, pd.Series(numbers))
    assert fitted.classes_.tolist() == [0.0, 1.0]
    assert fitted.predict(X_test[:2]).shape == (2,)


def test_views_of_early_classifiers_know_the_mark(data):
    X, y, X_test, y_test = data
    view = GDPDEarlyClassifier(unlabelled=-1, **QUICK).as_classifier()
    scores = cross_val_score(view, X, few(y, 6), cv=LabelledKFold(2))
    assert np.isfinite(scores).all()
    fitted = view.fit(X, few(y))
    assert fitted.classes_.tolist() == [0, 1]
    assert fitted.score(X_test, y_test) > 0.6
    with pytest.raises(ValueError, match="LabelledKFold"):
        fitted.score(X, few(y))


@pytest.mark.parametrize("estimator", [GDPDClassifier, GDPDEarlyClassifier])
@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA], ids=repr)
def test_missing_labels_are_told_with_their_case(estimator, nothing):
    X, codes = make_series()
    y = np.array(["a", "b"], dtype=object)[codes]
    y[[5, 9]] = nothing
    for labels in (y, pd.Series(y), np.where(pd.isna(y), np.nan, 1.0)):
        with pytest.raises(ValueError, match=r"no label in 2 cases, the first is case 5; .*nan"):
            estimator().fit(X, labels)
    clf = estimator(unlabelled=float("nan"), student="rocket", random_state=0)
    assert clf.fit(X, y).n_labelled_ == 22


def test_labels_are_coded_in_the_order_of_classes():
    classes = np.array(["a", "b", "c"])
    assert encode_labels(np.array(["c", "a", "c"]), classes).tolist() == [2, 0, 2]
    with pytest.raises(ValueError, match=r"one case per class \(3 cases, 3 classes\)"):
        encode_labels(np.array(["c", "a", "b"]), classes)
