"""What runs in several processes gives what one process gives.

They stand in one file, which one worker of pytest-xdist runs: joblib keeps its two processes, and
each takes seconds to import torch and aeon.
"""

import joblib
import numpy as np
import torch
from early_cases import assert_same
from joblib import Parallel, delayed
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from synthetic import EARLY, TINY, make_series, write_split

from benchmarks.accuracy._compute import Laboratory
from benchmarks.accuracy._grid import Grid
from benchmarks.accuracy._run import run
from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.estimators import SCORERS
from gdpd_sklearn.model_selection import GDPDGridSearchCV
from gdpd_sklearn.networks import FCN

QUICK = {**EARLY, "n_epochs": 1, "distiller": "none"}

# too wide to be stacked on a CPU: a bank of these computes to the last bit what each does alone
LOOPED = {**TINY, "student": FCN((40,), (3,))}


def threads_in_a_worker():
    clf = GDPDClassifier(**TINY).fit(*make_series())
    return torch.get_num_threads(), clf.n_parameters_


def test_workers_do_not_oversubscribe():
    found = Parallel(n_jobs=2)(delayed(threads_in_a_worker)() for _ in range(2))
    assert all(threads <= max(1, joblib.cpu_count() // 2) for threads, _ in found)


def test_folds_of_an_early_classifier():
    X, y = make_series()
    one, two = (GDPDEarlyClassifier(**QUICK, n_jobs=n_jobs).fit(X, y) for n_jobs in (1, 2))
    np.testing.assert_array_equal(two.held_out_probabilities_, one.held_out_probabilities_)
    assert_same(two.predict_early(X), one.predict_early(X))


def test_grid_search_over_three_classes():
    X, y = make_series(30, n_classes=3)
    one, two = (
        GridSearchCV(
            GDPDClassifier(**TINY), {"distiller": ["none", "kd", "gdpd"]}, scoring="roc_auc_ovr",
            cv=2, n_jobs=n_jobs, refit=False,
        ).fit(X, y)
        for n_jobs in (1, 2)
    )  # fmt: skip
    np.testing.assert_allclose(*(each.cv_results_["mean_test_score"] for each in (one, two)))


def test_a_search_that_trains_together():
    X, y = make_series()
    grid = {"random_state": [0, 1]}
    one, two = (
        GDPDGridSearchCV(
            GDPDClassifier(**LOOPED), grid, scoring="neg_log_loss", cv=2, n_jobs=n_jobs
        ).fit(X, y)
        for n_jobs in (None, 2)
    )
    assert two.best_params_ == one.best_params_
    for name in ("split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(two.cv_results_[name], one.cv_results_[name])
    np.testing.assert_array_equal(two.predict_proba(X), one.predict_proba(X))


def test_cross_validation_by_several_scores():
    X, y = make_series()
    clf = GDPDEarlyClassifier(**{**QUICK, "student": "causal_fcn"})
    scores = cross_val_score(clf, X, y, cv=2, error_score="raise")
    assert scores.shape == (2,)
    assert scores.dtype == np.float64
    several = cross_validate(clf, X, y, cv=2, n_jobs=2, scoring=dict(SCORERS), error_score="raise")
    np.testing.assert_array_equal(several["test_harmonic_mean"], scores)
    np.testing.assert_allclose(
        several["test_neg_average_cost"],
        several["test_accuracy"] - 1 + several["test_neg_earliness"],
    )


def test_two_runs_of_the_accuracy_benchmark_give_the_same_bytes(tmp_path):
    for name, n_channels in (("Waves", 1), ("Moves", 3)):
        for split, seed in (("TRAIN", 0), ("TEST", 1)):
            write_split(tmp_path, name, split, *make_series(16, n_channels, 12, seed=seed))
    cells = Grid(
        sets=("Waves", "Moves"), distillers=("none", "gdpd"), n_epochs=4, n_seeds=1,
        pairs=(("lstm1-8", "lstm1-8"),),
    ).cells()  # fmt: skip
    written = []
    for order, n_jobs in ((cells, 1), (cells[::-1], 2)):
        out = tmp_path / str(n_jobs)
        run(order, Laboratory(out, str(tmp_path)), n_jobs=n_jobs)
        written.append({path.name: path.read_bytes() for path in out.glob("*.json")})
    assert len(written[0]) == 4
    assert written[0] == written[1]
