"""A training that leaves the numbers: it is told where, and hurts no other."""

import math

import numpy as np
import pytest

from gdpd_sklearn.distillers import GDPD, KD, Stage
from gdpd_sklearn.fitting import FitTask, attempt
from gdpd_sklearn.networks import is_finite
from gdpd_sklearn.recipes import DivergedError
from gdpd_sklearn.training import _trainer

WILD = {"learning_rate": 1e6, "max_gradient_norm": None}


class Lost(KD):
    """Is weighted by no number from an epoch on, where the weight is beyond reason."""

    def __init__(self, weight=1e30, epoch=1):
        super().__init__(weight)
        self.epoch = epoch

    def stage(self, progress):
        lost = self.weight > 1e20 and progress.epoch >= self.epoch
        return Stage(transfer=math.nan if lost else 1.0)


def test_names_the_student_the_epoch_and_the_rate(fit):
    with pytest.raises(DivergedError, match=r"student diverged in epoch \d of 4, with task_loss"):
        fit(**WILD)
    with pytest.raises(ValueError, match=r"learning_rate=1e\+06.* max_gradient_norm=None"):
        fit(**WILD)


def test_names_the_epoch_in_which_it_happens(fit, teacher):
    message = r"student diverged in epoch 2 of 4, with task_loss nan"
    with pytest.raises(DivergedError, match=message):
        fit(distiller=Lost(), teacher=teacher, validation_fraction=0.0)


def test_names_the_teacher(data, settings):
    X, y = data
    changed = settings(distiller=KD(), **WILD)
    task = FitTask(X, y, (0, 1), [10], changed, 0)
    (failure,) = attempt([task])
    assert isinstance(failure, DivergedError)
    assert str(failure).startswith("the training of the teacher diverged in epoch ")


def test_names_the_prior(fit, teacher, monkeypatch):
    prior_loss = GDPD.prior_loss
    monkeypatch.setattr(GDPD, "prior_loss", lambda *a: prior_loss(*a) * math.inf)
    with pytest.raises(DivergedError, match=r"of the prior diverged in epoch 1 of 4"):
        fit(distiller=GDPD(warmup=2), teacher=teacher)


def test_the_last_step_is_looked_at_too(fit):
    # decay alone makes the weights infinite, after the only loss was computed
    wild = {"learning_rate": 1e20, "weight_decay": 1e20, "n_epochs": 1, "batch_size": 64}
    with pytest.raises(DivergedError, match=r"student diverged in epoch 1 of 1, with weights nan"):
        fit(**wild, validation_fraction=0.0)


def test_better_weights_from_before_are_no_excuse(fit, teacher):
    # a search would take them for what the setting gives
    with pytest.raises(DivergedError, match=r"diverged in epoch 2 of 4"):
        fit(distiller=Lost(), teacher=teacher, validation_fraction=0.25)


def test_nothing_is_trained_after_all_are_lost(fit, teacher, monkeypatch):
    epochs = []
    run_epoch = _trainer.run_epoch
    monkeypatch.setattr(
        _trainer, "run_epoch", lambda *a, **k: epochs.append(1) or run_epoch(*a, **k)
    )
    with pytest.raises(DivergedError):
        fit(distiller=Lost(), teacher=teacher, n_epochs=6)
    assert len(epochs) == 2


@pytest.mark.parametrize("wild_first", [True, False])
def test_others_in_the_bank_go_on(data, teacher, settings, wild_first):
    X, y = data
    mild, wild = (
        FitTask(X, y, (0, 1), [10], settings(distiller=Lost(weight), teacher=teacher), 0)
        for weight in (1.0, 1e30)
    )
    order = [wild, mild] if wild_first else [mild, wild]
    results = attempt(order)
    failed, fitted = results if wild_first else results[::-1]
    assert isinstance(failed, DivergedError)
    (alone,) = attempt([mild])
    proba = fitted.model.predict_proba(X)
    np.testing.assert_allclose(proba, alone.model.predict_proba(X), atol=1e-4)


def test_a_teacher_that_fails_takes_its_own_task_alone(data, settings):
    X, y = data
    good = FitTask(X, y, (0, 1), [10], settings(), 0)
    bad = FitTask(X, y, (0, 1), [10], settings(distiller=KD(), **WILD), 0)
    failed, fitted = attempt([bad, good])
    assert isinstance(failed, DivergedError)
    assert is_finite(fitted.model.networks)
