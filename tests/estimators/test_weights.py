"""Weights of training cases, through both estimators and scikit-learn's tools."""

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from synthetic import EARLY, TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.estimators._weights import case_weights
from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.model_selection import GDPDGridSearchCV
from gdpd_sklearn.networks import Rocket
from gdpd_sklearn.recipes import Training
from gdpd_sklearn.triggers import FallingThreshold, apply_temperature, fit_temperature

SOLVED = {"student": Rocket(500), "teacher": Rocket(500), "random_state": 0}
FEW_POINTS = {"classification_points": 3, "n_folds": 2}

KINDS = {
    "solved": GDPDClassifier(**SOLVED),
    "solved, balanced": GDPDClassifier(**SOLVED, class_weight="balanced"),
    "solved, taught": GDPDClassifier(**SOLVED, distiller="kd", unlabelled=-1),
    "solved, trained on": GDPDClassifier(**SOLVED, distiller="fitnets", n_epochs=2),
    "trained": GDPDClassifier(**TINY, validation_fraction=0.25, class_weight="balanced"),
    "trained, taught": GDPDClassifier(**TINY, unlabelled=-1),
    "early, solved": GDPDEarlyClassifier(**SOLVED, **FEW_POINTS),
    "early, taught": GDPDEarlyClassifier(**SOLVED, **FEW_POINTS, unlabelled=-1),
    "early, shared": GDPDEarlyClassifier(**EARLY, distiller="kd", refit=True),
    "early, balanced": GDPDEarlyClassifier(**EARLY, distiller="none", class_weight="balanced"),
}


def probabilities(clf, X):
    return (clf if isinstance(clf, GDPDClassifier) else clf.as_classifier()).predict_proba(X)


def cases_for(clf):
    X, y = make_series(30, n_classes=3)
    if clf.unlabelled is not None:
        y[18:] = -1
    return X, y


@pytest.mark.filterwarnings("ignore:the .* cases without a label")
@pytest.mark.parametrize("kind", KINDS)
def test_a_case_of_weight_0_is_as_if_it_were_not_there(kind):
    X, y = cases_for(KINDS[kind])
    random = np.random.default_rng(1)
    weight = random.uniform(0.5, 2.0, 30)
    weight[random.permutation(30)[:7]] = 0.0
    counts = weight > 0
    whole = clone(KINDS[kind]).fit(X, y, sample_weight=weight)
    parts = clone(KINDS[kind]).fit(X[counts], y[counts], sample_weight=weight[counts])
    np.testing.assert_array_equal(probabilities(whole, X), probabilities(parts, X))
    assert whole.n_labelled_ == parts.n_labelled_
    if isinstance(whole, GDPDClassifier):
        where = np.flatnonzero(counts)[parts.validation_cases_]
        np.testing.assert_array_equal(whole.validation_cases_, where)
    else:
        np.testing.assert_array_equal(whole.held_out_weights_, parts.held_out_weights_)


@pytest.mark.filterwarnings("ignore:the .* cases without a label")
@pytest.mark.parametrize("kind", KINDS)
def test_one_weight_for_all_is_none_and_only_ratios_matter(kind):
    X, y = cases_for(KINDS[kind])
    plain = probabilities(clone(KINDS[kind]).fit(X, y), X)
    same = clone(KINDS[kind]).fit(X, y, sample_weight=np.full(30, 0.3))
    np.testing.assert_array_equal(probabilities(same, X), plain)
    weight = np.random.default_rng(1).uniform(0.5, 2.0, 30)
    light, heavy = (
        probabilities(clone(KINDS[kind]).fit(X, y, sample_weight=unit * weight), X)
        for unit in (2.0**-40, 2.0**20)
    )
    np.testing.assert_array_equal(light, heavy)
    assert np.abs(light - plain).max() > 1e-6


def test_solved_heads_are_the_weighted_ridge_of_repeated_cases():
    X, y = make_series(20)
    copies = np.random.default_rng(0).integers(1, 4, 20)
    clf = GDPDClassifier(**SOLVED).fit(X, y, sample_weight=copies)
    view, network = clf.model_.view, clf.model_[0]
    (features,) = network.along(view.scale(view.receive(X)), view.lengths)
    features = features.double().numpy()
    standard = (features - features.mean(0)) / np.where(features.std(0), features.std(0), 1)
    standard /= np.sqrt(standard.shape[1])
    # weights are 1 on average, and so is the penalty's unit
    penalty = clf.history_["penalty"].item() * copies.mean()
    often = np.repeat(np.arange(20), copies)
    ridge = Ridge(penalty, solver="cholesky").fit(standard[often], 2.0 * y[often] - 1.0)
    logits = clf.model_.predict_logits(X)
    found = logits[:, 1] - logits[:, 0]
    expected = ridge.predict(standard)
    np.testing.assert_allclose(found / found.std(), expected / expected.std(), atol=1e-4)


@pytest.mark.parametrize("distiller", ["none", "kd"])
def test_a_weight_of_2_trains_as_two_cases(distiller):
    """In batches of all cases, without batch norm and with nothing scaled by the cases."""
    X, y = make_series(12)
    weight = np.where(np.arange(12) < 5, 2.0, 1.0)
    often = np.repeat(np.arange(12), weight.astype(int))
    settings = {**TINY, "n_epochs": 6, "scaling": "none", "training": Training(batch_size=64)}
    clf = GDPDClassifier(**settings, distiller=distiller)
    weighed = clone(clf).fit(X, y, sample_weight=weight)
    repeated = clone(clf).fit(X[often], y[often])
    plain = clone(clf).fit(X, y)
    first = "task_loss"
    losses = [each.history_[first].to_numpy() for each in (weighed, repeated, plain)]
    np.testing.assert_allclose(losses[0][:1], losses[1][:1], rtol=1e-5)
    assert abs(losses[0][0] - losses[2][0]) > 1e-4
    if distiller == "none":  # transfer is about cases, whatever they count
        np.testing.assert_allclose(losses[0], losses[1], rtol=1e-3)


def test_validation_loss_counts_cases_by_their_weights():
    X, y = make_series(24)
    weight = np.random.default_rng(0).uniform(0.1, 3.0, 24)
    clf = GDPDClassifier(**{**TINY, "n_epochs": 1}, distiller="none", validation_fraction=0.25)
    clf.fit(X, y, sample_weight=weight)
    unseen = clf.validation_cases_
    losses = -np.log(clf.predict_proba(X[unseen])[np.arange(len(unseen)), y[unseen]])
    expected = (weight / weight.mean())[unseen] @ losses / len(unseen)
    assert clf.history_["validation_loss"].item() == pytest.approx(expected, rel=1e-4)


# rules of early classifiers -----------------------------------------------------------------------


def test_the_rule_learns_from_weighted_cases():
    X, y = make_series(24)
    weight = np.random.default_rng(0).uniform(0.1, 3.0, 24)
    for settings in ({**SOLVED, **FEW_POINTS}, {**EARLY, "distiller": "none"}):
        clf = GDPDEarlyClassifier(**settings, class_weight={0: 1.0, 1: 5.0})
        clf.fit(X, y, sample_weight=weight)
        expected = weight / weight.mean() * np.where(y == 1, 5.0, 1.0)
        np.testing.assert_allclose(clf.held_out_weights_, expected, rtol=1e-6)
        held_out, temperature = clf.held_out_probabilities_, clf.engine_.temperature
        if not clf.engine_.absorbs:
            found = fit_temperature(held_out, y, sample_weight=expected)
            assert temperature == pytest.approx(found)
        points = np.array(clf.classification_points_) / 20
        rule = FallingThreshold().fit(
            apply_temperature(held_out, temperature), y, points, sample_weight=expected
        )
        assert clf.trigger_.start_ == pytest.approx(rule.start_)
        assert clf.trigger_.slope_ == pytest.approx(rule.slope_)


def test_another_rule_learns_from_the_same_weights(tmp_path):
    X, y = make_series(24)
    cost = DecisionCost(delay=0.2)
    weight = np.random.default_rng(0).uniform(0.1, 3.0, 24)
    clf = GDPDEarlyClassifier(**SOLVED, **FEW_POINTS, objective=cost, trigger="calimera")
    clf.fit(X, y, sample_weight=weight)
    expected = clf.trigger_.coefficients_
    clf.save(tmp_path / "clf.safetensors")
    opened = GDPDEarlyClassifier.load(tmp_path / "clf.safetensors")
    for each in (clf, opened):
        each.fit_trigger("margin").fit_trigger("calimera")
        np.testing.assert_array_equal(each.trigger_.coefficients_, expected)


# scikit-learn's tools -----------------------------------------------------------------------------


WEIGHT = np.random.default_rng(3).uniform(0.2, 4.0, 24)


@pytest.mark.parametrize("kind", ["solved", "early, solved", "as classifier"])
def test_weights_reach_a_fit_through_pipeline_and_search(kind):
    X, y = make_series(24)
    own = KINDS[kind] if kind in KINDS else KINDS["early, solved"].as_classifier()
    expected = clone(own).fit(X, y, sample_weight=WEIGHT)
    asked = expected.predict_early(X) if hasattr(expected, "predict_early") else None
    pipeline = Pipeline([("clf", clone(own))])
    pipeline.fit(X, y, clf__sample_weight=WEIGHT)
    searched = GridSearchCV(clone(own), {"random_state": [0]} if asked else {}, cv=2)
    searched.fit(X, y, sample_weight=WEIGHT)
    with sklearn.config_context(enable_metadata_routing=True):
        asking = (
            clone(own).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        )
        routed = Pipeline([("clf", asking)]).fit(X, y, sample_weight=WEIGHT)
        routed_search = GridSearchCV(Pipeline([("clf", asking)]), {}, cv=2, error_score="raise")
        routed_search.fit(X, y, sample_weight=WEIGHT)
    found = [
        pipeline[-1], searched.best_estimator_, routed[-1], routed_search.best_estimator_[-1]
    ]  # fmt: skip
    for each in found:
        if asked is None:
            np.testing.assert_array_equal(each.predict_proba(X), expected.predict_proba(X))
        else:
            np.testing.assert_array_equal(each.predict_early(X).probabilities, asked.probabilities)


def test_a_shared_search_hands_weights_on():
    X, y = make_series(24)
    clf = GDPDClassifier(**TINY, distiller="kd")
    grid = {"distiller__weight": [0.1, 10.0]}
    plain = GridSearchCV(clf, grid, cv=2, scoring="neg_log_loss")
    shared = GDPDGridSearchCV(clf, grid, cv=2, scoring="neg_log_loss")
    plain.fit(X, y, sample_weight=WEIGHT)
    shared.fit(X, y, sample_weight=WEIGHT)
    assert shared.n_shared_fits_ == 4
    name = "mean_test_score"
    np.testing.assert_allclose(shared.cv_results_[name], plain.cv_results_[name], rtol=1e-3)
    np.testing.assert_array_equal(shared.predict_proba(X), plain.predict_proba(X))


# few cases ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore:the .* cases without a label")
def test_classes_of_one_and_two_cases(kind):
    X, y = make_series(30, n_classes=3)
    y[:] = 0
    y[[4, 9]], y[20] = 1, 2
    taught = KINDS[kind].unlabelled is not None
    if taught:
        y[22:] = -1
    lone = np.ones(30)
    lone[4] = 0.0  # of the class of two
    for weight, held_out in ((None, {0, 1}), (lone, {0})):
        clf = clone(KINDS[kind]).fit(X, y, sample_weight=weight)
        assert clf.classes_.tolist() == [0, 1, 2]
        np.testing.assert_allclose(probabilities(clf, X).sum(1), 1.0, atol=1e-6)
        if isinstance(clf, GDPDEarlyClassifier) and not taught:
            assert set(clf.held_out_codes_.tolist()) == held_out


def test_a_class_without_a_case_that_counts_stays_a_class():
    X, y = make_series(30, n_classes=3)
    for kind in ("solved", "solved, balanced", "trained", "early, solved", "early, balanced"):
        clf = clone(KINDS[kind]).fit(X, y, sample_weight=(y != 2).astype(float))
        assert clf.classes_.tolist() == [0, 1, 2]
        assert np.isfinite(probabilities(clf, X)).all()


@pytest.mark.parametrize("kind", ["solved", "trained", "early, solved", "early, shared"])
@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.ones(3), "for each of the 24 cases"),
        (-np.ones(24), "of at least 0"),
        (np.full(24, np.nan), "finite"),
        ("heavy", "must hold numbers"),
        (np.eye(24)[0], "leaves no class two labelled cases"),
    ],
)
def test_bad_weights_are_named(kind, weight, message):
    X, y = make_series(24)
    with pytest.raises(ValueError, match=rf"^sample_weight=(.|\n)*{message}"):
        clone(KINDS[kind]).fit(X, y, sample_weight=weight)


def test_weights_are_one_on_average_where_cases_count():
    codes = np.array([0, 0, 1, 1, -1])
    np.testing.assert_allclose(case_weights([1, 3, 0, 4, 8], codes), [0.25, 0.75, 0, 1, 2])
    np.testing.assert_array_equal(case_weights([3, 3, 0, 3, 3], codes), [1, 1, 0, 1, 1])
    np.testing.assert_array_equal(case_weights([1e300, 1e300, 1, 0, 0], codes), [1, 1, 0, 0, 0])
    assert case_weights(None, codes) is None
