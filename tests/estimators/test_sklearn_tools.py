"""scikit-learn's and aeon's own tools on GDPDClassifier."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from aeon.pipeline import make_pipeline as make_aeon_pipeline
from aeon.transformations.collection import Normalizer
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import FitFailedWarning
from sklearn.metrics import accuracy_score, average_precision_score, make_scorer
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from synthetic import TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.distillers import GDPD
from gdpd_sklearn.model_selection import GDPDGridSearchCV
from gdpd_sklearn.networks import LSTM
from gdpd_sklearn.recipes import Training


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
    with pytest.raises(ValueError, match="Invalid parameter 'warmup' for Blended"):
        estimator(student="lstm").set_params(distiller__warmup=10)


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


# an early classifier where a plain one is wanted --------------------------------------------------


EARLY_TINY = {"classification_points": 2, "distiller": "none", "random_state": 0}


@pytest.mark.parametrize(
    "tool",
    [
        lambda early, X, y: cross_val_predict(early, X, y, cv=2),
        lambda early, X, y: CalibratedClassifierCV(early, cv=2).fit(X, y),
        lambda early, X, y: cross_val_score(
            early, X, y, cv=2, scoring="accuracy", error_score="raise"
        ),
        lambda early, X, y: make_aeon_pipeline(Normalizer(), early).fit(X, y).score(X, y),
        lambda early, X, y: accuracy_score(y, early.fit(X, y).predict(X)),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_plain_tools_are_led_to_the_plain_view(tool):
    X, y = make_series()
    with pytest.raises((TypeError, ValueError), match=r"as_classifier\(\)"):
        tool(GDPDEarlyClassifier(**EARLY_TINY), X, y)


def kinds():
    early = GDPDEarlyClassifier(**EARLY_TINY)
    plain = GDPDClassifier(**{**TINY, "n_epochs": 1, "distiller": "none"})
    return [plain, early, early.as_classifier()]


@pytest.mark.parametrize("kind", range(3))
def test_a_pipeline_scores_under_metadata_routing(kind):
    X, y = make_series()
    clf = kinds()[kind]
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(clf).fit(X, y)
        assert pipeline.score(X, y) == clone(clf).fit(X, y).score(X, y)
        search = GridSearchCV(make_pipeline(clf), {}, cv=2, error_score="raise").fit(X, y)
        assert np.isfinite(search.best_score_)
        weighing = make_pipeline(clone(clf).set_score_request(sample_weight=True)).fit(X, y)
        weights = np.arange(24.0)
        assert weighing.score(X, y, sample_weight=weights) == clone(clf).fit(X, y).score(
            X, y, sample_weight=weights
        )


@pytest.mark.parametrize("kind", range(3))
def test_weights_of_cases_count_them_as_often(kind):
    X, y = make_series()
    clf = kinds()[kind].fit(X, y)
    wrong = np.where(np.arange(24) < 9, 1 - y, y)
    weights = np.random.default_rng(0).integers(0, 4, size=24)
    often = np.repeat(np.arange(24), weights)
    expected = clf.score(X[often], wrong[often])
    assert clf.score(X, wrong, sample_weight=weights) == pytest.approx(float(expected))
    for bad in (weights[:-1], -weights, weights * 0, weights * np.nan):
        with pytest.raises(ValueError, match=r"sample_weight="):
            clf.score(X, y, sample_weight=bad)


@pytest.mark.parametrize("kind", range(3))
def test_labels_of_another_type_are_no_errors_of_the_classifier(kind):
    X, y = make_series()
    clf = kinds()[kind].fit(X, y)
    for labels in (y.astype(str), np.where(y == 0, np.nan, 1.0), np.where(y == 0, None, 1)):
        with pytest.raises(ValueError, match=r"^y (holds text|has missing labels)"):
            clf.score(X, labels)
    whole = clf.score(X, y)
    for labels in (y.tolist(), y.astype(float), y.astype(object), pd.Series(y), y[:, None]):
        assert clf.score(X, labels) == whole
    assert float(clf.score(X, y + 7)) == 0.0  # labels that fit never saw
    assert np.isfinite(float(clf.score(X[:1], y[:1])))


def test_a_diverged_candidate_never_wins_a_search():
    rng = np.random.default_rng(1)
    y = (np.arange(60) % 5 == 0).astype(int)
    X = rng.normal(size=(60, 1, 30)) + np.sin(np.linspace(0, 3, 30) * (1 + y[:, None, None]))
    clf = GDPDClassifier(
        student="fcn",
        n_epochs=2,
        distiller="none",
        random_state=0,
        training=Training(max_gradient_norm=None),
    )
    grid = {"learning_rate": [1e-3, 1e18]}
    for kind in (GridSearchCV, GDPDGridSearchCV):
        with pytest.warns(FitFailedWarning, match=r"student diverged"):
            search = kind(clf, grid, cv=2).fit(X, y)
        assert search.best_params_ == {"learning_rate": 1e-3}
        assert np.isnan(search.cv_results_["mean_test_score"]).tolist() == [False, True]
        assert np.isfinite(search.predict_proba(X)).all()
