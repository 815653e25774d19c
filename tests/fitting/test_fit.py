"""A whole fit: students of several prefixes, reproducible, isolated, honest about validation."""

import numpy as np
import pytest
import torch

from gdpd_sklearn._seeding import stream_seed
from gdpd_sklearn.data import stratified_holdout
from gdpd_sklearn.distillers import GDPD, KD, NoDistillation
from gdpd_sklearn.fitting import FitTask, _task, _teacher_of
from gdpd_sklearn.fitting import fit as fit_tasks
from gdpd_sklearn.networks import LSTM, Bank


def _all_proba(result, X):
    return np.stack([result.model.predict_proba(X, p) for p in range(len(result.model))])


def _assert_same_history(one, other, **tolerance):
    assert one.columns.tolist() == other.columns.tolist()
    np.testing.assert_allclose(one.to_numpy(float), other.to_numpy(float), **tolerance)


def test_stacked_students_equal_looped_ones(fit, data, distiller, looped, monkeypatch):
    ways = []
    call = Bank.__call__
    monkeypatch.setattr(
        Bank, "__call__", lambda self, *a, **k: ways.append(self.stacked) or call(self, *a, **k)
    )
    # few epochs: Adam makes steps of rounding where a gradient is almost zero
    changes = {"distiller": distiller, "teacher": looped, "n_epochs": 3}
    stacked = fit(**changes)
    n_stacked = sum(ways)
    in_a_row = fit(**changes, student=looped)
    assert n_stacked > 0
    assert sum(ways) == n_stacked, "the second fit was to be looped"
    X, _ = data
    np.testing.assert_allclose(_all_proba(stacked, X), _all_proba(in_a_row, X), atol=1e-4)
    _assert_same_history(stacked.history, in_a_row.history, rtol=1e-3, atol=1e-4)
    proba = _all_proba(stacked, X)
    assert abs(proba[0] - proba[2]).max() > 1e-2, "the students are to differ"


def test_a_prior_that_learns_from_the_transfer_is_the_students_own(fit, data, teacher, looped):
    X, _ = data
    changes = {"distiller": GDPD(warmup=1, freeze_prior=False), "teacher": teacher}
    stacked, in_a_row = fit(**changes), fit(**changes, student=looped)
    np.testing.assert_allclose(_all_proba(stacked, X), _all_proba(in_a_row, X), atol=1e-4)
    _assert_same_history(stacked.history, in_a_row.history, rtol=1e-3, atol=1e-4)
    alone = fit((10,), **changes, student=looped)
    np.testing.assert_array_equal(_all_proba(in_a_row, X)[1], _all_proba(alone, X)[0])


def global_states():
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002
    return kind, keys.tolist(), rest, torch.get_rng_state().tolist(), torch.get_num_threads()


def test_all_follows_from_the_root_and_global_states_are_left(fit, data, distiller):
    X, _ = data
    before = global_states()
    one, other = (fit(distiller=distiller, root=root) for root in (1, 2))
    assert global_states() == before
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(12345)  # another global state
        same = fit(distiller=distiller, root=1)
    np.testing.assert_array_equal(_all_proba(one, X), _all_proba(same, X))
    _assert_same_history(one.history, same.history, rtol=0)
    np.testing.assert_array_equal(one.validation, same.validation)
    assert not np.allclose(_all_proba(one, X), _all_proba(other, X), atol=1e-3)


def test_it_learns(fit, data, teacher, distiller):
    X, y = data
    result = fit(
        lengths=(10, 20), distiller=distiller, teacher=teacher, n_epochs=25,
        validation_fraction=0.0,
    )  # fmt: skip
    history = result.history.groupby("epoch")["task_loss"].mean()
    assert history.iloc[-1] < 0.5 * history.iloc[0]
    for point in range(2):
        assert (result.model.predict_proba(X, point).argmax(1) == y).mean() > 0.9


def test_a_student_sees_nothing_after_its_prefix(fit, data):
    X, _ = data
    lengths = (5, 10)
    poisoned = X.copy()
    poisoned[..., 10:] += np.random.default_rng(1).normal(size=poisoned[..., 10:].shape)
    settings = {"distiller": NoDistillation(), "scaling": "prefix", "validation_fraction": 0.0}
    one, other = fit(lengths, **settings), fit(lengths, X=poisoned, **settings)
    np.testing.assert_array_equal(_all_proba(one, X), _all_proba(other, X))


def test_validation_cases_never_reach_training(fit, data, teacher, distiller):
    X, y = data
    root = 5
    _, validation = stratified_holdout(y, 0.25, stream_seed(root, "split"))
    poisoned = X.copy()
    poisoned[validation] = 1e6 * np.random.default_rng(0).normal(size=X[validation].shape)
    changes = {"distiller": distiller, "teacher": teacher, "root": root}
    clean, fouled = fit(**changes), fit(X=poisoned, **changes)
    np.testing.assert_array_equal(clean.validation, validation)
    losses = [c for c in clean.history if c in ("task_loss", "transfer_loss", "prior_loss")]
    assert losses
    _assert_same_history(clean.history[losses], fouled.history[losses], rtol=0)
    assert not np.allclose(clean.history["validation_loss"], fouled.history["validation_loss"])
    np.testing.assert_array_equal(clean.model.view.mean, fouled.model.view.mean)


def test_validation_labels_never_reach_training(data, settings, teacher, distiller, monkeypatch):
    X, y = data
    train, validation = stratified_holdout(y, 0.25, 0)
    monkeypatch.setattr(_task, "stratified_holdout", lambda *arguments: (train, validation))
    exchanged = y.copy()
    exchanged[validation] = 1 - y[validation]
    changed = settings(distiller=distiller, teacher=teacher)
    clean, fouled = (
        fit_tasks([FitTask(X, each, (0, 1), (10,), changed, 0)])[0] for each in (y, exchanged)
    )
    losses = [c for c in clean.history if c in ("task_loss", "transfer_loss", "prior_loss")]
    _assert_same_history(clean.history[losses], fouled.history[losses], rtol=0)
    assert not np.allclose(clean.history["validation_loss"], fouled.history["validation_loss"])


def test_the_best_epoch_of_each_student_is_kept(fit, data):
    X, y = data
    result = fit(n_epochs=8, learning_rate=0.3, max_gradient_norm=None, schedule="constant")
    best = result.history.groupby("prefix_length")["validation_loss"].min()
    for point, length in enumerate((5, 10, 20)):
        held = result.validation
        proba = result.model.predict_proba(X[held], point)
        loss = -np.log(proba[np.arange(len(held)), y[held]]).mean()
        assert loss == pytest.approx(best[length], rel=1e-3, abs=1e-5)


def test_without_validation_all_cases_train(fit, data):
    result = fit(validation_fraction=0.0)
    assert len(result.validation) == 0
    assert "validation_loss" not in result.history
    X, _ = data
    np.testing.assert_allclose(result.model.view.mean.flatten(), X.mean((0, 2)), rtol=1e-5)


def test_history_has_a_row_per_epoch_and_prefix(fit, distiller):
    history = fit(distiller=distiller).history
    expected = ["epoch", "prefix_length", "task_loss"]
    if distiller.uses_teacher:
        expected.append("transfer_loss")
    if isinstance(distiller, GDPD):
        expected.append("prior_loss")
    assert history.columns.tolist() == [*expected, "validation_loss", "validation_accuracy"]
    assert history["epoch"].tolist() == [e for e in range(4) for _ in range(3)]
    assert history["prefix_length"].tolist() == [5, 10, 20] * 4
    assert np.isfinite(history.to_numpy(float)).all()
    assert history["validation_accuracy"].between(0, 1).all()


@pytest.mark.parametrize(
    "distiller", [NoDistillation(), GDPD(weight=10.0, warmup=0)], ids=["none", "gdpd"]
)
def test_class_weights_tilt_the_student(fit, data, teacher, distiller):
    X, _ = data

    def share_of_second_class(*class_weight):
        result = fit(
            (5,), distiller=distiller, teacher=teacher, n_epochs=10, validation_fraction=0.0,
            class_weight=np.array(class_weight),
        )  # fmt: skip
        return result.model.predict_proba(X)[:, 1].mean()

    first, even, scaled, second = (
        share_of_second_class(*weight) for weight in ((50, 1), (1, 1), (7, 7), (1, 50))
    )
    assert first < even - 0.03
    assert second > even + 0.03
    assert scaled == pytest.approx(even, abs=1e-4)


def test_the_transfer_knows_the_class_weights(fit, teacher):
    # cases of weight 0 drop out of the refined loss, which is then that of other cases
    losses = [
        fit(
            (5,), distiller=GDPD(warmup=0), teacher=teacher, n_epochs=1, batch_size=64,
            validation_fraction=0.0, class_weight=np.array(weight, float),
        ).history["transfer_loss"].item()
        for weight in ((1, 1), (1, 0), (0, 1))
    ]  # fmt: skip
    both, first, second = losses
    # one batch, twelve cases a class: the mean over both is the mean of the means
    assert first != pytest.approx(second, rel=1e-3)
    assert both == pytest.approx((first + second) / 2, rel=1e-5)


def test_weight_zero_is_no_distillation(fit, data, teacher):
    X, _ = data
    plain = fit(distiller=NoDistillation())
    zero = fit(distiller=KD(weight=0.0), teacher=teacher)
    np.testing.assert_array_equal(_all_proba(plain, X), _all_proba(zero, X))
    assert (zero.history["transfer_loss"] == 0).all()


def test_no_teacher_is_trained_for_none(fit, monkeypatch):
    forbidden = lambda *a, **k: pytest.fail("trained a teacher")  # noqa: E731
    monkeypatch.setattr(_teacher_of, "fit_teacher", forbidden)
    assert fit(distiller=NoDistillation()).teacher is None


def test_students_that_cannot_be_stacked_are_trained(fit, data, distiller):
    X, _ = data
    result = fit(distiller=distiller, student=LSTM(1, 3), lengths=(5, 20), n_epochs=2)
    assert _all_proba(result, X).shape == (2, 24, 2)


@pytest.mark.parametrize("n_cases", [4, 5, 7])
def test_few_cases_in_batches_of_two(settings, data, teacher, n_cases):
    X, y = data
    some = np.concatenate([np.flatnonzero(y == 0)[: n_cases - 2], np.flatnonzero(y == 1)[:2]])
    changed = settings(distiller=GDPD(warmup=1), teacher=teacher, batch_size=2)
    (result,) = fit_tasks([FitTask(X[some], y[some], (0, 1), (1, 10), changed, 0)])
    assert np.isfinite(result.model.predict_proba(X)).all()


def test_the_first_students_do_not_depend_on_further_ones(fit, data):
    # streams are named: more prefixes do not shift the seeds of the others
    X, _ = data
    few, many = fit((5, 10)), fit((5, 10, 20))
    np.testing.assert_allclose(_all_proba(few, X), _all_proba(many, X)[:2], atol=1e-4)
