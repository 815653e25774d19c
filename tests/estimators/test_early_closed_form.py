"""The early classifier of random kernels: no folds, no vote, one answer however series arrive."""

import pickle

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from synthetic import make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.distillers import KD, Blended
from gdpd_sklearn.model_selection import GDPDGridSearchCV
from gdpd_sklearn.networks import FCN, CausalFCN, PrefixModel, Rocket, RocketNetwork

SMALL = {"student": Rocket(700), "classification_points": 5, "random_state": 0, "device": "cpu"}


@pytest.fixture(scope="module", params=[1, 3])
def series(request):
    return make_series(40, n_channels=request.param)


@pytest.fixture(scope="module")
def fitted(series):
    return GDPDEarlyClassifier(**SMALL).fit(*series)


def test_it_is_the_default_and_fits_one_student_of_all_points(series):
    X, y = series
    clf = GDPDEarlyClassifier(classification_points=3, random_state=0).fit(X, y)
    (model,) = clf.models_
    assert isinstance(model[0], RocketNetwork)
    assert model.lengths == clf.classification_points_
    np.testing.assert_array_equal(clf.held_out_codes_, y)
    assert clf.held_out_probabilities_.shape == (3, 40, 2)
    assert clf.history_["prefix_length"].tolist() == list(clf.classification_points_)
    assert clf.teacher_scores_ == [None]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [({}, FCN), ({"shared": True}, CausalFCN)],
    ids=["separate", "shared"],
)
def test_a_method_without_a_closed_form_takes_a_trained_student(series, changes, kind):
    clf = GDPDEarlyClassifier(
        distiller="gdpd", n_epochs=1, n_folds=2, classification_points=2, teacher="lstm1-8",
        **changes,
    ).fit(*series)  # fmt: skip
    assert {type(model.architecture) for model in clf.models_} == {kind}


def test_the_rule_learns_from_answers_of_students_without_the_case(fitted, series):
    _, y = series
    left_out = fitted.held_out_probabilities_
    assert fitted.engine_.temperature == 1.0, "the student is calibrated by itself"
    right = (left_out.argmax(2) == y).mean(1)
    assert fitted.history_["left_out_accuracy"].tolist() == pytest.approx(right.tolist())


def test_a_lone_case_is_no_held_out_case(series):
    X, y = series
    alone = y.copy()
    alone[:] = 0
    alone[7] = 1
    alone[8:20] = 2
    clf = GDPDEarlyClassifier(**SMALL).fit(X, alone)
    np.testing.assert_array_equal(clf.held_out_codes_, np.delete(alone, 7))
    assert clf.predict_early(X).probabilities.shape == (40, 3)


def test_one_answer_however_the_series_arrive(fitted, series):
    X, _ = series
    labels, probabilities, stop_times = fitted.predict_early(X)
    few = fitted.predict_early(X[:5])  # read one by one
    np.testing.assert_array_equal(few.probabilities, probabilities[:5])
    np.testing.assert_array_equal(few.stop_times, stop_times[:5])
    stream = fitted.stream()
    for i in range(20):
        pushed = 0
        for size in (1, 2, 7, 1, 30):  # chunks that stop between points, at points and beyond
            chunk = X[i, :, pushed : pushed + size]
            pushed += chunk.shape[1]
            decision = stream.push(i, chunk) if chunk.shape[1] else None
            if decision is not None:
                break
        assert decision.label == labels[i]
        assert decision.stop_time == stop_times[i]
        np.testing.assert_array_equal(decision.probabilities, probabilities[i])


def test_a_stream_travels_between_points(fitted, series):
    X, _ = series
    expected = fitted.predict_early(X[:1])
    stream = fitted.stream()
    for value in X[0].T:
        stream = pickle.loads(pickle.dumps(stream))
        decision = stream.push("a", value)
        if decision is not None:
            break
    np.testing.assert_array_equal(decision.probabilities, expected.probabilities[0])


def test_prefixes_that_grow_are_decided_as_at_once(fitted, series):
    X, _ = series
    labels, decided = fitted.predict(X[..., :4])
    for n in range(5, X.shape[2] + 1):
        waiting = np.flatnonzero(~decided)
        if len(waiting) == 0:
            break
        new_labels, new = fitted.update_predict(X[waiting, :, :n])
        labels[waiting[new]] = new_labels[new]
        decided[waiting[new]] = True
    np.testing.assert_array_equal(labels, fitted.predict_early(X).labels)


def test_the_future_of_a_series_moves_no_answer(fitted, series):
    X, _ = series
    poisoned = X.copy()
    poisoned[..., 12:] = 1e6
    n_points = sum(point <= 12 for point in fitted.classification_points_)
    one, other = (fitted.engine_.probabilities_up_to(each, n_points) for each in (X, poisoned))
    np.testing.assert_array_equal(one, other)


def test_files_and_pickles_hold_everything(fitted, series, tmp_path):
    X, _ = series
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(
        again.predict_early(X).probabilities, fitted.predict_early(X).probabilities
    )


def test_soft_targets_of_a_teacher_of_the_same_kernels(series):
    X, y = series
    clf = GDPDEarlyClassifier(**SMALL, distiller="kd", teacher=Rocket(700)).fit(X, y)
    (score,) = clf.teacher_scores_
    assert score > 0.8
    plain = GDPDEarlyClassifier(**SMALL).fit(X, y)
    assert not np.allclose(clf.held_out_probabilities_, plain.held_out_probabilities_)


def test_it_is_searched_like_any_other(series):
    X, y = series
    grid = {"student__n_features": [200, 700], "trigger": ["falling_threshold", "margin"]}
    search = GridSearchCV(GDPDEarlyClassifier(**SMALL), grid, cv=2).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_answers_are_no_surer_than_held_out_ones_allow():
    """Noise that no student can read leaves probabilities near one half."""
    X, y = make_series(60)
    X = np.random.default_rng(0).normal(size=X.shape)
    clf = GDPDEarlyClassifier(**SMALL).fit(X, y)
    assert clf.held_out_probabilities_.max(2).mean() < 0.6


@pytest.mark.parametrize("estimator", [GDPDClassifier, GDPDEarlyClassifier])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"distiller": "dt2w"}, r"distiller=DT2W\(\) reads feature maps step by step.*'gdpd'"),
        ({"distiller": Blended(KD())}, r"distiller=Blended\(KD\(\)\) makes new series"),
        ({"scaling": "prefix"}, "scaling='prefix' differs from prefix to prefix"),
    ],
    ids=["steps", "blends", "scaling"],
)
def test_what_fixed_kernels_do_not_have_is_told(series, estimator, changes, message):
    with pytest.raises(ValueError, match=message):
        estimator(student="rocket", **changes).fit(*series)


TRAINED = {**SMALL, "distiller": "gdpd", "teacher": Rocket(700), "n_epochs": 3}


def test_gdpd_trains_it_on_and_every_way_to_answer_stays(series, tmp_path):
    X, y = series
    clf = GDPDEarlyClassifier(**TRAINED).fit(X, y)
    plain = GDPDEarlyClassifier(**SMALL).fit(X, y)
    (model,) = clf.models_
    assert isinstance(model[0], RocketNetwork)
    assert clf.n_parameters_ == plain.n_parameters_
    # of the closed form, from which training starts
    np.testing.assert_array_equal(clf.held_out_probabilities_, plain.held_out_probabilities_)
    labels, probabilities, stop_times = clf.predict_early(X)
    assert not np.allclose(probabilities, plain.predict_early(X).probabilities)
    stream = clf.stream()
    for i in range(5):
        for value in X[i].T:
            decision = stream.push(i, value)
            if decision is not None:
                break
        assert (decision.label, decision.stop_time) == (labels[i], stop_times[i])
        np.testing.assert_array_equal(decision.probabilities, probabilities[i])
    again = pickle.loads(pickle.dumps(clf))
    np.testing.assert_array_equal(again.predict_early(X).probabilities, probabilities)
    model.save(tmp_path / "weights.safetensors")
    loaded = PrefixModel.load(tmp_path / "weights.safetensors")
    np.testing.assert_array_equal(loaded.predict_proba_all(X), model.predict_proba_all(X))


@pytest.mark.parametrize("search", [GridSearchCV, GDPDGridSearchCV])
@pytest.mark.parametrize(
    ("estimator", "points"),
    [(GDPDClassifier, {}), (GDPDEarlyClassifier, {"classification_points": 2})],
    ids=["partial", "early"],
)
def test_trained_ones_are_searched_like_any_other(search, estimator, points):
    X, y = make_series(40)
    settings = {name: value for name, value in TRAINED.items() if name != "classification_points"}
    grid = {"distiller__weight": [0.1, 10.0]}
    found = search(estimator(**settings, **points), grid, cv=2).fit(X, y)
    assert np.isfinite(found.cv_results_["mean_test_score"]).all()
    assert found.best_estimator_.distiller.weight in (0.1, 10.0)


def test_cases_without_a_label_are_trained_on_as_what_the_teacher_says(series):
    X, y = series
    few = y.astype(float)
    few[np.arange(40) % 4 > 0] = np.nan
    clf = GDPDEarlyClassifier(**TRAINED, unlabelled=np.nan).fit(X, few)
    assert (clf.predict_early(X).labels == y).mean() > 0.8
    alone = GDPDEarlyClassifier(**TRAINED, unlabelled=np.nan)
    alone.fit(X[np.arange(40) % 4 == 0], y[np.arange(40) % 4 == 0].astype(float))
    difference = clf.predict_early(X).probabilities - alone.predict_early(X).probabilities
    assert np.abs(difference).max() > 0.01
