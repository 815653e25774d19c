"""GDPDGridSearchCV gives what GridSearchCV gives."""

import pickle

import numpy as np
import pytest
from aeon.transformations.collection import Normalizer
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV, GroupKFold, StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from synthetic import TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.distillers import GDPD
from gdpd_sklearn.fitting import _fit, _teacher_of
from gdpd_sklearn.model_selection import GDPDGridSearchCV, _shared_fits
from gdpd_sklearn.model_selection._shared_fits import SharedFits
from gdpd_sklearn.networks import FCN, Bank

GRID = {
    "distiller__weight": [0.1, 10.0],
    "distiller__warmup": [1, 2],
    "prefix_length": [0.3, 12],
}

# too wide to be stacked on a CPU: a bank of these computes to the last bit what each does alone
LOOPED = {**TINY, "student": FCN((40,), (3,))}


@pytest.fixture
def data():
    X, y = make_series(24)
    return X, np.array(["left", "right"])[y]


@pytest.fixture
def lone_fits(monkeypatch):
    """Fits that are not trained together by a search; a list that fills."""
    fits = []
    fit, train = _fit.fit, SharedFits.train

    def noted(tasks, n_jobs=None):
        fits.extend(tasks)
        return fit(tasks, n_jobs)

    def together(self, n_jobs=None):
        n_before = len(fits)
        train(self, n_jobs)
        del fits[n_before:]

    monkeypatch.setattr(_fit, "fit", noted)
    monkeypatch.setattr(_shared_fits, "fit", noted)
    monkeypatch.setattr(SharedFits, "train", together)
    return fits


@pytest.fixture
def teachers(monkeypatch):
    """Teachers that are trained; a list that fills."""
    trained = []
    fit_teacher = _teacher_of.fit_teacher

    def noted(*args, **kwargs):
        trained.append(args)
        return fit_teacher(*args, **kwargs)

    monkeypatch.setattr(_teacher_of, "fit_teacher", noted)
    return trained


@pytest.fixture
def banks(monkeypatch):
    """Members of the banks that are made, and whether they are stacked; a list that fills."""
    made = []
    start = Bank.__init__

    def noted(self, modules, stacked):
        start(self, modules, stacked)
        made.append((len(self), self.stacked))

    monkeypatch.setattr(Bank, "__init__", noted)
    return made


def assert_same(fast, plain, X, atol=0.0):
    assert fast.best_params_ == plain.best_params_
    assert fast.best_index_ == plain.best_index_
    assert list(fast.cv_results_) == list(plain.cv_results_)
    for name, column in plain.cv_results_.items():
        if name == "params" or name.startswith("param_"):
            assert list(fast.cv_results_[name]) == list(column)
        elif not name.endswith("_time") and not name.startswith("rank_"):
            np.testing.assert_allclose(fast.cv_results_[name], column, rtol=0, atol=atol)
    assert type(fast.best_estimator_) is type(plain.best_estimator_)
    np.testing.assert_array_equal(fast.predict_proba(X), plain.predict_proba(X))
    np.testing.assert_array_equal(fast.classes_, plain.classes_)
    assert set(_fitted(plain)) <= set(_fitted(fast))


def _fitted(search):
    return [name for name in vars(search) if name.endswith("_") and not name.startswith("_")]


def test_looped_students_score_exactly_the_same(data, lone_fits):
    X, y = data
    clf = GDPDClassifier(**LOOPED, validation_fraction=0.3)
    grid = [GRID, {"random_state": [1]}]
    plain = GridSearchCV(clf, grid, scoring="neg_log_loss", cv=2, return_train_score=True)
    plain.fit(X, y)
    lone_fits.clear()
    fast = GDPDGridSearchCV(clf, grid, scoring="neg_log_loss", cv=2, return_train_score=True)
    assert fast.fit(X, y) is fast
    assert fast.n_shared_fits_ == 2 * (8 + 1)
    assert len(lone_fits) == 1, "the refit alone"
    assert fast.shared_fit_time_ > 0
    assert_same(fast, plain, X)
    assert np.ptp(plain.cv_results_["mean_test_score"]) > 1e-3, "candidates are to differ"


@pytest.mark.parametrize("student", ["fcn", "lstm1-8"])
def test_stacked_students_score_the_same_up_to_rounding(data, banks, student):
    X, y = data
    clf = GDPDClassifier(**{**TINY, "student": student}, distiller="gdpd", validation_fraction=0.3)
    scoring = {"loss": "neg_log_loss", "accuracy": "accuracy"}
    plain = GridSearchCV(clf, GRID, scoring=scoring, refit="loss", cv=2).fit(X, y)
    banks.clear()
    fast = GDPDGridSearchCV(clf, GRID, scoring=scoring, refit="loss", cv=2).fit(X, y)
    assert max(banks) == (8, True), "2 λ × 2 prefixes × 2 folds after the warm-up"
    assert_same(fast, plain, X, atol=1e-3)


@pytest.mark.parametrize("scaling", ["standard", "prefix"])
def test_students_of_some_channels_share_the_teacher_of_all(lone_fits, teachers, scaling):
    X, y = make_series(24, n_channels=3)
    X[:, 1] = 5.0 - 2.0 * X[:, 1]
    grid = {"channels": [None, 2, (2, 0)], "distiller__weight": [0.1, 10.0]}
    clf = GDPDClassifier(
        **{**LOOPED, "n_epochs": 2}, validation_fraction=0.3, scaling=scaling
    )  # fmt: skip
    plain = GridSearchCV(clf, grid, scoring="neg_log_loss", cv=2).fit(X, y)
    for each in (lone_fits, teachers):
        each.clear()
    fast = GDPDGridSearchCV(clf, grid, scoring="neg_log_loss", cv=2).fit(X, y)
    assert len(lone_fits) == 1, "the refit alone"
    assert len(teachers) == 3, "one of each fold and one of the refit"
    assert_same(fast, plain, X)
    assert len(np.unique(plain.cv_results_["mean_test_score"])) == 6
    assert fast.best_estimator_.channels_ == plain.best_estimator_.channels_
    seen = list(fast.best_estimator_.channels_)
    np.testing.assert_array_equal(fast.predict_proba(X[:, seen]), fast.predict_proba(X))


def test_mixed_precision_is_that_of_the_fits_alone(data, lone_fits):
    X, y = data
    grid = {"training__precision": ["float32", "bfloat16"], "distiller__weight": [0.1, 10.0]}
    clf = GDPDClassifier(**LOOPED, validation_fraction=0.3)
    plain = GridSearchCV(clf, grid, scoring="neg_log_loss", cv=2).fit(X, y)
    lone_fits.clear()
    fast = GDPDGridSearchCV(clf, grid, scoring="neg_log_loss", cv=2).fit(X, y)
    assert len(lone_fits) == 1
    assert_same(fast, plain, X)
    assert len(np.unique(plain.cv_results_["mean_test_score"])) == 4


def test_validation_cases_are_those_of_the_fits_alone(data):
    X, y = data
    clf = GDPDClassifier(**LOOPED, validation_fraction=0.3)
    grid = {"distiller__weight": [0.1, 10.0]}
    held = {}

    for kind in (GridSearchCV, GDPDGridSearchCV):
        held[kind] = []

        def score(fitted, X, y, found=held[kind]):
            found.append((fitted.validation_cases_.tolist(), fitted.teacher_score_))
            return 0.0

        kind(clf, grid, scoring=score, cv=2, refit=False).fit(X, y)
    assert held[GDPDGridSearchCV] == held[GridSearchCV]
    assert all(cases for cases, _ in held[GridSearchCV])


def test_folds_are_those_of_the_splitter(data):
    X, y = data
    groups = np.arange(24) // 4
    grid = {"distiller__weight": [0.1, 10.0]}
    clf = GDPDClassifier(**LOOPED)
    plain, fast = (
        kind(clf, grid, scoring="neg_log_loss", cv=GroupKFold(3)).fit(X, y, groups=groups)
        for kind in (GridSearchCV, GDPDGridSearchCV)
    )
    assert_same(fast, plain, X)
    # a splitter that never gives the same folds twice is asked once
    shuffled = GDPDGridSearchCV(clf, grid, cv=StratifiedShuffleSplit(2), refit=False).fit(X, y)
    assert shuffled.n_shared_fits_ == 4
    assert shuffled.n_splits_ == 2


def test_a_pipeline_is_searched_too(data, lone_fits):
    X, y = data
    pipeline = make_pipeline(Normalizer(), GDPDClassifier(**LOOPED))
    grid = {"gdpdclassifier__distiller__weight": [0.1, 10.0]}
    plain = GridSearchCV(pipeline, grid, scoring="neg_log_loss", cv=2).fit(X, y)
    lone_fits.clear()
    fast = GDPDGridSearchCV(pipeline, grid, scoring="neg_log_loss", cv=2).fit(X, y)
    assert len(lone_fits) == 1
    assert_same(fast, plain, X)


@pytest.mark.parametrize("refit", [False, True])
def test_an_early_classifier_trains_no_student_twice(data, lone_fits, teachers, refit):
    X, y = data
    early = GDPDEarlyClassifier(
        classification_points=2, n_folds=2, refit=refit, n_epochs=2, student=FCN((40,), (3,)),
        teacher="lstm1-8", random_state=0, device="cpu",
    )  # fmt: skip
    grid = [
        {"distiller__weight": [0.1, 10.0]},
        {"distiller__weight": [10.0], "trigger": ["margin"]},
    ]
    plain = GridSearchCV(early, grid, cv=2).fit(X, y)
    for each in (lone_fits, teachers):
        each.clear()
    fast = GDPDGridSearchCV(early, grid, cv=2).fit(X, y)
    n_tasks = 3 if refit else 2
    # 2 λ × 2 parts of the search × the folds within (and all cases); the rule trains nothing
    assert fast.n_shared_fits_ == 2 * 2 * n_tasks
    assert len(lone_fits) == n_tasks, "the refit of the best alone"
    assert len(teachers) == (2 + 1) * n_tasks, "one for each set of cases, whatever the λ"
    np.testing.assert_array_equal(
        fast.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"]
    )
    assert fast.best_params_ == plain.best_params_
    assert fast.best_estimator_.memory is None
    assert "SharedFits" not in str(fast.best_estimator_)


def test_estimators_in_the_grid_are_searched_and_left_as_they_are(data, lone_fits):
    X, y = data
    candidates = [GDPDClassifier(**LOOPED, distiller=d) for d in ("kd", "none")]
    pipeline = make_pipeline(Normalizer(), GDPDClassifier(**LOOPED))
    grid = {"gdpdclassifier": candidates}
    plain = GridSearchCV(pipeline, grid, scoring="neg_log_loss", cv=2).fit(X, y)
    lone_fits.clear()
    fast = GDPDGridSearchCV(pipeline, grid, scoring="neg_log_loss", cv=2).fit(X, y)
    assert fast.n_shared_fits_ == 4
    assert len(lone_fits) == 1
    np.testing.assert_array_equal(
        fast.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"]
    )
    kept = [*fast.cv_results_["param_gdpdclassifier"], fast.best_estimator_[-1], *candidates]
    assert all(each.memory is None for each in kept)
    assert str(fast.best_params_) == str(plain.best_params_)


def test_a_view_of_an_early_classifier_is_searched_too(data, lone_fits):
    X, y = data
    early = GDPDEarlyClassifier(
        classification_points=2, n_folds=2, n_epochs=2, student="lstm1-8", teacher="lstm1-8",
        random_state=0, device="cpu",
    )  # fmt: skip
    grid = {"early__trigger": ["falling_threshold", "margin"]}
    fast = GDPDGridSearchCV(early.as_classifier(), grid, cv=2).fit(X, y)
    assert fast.n_shared_fits_ == 4
    assert len(lone_fits) == 2, "the folds of the refit"
    copied = pickle.loads(pickle.dumps(fast.best_estimator_))
    assert copied.early_.memory is None
    np.testing.assert_array_equal(copied.predict(X), fast.predict(X))


def test_an_estimator_that_trains_nothing_here_is_refused(data):
    X, y = data
    search = GDPDGridSearchCV(
        DummyClassifier(random_state=0), {"strategy": ["prior", "uniform"]}, cv=2
    )
    with pytest.raises(TypeError, match="GDPDClassifier or GDPDEarlyClassifier"):
        search.fit(X, y)


def test_what_cannot_be_shared_is_fitted_as_usual(data, lone_fits):
    X, y = data
    # no seed: a fit cannot be foreseen
    search = GDPDGridSearchCV(
        GDPDClassifier(**LOOPED), {"random_state": [None, 0]}, cv=2, refit=False
    ).fit(X, y)
    assert search.n_shared_fits_ == 2
    assert len(lone_fits) == 2
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_failing_candidates_fail_as_in_scikit_learn(data):
    X, y = data
    grid = {"prefix_length": [0.5, 2.0]}
    search = GDPDGridSearchCV(GDPDClassifier(**LOOPED), grid, cv=2, error_score=-1.0)
    with pytest.warns(FitFailedWarning, match=r"prefix_length=2\.0"):
        search.fit(X, y)
    assert search.cv_results_["mean_test_score"][1] == -1.0
    with pytest.raises(ValueError, match=r"prefix_length=2\.0"):
        clone(search).set_params(error_score="raise").fit(X, y)


def test_nothing_is_left_behind(data, lone_fits):
    X, y = data
    grid = {"distiller__weight": [0.1, 1.0]}
    search = GDPDGridSearchCV(GDPDClassifier(**LOOPED), grid, cv=2)
    assert clone(search).get_params()["cv"] == 2
    search.fit(X, y)
    assert search.cv == 2
    lone_fits.clear()
    GDPDClassifier(**LOOPED, distiller=GDPD(0.1)).fit(X, y)
    assert len(lone_fits) == 1, "after the search a fit is a fit"
