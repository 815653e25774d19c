"""scikit-learn's and aeon's own tools on GDPDClassifier."""

import numpy as np
import pytest
import sklearn
from aeon.pipeline import make_pipeline as make_aeon_pipeline
from aeon.transformations.collection import Normalizer
from joblib import Parallel, delayed
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


@pytest.mark.parametrize(
    "scoring",
    [
        "accuracy",
        "roc_auc_ovr",
        "average_precision",
        make_scorer(prevalence, response_method="predict_proba"),
    ],
)
def test_grid_search(scoring):
    X, y = make_series(24)
    grid = {
        "distiller__weight": [0.1, 10.0], "student__hidden_size": [4], "prefix_length": [0.3, 12]
    }  # fmt: skip
    classifier = GDPDClassifier(**TINY, distiller="gdpd")
    search = GridSearchCV(classifier, grid, scoring=scoring, cv=2).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert len(search.cv_results_["params"]) == 4
    assert search.predict(X).shape == (24,)


def test_grid_search_over_three_classes_side_by_side():
    X, y = make_series(30, n_classes=3)
    grid = {"distiller": ["none", "kd", "gdpd"]}
    one = GridSearchCV(GDPDClassifier(**TINY), grid, scoring="roc_auc_ovr", cv=2).fit(X, y)
    two = GridSearchCV(GDPDClassifier(**TINY), grid, scoring="roc_auc_ovr", cv=2, n_jobs=2).fit(
        X, y
    )
    np.testing.assert_allclose(
        one.cv_results_["mean_test_score"], two.cv_results_["mean_test_score"]
    )


def threads_in_a_worker():
    import torch

    clf = GDPDClassifier(**TINY).fit(*make_series())
    return torch.get_num_threads(), clf.n_parameters_


def test_workers_do_not_oversubscribe():
    from joblib import cpu_count

    found = Parallel(n_jobs=2)(delayed(threads_in_a_worker)() for _ in range(2))
    assert all(threads <= max(1, cpu_count() // 2) for threads, _ in found)


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
