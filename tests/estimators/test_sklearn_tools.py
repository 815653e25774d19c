"""scikit-learn's and aeon's own tools on GDPDClassifier."""

import numpy as np
import pytest
import sklearn
from aeon.pipeline import make_pipeline as make_aeon_pipeline
from aeon.transformations.collection import Normalizer
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.metrics import average_precision_score, make_scorer
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from synthetic import TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.distillers import GDPD
from gdpd_sklearn.networks import LSTM


def test_clone_and_nested_parameters():
    clf = GDPDClassifier(student=LSTM(1, 8), distiller=GDPD(weight=3.0), **without_student())
    copy = clone(clf)
    assert copy.distiller is not clf.distiller
    assert copy.get_params()["distiller__weight"] == 3.0
    copy.set_params(distiller__weight=10, student__hidden_size=4, prefix_length=0.3)
    assert (copy.distiller.weight, copy.student.hidden_size, copy.prefix_length) == (10, 4, 0.3)
    assert (clf.distiller.weight, clf.student.hidden_size) == (3.0, 8)


def without_student():
    return {name: value for name, value in TINY.items() if name != "student"}


def test_nested_parameters_reach_parts_given_by_name():
    clf = GDPDClassifier(student="lstm", distiller="gdpd")
    clf.set_params(distiller__weight=10, student__n_layers=1)
    assert clf.distiller.get_params() == GDPD(weight=10).get_params()
    assert clf.student.get_params() == LSTM(n_layers=1).get_params()
    clf.set_params(distiller="kd", distiller__temperature=4.0)
    assert clf.distiller.temperature == 4.0
    with pytest.raises(ValueError, match="Invalid parameter 'wheight'"):
        GDPDClassifier().set_params(distiller__wheight=1)


@pytest.mark.parametrize("estimator", [GDPDClassifier, GDPDEarlyClassifier])
def test_nested_parameters_reach_the_distiller_that_suits_the_student(estimator):
    clf = estimator().set_params(distiller__weight=10)
    assert clf.distiller.get_params() == GDPD(weight=10).get_params()
    clf = estimator().set_params(student="lstm", distiller__kd__temperature=3.0)
    assert repr(clf.distiller) == "Blended(KD(temperature=3.0))"
    with pytest.raises(ValueError, match="Invalid parameter 'weight' for Blended"):
        estimator(student="lstm").set_params(distiller__weight=10)


def prevalence(y, probabilities):
    return average_precision_score(y, probabilities, average="macro")


def test_grid_search_by_all_kinds_of_scores():
    X, y = make_series(24)
    grid = {
        "distiller__weight": [0.1, 10.0], "student__hidden_size": [4], "prefix_length": [0.3, 12]
    }  # fmt: skip
    scoring = {name: name for name in ("accuracy", "roc_auc_ovr", "average_precision")}
    scoring["prevalence"] = make_scorer(prevalence, response_method="predict_proba")
    classifier = GDPDClassifier(**TINY, distiller="gdpd")
    search = GridSearchCV(classifier, grid, scoring=scoring, refit="accuracy", cv=2).fit(X, y)
    for name in scoring:
        assert np.isfinite(search.cv_results_[f"mean_test_{name}"]).all()
    assert len(search.cv_results_["params"]) == 4
    assert search.predict(X).shape == (24,)


def test_cross_validation_and_calibration():
    X, y = make_series(30, n_classes=3)
    clf = GDPDClassifier(**TINY)
    assert np.isfinite(cross_val_score(clf, X, y, cv=3, error_score="raise")).all()
    probabilities = cross_val_predict(clf, X, y, cv=3, method="predict_proba")
    assert probabilities.shape == (30, 3)
    np.testing.assert_allclose(probabilities.sum(1), 1.0)
    calibrated = CalibratedClassifierCV(clf, cv=2).fit(X, y)
    np.testing.assert_allclose(calibrated.predict_proba(X).sum(1), 1.0)


@pytest.mark.parametrize("make", [make_pipeline, make_aeon_pipeline])
def test_pipelines(make):
    X, y = make_series(24)
    pipeline = make(Normalizer(), GDPDClassifier(**TINY)).fit(X, y)
    by_hand = GDPDClassifier(**TINY).fit(Normalizer().fit_transform(X), y)
    np.testing.assert_allclose(
        pipeline.predict_proba(X), by_hand.predict_proba(Normalizer().fit_transform(X)), atol=1e-6
    )
    assert 0.0 <= pipeline.score(X, y) <= 1.0


def test_metadata_routing_does_not_raise():
    X, y = make_series(24)
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(Normalizer(), GDPDClassifier(**TINY)).fit(X, y)
        assert pipeline.predict(X).shape == (24,)
        search = GridSearchCV(GDPDClassifier(**TINY), {"prefix_length": [0.5]}, cv=2).fit(X, y)
        assert search.best_score_ >= 0
        GDPDClassifier().get_metadata_routing()
