"""Fits trained together: each is the fit it would have been alone, and what is shared is shared."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.model_selection import ParameterGrid
from torch import nn

from gdpd_sklearn.data import MappedSeries
from gdpd_sklearn.distillers import (
    DISTILLERS,
    DT2W,
    GDPD,
    KD,
    Blended,
    FitNets,
    NoDistillation,
    Sum,
)
from gdpd_sklearn.fitting import _teacher_of, fit
from gdpd_sklearn.networks import FCN, LITE, LSTM, CausalFCN, Custom
from gdpd_sklearn.networks._precision import runs_lstms_in_bfloat16
from gdpd_sklearn.training import _forward, _trainer

N_EPOCHS = 6


@pytest.fixture
def banks(monkeypatch):
    """Members and epochs of every bank that is trained: a list that fills as they are."""
    trained = []
    train_until_split = _trainer._Trainer.train_until_split

    def noted(self, training):
        start = training.epoch
        train_until_split(self, training)
        if self.label == "student":
            trained.append((len(training.branches), start, training.epoch))

    monkeypatch.setattr(_trainer._Trainer, "train_until_split", noted)
    return trained


def assert_equal(one, other, **tolerance):
    """Compare students by their weights, and histories."""
    weights = [result.model.networks.state_dict() for result in (one, other)]
    assert list(weights[0]) == list(weights[1])
    for name, tensor in weights[0].items():
        torch.testing.assert_close(tensor, weights[1][name], **tolerance)
    assert one.history.columns.tolist() == other.history.columns.tolist()
    np.testing.assert_allclose(
        one.history.to_numpy(float), other.history.to_numpy(float), **tolerance
    )
    np.testing.assert_array_equal(one.validation, other.validation)
    assert one.model.lengths == other.model.lengths


EXACT = {"rtol": 0, "atol": 0}


@pytest.mark.parametrize("name", DISTILLERS)
def test_looped_runs_are_the_fits_alone(name, ask):
    parameters = DISTILLERS[name]().get_params()
    values = {"weight": (0.0, 2.0), "warmup": (1, 0.5)}
    grid = ParameterGrid({name: each for name, each in values.items() if name in parameters})
    distillers = [DISTILLERS[name](**params) for params in grid]
    # all of one source, which share what they can, and one of another
    asked = [*((distiller, 5, 0) for distiller in distillers), (distillers[0], 10, 1)]
    tasks = [ask(distiller, length, root, n_epochs=4) for distiller, length, root in asked]
    for task, result in zip(tasks, fit(tasks), strict=True):
        assert_equal(result, fit([task])[0], **EXACT)


@pytest.mark.parametrize(
    ("schedule", "optimizer", "n_epochs"),
    # the last is long enough for its first halving, and a split behind it
    [("one_cycle", "adam", 5), ("constant", "adamw", 5), ("halving_epochs", "adamw", 28)],
)
def test_optimiser_and_schedule_go_on_after_a_split(ask, schedule, optimizer, n_epochs):
    tasks = [
        ask(GDPD(weight, warmup), schedule=schedule, optimizer=optimizer, n_epochs=n_epochs)
        for weight, warmup in ((0.1, n_epochs - 2), (10.0, n_epochs - 2), (10.0, n_epochs - 1))
    ]
    for task, result in zip(tasks, fit(tasks), strict=True):
        assert_equal(result, fit([task])[0], **EXACT)


@pytest.mark.parametrize("student", [FCN((4, 6), (4, 3)), LSTM(2, 6), LITE(4, 8)], ids=str)
@pytest.mark.parametrize("distiller", [NoDistillation(), KD(), GDPD(), DT2W(), FitNets()])
def test_stacked_runs_agree_up_to_rounding(distiller, student, ask):
    assert student.stacks_on(torch.device("cpu"))
    weight = np.array([1.0, 3.0])
    tasks = [
        # few epochs: Adam makes steps of rounding where a gradient is almost zero
        ask(distiller, length, root, student=student, n_epochs=4, class_weight=weight)
        for length, root in ((5, 0), (10, 1))
    ]
    for task, result in zip(tasks, fit(tasks), strict=True):
        assert_equal(result, fit([task])[0], rtol=1e-3, atol=1e-4)


def test_runs_are_validated_in_chunks(ask, monkeypatch):
    tasks = [ask(KD(), length, root) for length in (5, 10) for root in (0, 1)]
    whole = fit(tasks)
    monkeypatch.setattr(_forward, "_CHUNK", 4)  # of six
    for one, other in zip(fit(tasks), whole, strict=True):
        assert_equal(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("channels", [None, (1,)])
def test_runs_read_series_of_a_file_batch_by_batch(ask, tmp_path, monkeypatch, channels):
    read, largest = MappedSeries._read, 0

    def watched(self, rows):
        nonlocal largest
        largest = max(largest, len(rows))
        return read(self, rows)

    monkeypatch.setattr(MappedSeries, "_read", watched)
    monkeypatch.setattr("gdpd_sklearn.networks._prefix_model._CHUNK", 8)
    monkeypatch.setattr(_forward, "_CHUNK", 4)
    tasks = [
        ask(GDPD(weight, 2), length, channels=channels) for weight, length in ((0.1, 5), (10.0, 10))
    ]
    np.save(tmp_path / "X.npy", tasks[0].X)
    X = np.load(tmp_path / "X.npy", mmap_mode="r")
    mapped = [replace(task, X=X) for task in tasks]
    for task, result in zip(tasks, fit(mapped), strict=True):
        assert_equal(result, fit([task])[0], **EXACT)
    assert 0 < largest <= 8  # batch_size and chunks


@pytest.mark.parametrize("distiller", [KD(), GDPD(warmup=2)])
def test_runs_compute_in_the_precision_of_the_plan(ask, banks, distiller):
    tasks = [ask(distiller, length, precision="bfloat16") for length in (5, 10)]
    single = ask(distiller)
    results = fit([*tasks, single])
    assert sorted({members for members, *_ in banks}) == [1, 2]
    for task, result in zip([*tasks, single], results, strict=True):
        assert_equal(result, fit([task])[0], **EXACT)
    assert not np.allclose(results[1].history["task_loss"], results[2].history["task_loss"])


@pytest.mark.parametrize("student", [FCN((4, 6), (4, 3)), LSTM(2, 6), LITE(4, 8)], ids=str)
def test_stacked_runs_in_mixed_precision_agree_up_to_its_rounding(student, ask):
    tasks = [
        ask(GDPD(), length, student=student, n_epochs=4, precision="bfloat16") for length in (5, 10)
    ]
    for task, result in zip(tasks, fit(tasks), strict=True):
        losses, alone = (each.history["task_loss"] for each in (result, fit([task])[0]))
        np.testing.assert_allclose(losses, alone, rtol=0, atol=5e-3)
        single = replace(task.settings, plan=replace(task.settings.plan, precision="float32"))
        in_single = fit([replace(task, settings=single)])[0].history["task_loss"]
        # an LSTM stays in single precision on a processor that has no other for it
        if not isinstance(student, LSTM) or runs_lstms_in_bfloat16("cpu"):
            assert not np.allclose(losses, in_single, rtol=0, atol=1e-5)


def test_what_is_common_is_trained_once(ask, banks, monkeypatch):
    teachers = []
    fit_teacher = _teacher_of.fit_teacher
    monkeypatch.setattr(
        _teacher_of, "fit_teacher", lambda *a, **k: teachers.append(a) or fit_teacher(*a, **k)
    )
    tasks = [
        ask(GDPD(weight, warmup), length, root)
        for weight in (0.1, 1.0, 10.0)
        for warmup in (2, 4)
        for length in (5, 10)
        for root in (0, 1)
    ]
    fit(tasks)
    assert len(teachers) == 2
    # 4 = prefixes × seeds until the first warm-up ends; then each with 3 λ, or goes on
    assert sorted(banks) == [(4, 0, 2), (4, 2, 4), (12, 2, 6), (12, 4, 6)]


def test_hint_stages_of_one_weight_are_common(ask, banks):
    fit([ask(FitNets(weight, warmup)) for weight in (0.5, 1.0) for warmup in (2, 4)])
    # the weight acts from the start, the warm-up later
    assert sorted(banks) == [(2, 0, 2), (2, 2, 4), (2, 2, 6), (2, 4, 6)]


def test_banks_are_bounded_where_no_prior_learns(ask, banks, monkeypatch):
    monkeypatch.setitem(_trainer._MAX_MEMBERS, "cpu", 2)
    tasks = [ask(GDPD(weight, 2), root=root) for weight in (0.5, 1.0, 2.0) for root in range(3)]
    results = fit(tasks)
    assert sorted(banks) == [(1, 2, 6), *[(2, 2, 6)] * 4, (3, 0, 2)]
    for task, result in zip(tasks, results, strict=True):
        assert_equal(result, fit([task])[0], **EXACT)


def test_folds_of_one_size_are_runs_of_one_training(ask, banks, data):
    X, y = data
    folds = [(X[rows], y[rows]) for rows in (slice(0, 20), slice(2, 22), slice(0, 18))]
    tasks = [
        ask(KD(), cases=cases, root=root, validation_fraction=0.0)
        for cases in folds
        for root in (0, 1)
    ]
    results = fit(tasks)
    assert sorted(banks) == [(2, 0, N_EPOCHS), (4, 0, N_EPOCHS)]
    for task, result in zip(tasks, results, strict=True):
        assert_equal(result, fit([task])[0], **EXACT)


@pytest.mark.parametrize(
    ("changes", "members"),
    [
        # a prior of its own from the transfer on: members part there
        ({"distiller": GDPD(warmup=2, freeze_prior=False)}, [(1, 2, 6), (1, 2, 6), (2, 0, 2)]),
        ({"distiller": Blended(KD())}, [(2, 0, 6)]),
        ({"student": Custom(lambda c, t: nn.Conv1d(c, 3, 3))}, [(1, 0, 6), (1, 0, 6)]),
        ({"teacher": Custom(lambda c, t: nn.Conv1d(c, 3, 3))}, [(1, 0, 6), (1, 0, 6)]),
    ],
    ids=["a prior of its own", "blends", "a lambda", "a lambda as teacher"],
)
def test_every_kind_of_training_takes_the_same_way(ask, banks, changes, members):
    changes = {"distiller": KD(), **changes}
    tasks = [ask(length=length, **changes) for length in (5, 10)]
    results = fit(tasks)
    assert sorted(banks) == sorted(members)
    for task, result in zip(tasks, results, strict=True):
        assert_equal(result, fit([task])[0], **EXACT)


def test_patience_is_each_runs_own(ask, banks):
    changes = {"patience": 1, "validation_fraction": 0.25, "learning_rate": 0.1, "n_epochs": 12}
    tasks = [ask(KD(), length, root, **changes) for length in (2, 10) for root in range(3)]
    results = fit(tasks)
    assert {n for n, *_ in banks} == {6}
    assert len({len(result.history) for result in results}) > 1, "they are to stop apart"
    for task, result in zip(tasks, results, strict=True):
        assert_equal(result, fit([task])[0], **EXACT)


def test_points_of_one_task_are_tasks_of_one_point(ask, banks):
    """A student does not depend on the points beside it: the invariant of early classifiers."""
    task = replace(ask(GDPD(warmup=2)), lengths=(5, 10, 20))
    (together,) = fit([task])
    assert {n for n, *_ in banks} == {3}
    for point, length in enumerate(task.lengths):
        (alone,) = fit([replace(task, lengths=[length])])
        one, other = (
            model.networks[p].state_dict()
            for model, p in ((together.model, point), (alone.model, 0))
        )
        assert all(torch.equal(one[name], other[name]) for name in one)
        own = together.history[together.history["prefix_length"] == length]
        np.testing.assert_array_equal(own.to_numpy(float), alone.history.to_numpy(float))


def test_a_shared_student_is_a_run_like_others(ask, banks):
    tasks = [
        replace(
            ask(GDPD(weight, 2), shared=True, student=CausalFCN((40,), (3,))), lengths=(5, 10, 20)
        )
        for weight in (0.1, 10.0)
    ]
    results = fit(tasks)
    assert sorted(banks) == [(1, 0, 2), (2, 2, 6)]
    for task, result in zip(tasks, results, strict=True):
        assert_equal(result, fit([task])[0], **EXACT)


def test_parts_of_a_sum_keep_their_weights(ask, banks):
    tasks = [ask(Sum(KD(weight), GDPD(1.0, 2))) for weight in (0.1, 10.0)]
    results = fit(tasks)
    for task, result in zip(tasks, results, strict=True):
        assert_equal(result, fit([task])[0], **EXACT)
    assert not np.allclose(results[0].history["task_loss"], results[1].history["task_loss"])


def test_teachers_that_are_handed_in_are_used(ask, teacher):
    X, y = (ask(KD()).X, ask(KD()).y)
    other = _teacher_of.fit_teacher(
        X, y, X[:0], y[:0], (0, 1), FCN((6,), (3,)), ask(KD()).settings.plan, 20, "standard",
        None, None, None, 8, "cpu", 0,
    )  # fmt: skip
    tasks = [ask(KD(5.0), teacher=each) for each in (teacher, other)]
    results = fit(tasks)
    for task, result, each in zip(tasks, results, (teacher, other), strict=True):
        assert result.teacher is each
        assert_equal(result, fit([task])[0], **EXACT)
