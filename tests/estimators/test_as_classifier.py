"""The plain view of an early classifier, and scikit-learn's tools on it."""

import pickle

import joblib
import numpy as np
import pytest
import sklearn
from aeon.pipeline import make_pipeline as make_aeon_pipeline
from aeon.testing.estimator_checking import parametrize_with_checks
from aeon.testing.testing_config import EXCLUDED_TESTS
from aeon.transformations.collection import Normalizer
from early_cases import whimsical
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from synthetic import EARLY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.estimators import EarlyAsClassifier


class Checked(EarlyAsClassifier):
    """The view, with instances for aeon's checks."""

    @classmethod
    def _get_test_params(cls, parameter_set="default"):
        early = GDPDEarlyClassifier(**GDPDEarlyClassifier._get_test_params()[0])
        return [{"early": early}, {"early": early, "prefix": 0.5}]


@parametrize_with_checks([Checked])
def test_aeon_checks(check):
    check()


def test_no_aeon_check_is_excluded():
    assert not {"EarlyAsClassifier", "Checked"} & EXCLUDED_TESTS.keys()


SETTING = {**EARLY, "student": "causal_fcn", "trigger": whimsical}


@pytest.fixture(scope="module", params=[True, False], ids=["shared", "separate"])
def early(request):
    X, y = make_series(n_channels=2)
    return GDPDEarlyClassifier(**{**SETTING, "shared": request.param}).fit(X, y)


# what it answers ----------------------------------------------------------------------------------


def test_view_of_the_decisions(early):
    X, _ = make_series(30, 2, seed=1)
    expected = early.predict_early(X)
    view = early.as_classifier()
    np.testing.assert_array_equal(view.predict(X), expected.labels)
    np.testing.assert_array_equal(view.predict_proba(X), expected.probabilities)
    np.testing.assert_array_equal(view.classes_, early.classes_)


@pytest.mark.parametrize(
    ("prefix", "point"),
    [(5, 0), (9, 0), (0.25, 0), (0.5, 1), (14, 1), (0.99, 3), (20, 3), (1.0, 3)],
)
def test_view_of_a_prefix(early, prefix, point):
    X, _ = make_series(30, 2, seed=1)
    view = early.as_classifier(prefix)
    length = early.classification_points_[point]
    expected = early.engine_.probabilities_at(X, point)
    np.testing.assert_array_equal(view.predict_proba(X), expected)
    np.testing.assert_array_equal(view.predict_proba(X[:, :, :length]), expected)
    np.testing.assert_array_equal(view.predict(X), expected.argmax(1))
    altered = X.copy()
    altered[:, :, length:] = 1e6
    np.testing.assert_array_equal(view.predict_proba(altered), expected)


def test_view_of_a_fitted_classifier_is_fitted_without_training(early, forbid_training):
    forbid_training()
    view = early.as_classifier(0.5)
    assert view.early_.engine_ is early.engine_
    assert view.is_fitted
    X, y = make_series(30, 2, seed=1)
    assert 0.0 <= view.score(X, y) <= 1.0
    with pytest.raises(AssertionError, match="trained"):
        view.fit(X, y)  # the spy works


def test_a_view_stays_what_it_was_made_of_as_a_stream_does():
    X, y = make_series()
    early = GDPDEarlyClassifier(**SETTING).fit(X, y)
    view, half = early.as_classifier(), early.as_classifier(0.5)
    expected = [each.predict_proba(X) for each in (view, half)]
    early.fit_trigger("calimera")
    early.set_params(classification_points=3).fit(
        X[:, :, :15], np.array(["a", "b", "c"])[np.arange(24) % 3]
    )
    for each, before in zip((view, half), expected, strict=True):
        np.testing.assert_array_equal(each.predict_proba(X), before)
        assert set(each.predict(X)) <= {0, 1}
        np.testing.assert_array_equal(each.classes_, [0, 1])
    assert early.as_classifier().classes_.tolist() == ["a", "b", "c"]


@pytest.mark.parametrize("prefix", [None, 0.5])
def test_fitting_the_view_is_fitting_the_classifier(prefix):
    X, y = make_series()
    early = GDPDEarlyClassifier(**SETTING)
    view = early.as_classifier(prefix)
    with pytest.raises(NotFittedError):
        view.predict(X)
    assert view.fit(X, y) is view
    assert not early.is_fitted  # the view fits a clone
    by_hand = clone(early).fit(X, y).as_classifier(prefix)
    np.testing.assert_array_equal(view.predict_proba(X), by_hand.predict_proba(X))


def test_prediction_leaves_the_session_alone(early):
    X, _ = make_series(30, 2, seed=1)
    early.predict(X[:, :, :7])
    before = early.get_state_info()
    early.as_classifier().predict(X)
    early.as_classifier(0.5).predict_proba(X)
    np.testing.assert_array_equal(early.get_state_info(), before)


@pytest.mark.parametrize("labels", [["no", "yes"], [-1, 1], ["-1", "1"], [7, 3]], ids=str)
def test_labels_come_back_in_their_own_type(labels):
    X, codes = make_series()
    y = np.array(labels)[codes]
    view = GDPDEarlyClassifier(**SETTING).as_classifier().fit(X, y)
    predicted = view.predict(X)
    assert predicted.dtype == y.dtype
    assert set(predicted) == set(y)
    np.testing.assert_array_equal(view.classes_, np.unique(y))


@pytest.mark.parametrize("prefix", [None, 0.5])
def test_round_trips(early, prefix, tmp_path):
    X, _ = make_series(30, 2, seed=1)
    view = early.as_classifier(prefix)
    joblib.dump(view, tmp_path / "view.joblib")
    for twin in (pickle.loads(pickle.dumps(view)), joblib.load(tmp_path / "view.joblib")):
        np.testing.assert_array_equal(twin.predict_proba(X), view.predict_proba(X))
        assert twin.prefix == prefix


# parameters ---------------------------------------------------------------------------------------


def test_clone_and_nested_parameters(early):
    view = early.as_classifier(0.5)
    twin = clone(view)
    assert not twin.is_fitted
    assert twin.early is not early
    assert not twin.early.is_fitted
    twin.set_params(early__distiller__weight=10, early__n_epochs=1, early__trigger="teaser")
    twin.set_params(early__trigger__max_consecutive=2, prefix=7)
    assert (twin.early.distiller.weight, twin.early.n_epochs, twin.prefix) == (10, 1, 7)
    assert twin.early.trigger.max_consecutive == 2
    assert twin.get_params()["early__distiller__weight"] == 10
    assert early.distiller == "auto"
    with pytest.raises(ValueError, match="Invalid parameter 'wheight'"):
        twin.set_params(early__distiller__wheight=1)


# tools --------------------------------------------------------------------------------------------


@pytest.fixture
def plain():
    return GDPDEarlyClassifier(**{**EARLY, "n_epochs": 1, "distiller": "none"}).as_classifier()


@pytest.mark.parametrize("scoring", ["roc_auc", "accuracy", "neg_log_loss", "average_precision"])
def test_scorers(early, scoring):
    X, y = make_series(30, 2, seed=1)
    for view in (early.as_classifier(), early.as_classifier(0.5)):
        assert np.isfinite(get_scorer(scoring)(view, X, y))


@pytest.mark.parametrize("prefix", [None, 0.5])
def test_cross_validation(plain, prefix):
    X, y = make_series(30, n_classes=3)
    plain.set_params(prefix=prefix)
    scores = cross_val_score(plain, X, y, cv=2, scoring="roc_auc_ovr", error_score="raise")
    assert np.isfinite(scores).all()
    assert cross_val_predict(plain, X, y, cv=2).shape == (30,)
    probabilities = cross_val_predict(plain, X, y, cv=2, method="predict_proba")
    assert probabilities.shape == (30, 3)
    np.testing.assert_allclose(probabilities.sum(1), 1.0)


def test_grid_search_over_nested_parameters(plain):
    X, y = make_series()
    plain.set_params(early__distiller="kd")
    grid = {"early__distiller__weight": [0.1, 10.0], "prefix": [0.25, None]}
    search = GridSearchCV(plain, grid, scoring="roc_auc", cv=2, error_score="raise").fit(X, y)
    assert len(search.cv_results_["params"]) == 4
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.predict(X).shape == (24,)


def test_calibration_and_voting(plain):
    X, y = make_series()
    calibrated = CalibratedClassifierCV(plain, cv=2).fit(X, y)
    np.testing.assert_allclose(calibrated.predict_proba(X).sum(1), 1.0)
    short = clone(plain).set_params(prefix=0.5)
    members = [("decided", plain), ("half", short)]
    soft = VotingClassifier(members, voting="soft").fit(X, y)
    expected = np.mean([clone(each).fit(X, y).predict_proba(X) for _, each in members], axis=0)
    np.testing.assert_allclose(soft.predict_proba(X), expected)
    assert set(VotingClassifier(members, voting="hard").fit(X, y).predict(X)) <= {0, 1}


@pytest.mark.parametrize("make", [make_pipeline, make_aeon_pipeline])
def test_pipelines(plain, make):
    X, y = make_series()
    scaled = Normalizer().fit_transform(X)
    pipeline = make(Normalizer(), plain).fit(X, y)
    expected = clone(plain).fit(scaled, y).predict_proba(scaled)
    np.testing.assert_allclose(pipeline.predict_proba(X), expected)
    assert 0.0 <= pipeline.score(X, y) <= 1.0


def test_metadata_routing_does_not_raise(plain):
    X, y = make_series()
    with sklearn.config_context(enable_metadata_routing=True):
        assert make_pipeline(Normalizer(), plain).fit(X, y).predict(X).shape == (24,)
        plain.get_metadata_routing()
        GDPDEarlyClassifier().get_metadata_routing()


# what is refused ----------------------------------------------------------------------------------


def test_bad_prefixes_are_refused(early):
    allowed = r"must be a float in \(0, 1\].*int in \[1, 20\]"
    for prefix, message in [
        (0, rf"prefix=0 {allowed}"),
        (21, rf"prefix=21 {allowed}"),
        (1.5, rf"prefix=1.5 {allowed}"),
        (True, rf"prefix=True {allowed}"),
        ("half", rf"prefix='half' {allowed}"),
        (4, r"prefix=4 is before the first classification point \(5 time points\)"),
        (0.2, r"prefix=0.2 is before the first classification point \(5 time points\)"),
    ]:
        with pytest.raises(ValueError, match=message):
            early.as_classifier(prefix)
    for prefix in (21, 4):
        with pytest.raises(ValueError, match=rf"prefix={prefix} "):
            GDPDEarlyClassifier(**SETTING).as_classifier(prefix).fit(*make_series())


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_bad_series_are_refused(early):
    X, _ = make_series(n_channels=2)
    whole, half = early.as_classifier(), early.as_classifier(0.5)
    infinite = X.copy()
    infinite[3, 1, 4] = np.inf
    for view, series, message in [
        (half, X[:, :, :9], r"X has 9 time points in case 0, but 10 are needed"),
        (half, [X[0], X[1, :, :9]], r"X has 9 time points in case 1, but 10 are needed"),
        (whole, np.tile(X, 2), r"X has 40 time points in case 0, more than the full length 20"),
        (half, X[:, :1], r"X has 1 channels in case 0, but the classifier was fitted on 2"),
        (whole, X[:, :1], r"X has 1 channels in case 0, but the classifier was fitted on 2"),
        (half, X[:0], r"X of shape \(0, 2, 20\) is empty"),
        (whole, X[:0], r"X of shape \(0, 2, 20\) is empty"),
        (half, infinite, r"X contains infinite values in case 3"),
        (whole, infinite, r"X contains infinite values in case 3"),
    ]:
        for ask in (view.predict, view.predict_proba):
            with pytest.raises(ValueError, match=message):
                ask(series)


@pytest.mark.parametrize("early", [3, "gdpd", GDPDClassifier()], ids=str)
def test_what_is_no_early_classifier_is_refused(early):
    with pytest.raises(TypeError, match=r"early=.* must be a GDPDEarlyClassifier"):
        EarlyAsClassifier(early).fit(*make_series())
