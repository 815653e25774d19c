"""Cross-fitting: every answer by a model that never saw the case."""

import numpy as np
import pytest

from gdpd_sklearn._seeding import stream_seed
from gdpd_sklearn.data import stratified_folds
from gdpd_sklearn.distillers import KD, NoDistillation
from gdpd_sklearn.fitting import FitTask, cross_fit, fit

LENGTHS = (5, 20)


@pytest.fixture
def crossed(data, settings):
    def run(X=None, y=None, **changes):
        X, y = data[0] if X is None else X, data[1] if y is None else y
        task = FitTask(X, y, (0, 1), LENGTHS, settings(n_epochs=2, **changes), 0)
        return cross_fit(task, 3, fit)

    return run


def test_answers_come_from_the_model_of_the_fold(crossed, data):
    X, y = data
    result = crossed()
    folds = stratified_folds(y, 3, stream_seed(0, "folds"))
    assert len(result.models) == 3
    assert result.held_out.shape == (2, 24, 2)
    assert result.codes.tolist() == y.tolist()
    for fold, model in enumerate(result.models):
        for point in range(2):
            expected = model.predict_proba(X[folds == fold], point)
            np.testing.assert_allclose(result.held_out[point, folds == fold], expected, atol=1e-6)
    assert sorted(result.history["fold"].unique()) == [0, 1, 2]


@pytest.mark.parametrize("distiller", [NoDistillation(), KD()], ids=["none", "kd"])
def test_no_model_nor_teacher_has_seen_its_fold(crossed, data, distiller):
    X, y = data
    folds = stratified_folds(y, 3, stream_seed(0, "folds"))
    poisoned = X.copy()
    poisoned[folds == 1] = 1e3 * np.random.default_rng(1).normal(size=X[folds == 1].shape)
    clean, fouled = crossed(distiller=distiller), crossed(X=poisoned, distiller=distiller)
    for fold in range(3):
        one, other = (each.models[fold].predict_proba_all(X) for each in (clean, fouled))
        assert np.array_equal(one, other) == (fold == 1)


def test_a_lone_case_is_held_out_nowhere(crossed, data):
    y = data[1].copy()
    y[:] = 0
    y[5] = 1
    result = crossed(y=y)
    assert result.codes.tolist() == [0] * 23
    assert result.held_out.shape == (2, 23, 2)
    assert np.isfinite(result.held_out).all()


def test_teachers_score_each_fold(crossed):
    assert crossed().teacher_scores == [None] * 3
    scores = crossed(distiller=KD()).teacher_scores
    assert len(scores) == 3
    assert all(0 <= score <= 1 for score in scores)
