"""Settings of a fit out of an estimator's parameters."""

import numpy as np
import pytest
from synthetic import TINY, make_series

from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.estimators._core import check_settings
from gdpd_sklearn.networks import FCN, LSTM
from gdpd_sklearn.recipes import TRAININGS


def test_class_weight_shifts_the_decision():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 1, 8)), (np.arange(60) % 6 == 0).astype(int)

    def share(class_weight):
        clf = GDPDClassifier(
            **{**TINY, "n_epochs": 15, "distiller": "none"}, class_weight=class_weight
        )
        return clf.fit(X, y).predict_proba(X)[:, 1].mean()

    balanced = share("balanced")
    assert balanced > share(None) + 0.15
    assert share({0: 1.0, 1: 5.0}) == pytest.approx(balanced, abs=0.05)


@pytest.mark.parametrize(
    ("given", "shared", "own", "teachers"),
    [(100, False, 20, 20), (12, False, 12, 12), (None, False, 20, 20), (12, True, 20, 12)],
)
def test_a_shared_student_reads_series_as_they_are(given, shared, own, teachers):
    X, y = make_series()
    clf = GDPDClassifier(**{**TINY, "max_input_length": given})
    clf.classes_ = np.unique(y)
    settings, _ = check_settings(clf, X, y, student="lstm1-8", shared=shared)
    assert (settings.input_length, settings.teacher_input_length) == (own, teachers)


def test_the_recipe_gives_both_plans_and_the_validation_part():
    X, y = make_series()
    clf = GDPDClassifier(training="paper", teacher="lstm", student="fcn", n_epochs=9)
    clf.classes_ = np.unique(y)
    settings, _ = check_settings(clf, X, y, student=clf.student)
    recipe = TRAININGS["paper"]()
    assert settings.plan == recipe.student_plan(FCN(), n_epochs=9)
    assert settings.teacher_plan == recipe.teacher_plan(LSTM(), n_epochs=9)
    assert settings.validation_fraction == 0.2
    clf.set_params(validation_fraction=0.0)
    assert check_settings(clf, X, y, student="fcn")[0].validation_fraction == 0.0
