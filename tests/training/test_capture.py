"""Replays give what the steps themselves give; here on a CPU, by a recorder that only repeats."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import mse_loss

from gdpd_sklearn.distillers import DISTILLERS, GDPD, KD, Blended, Progress, Sum
from gdpd_sklearn.fitting import fit as fit_tasks
from gdpd_sklearn.networks import FCN, LITE, LSTM, CausalFCN, Custom
from gdpd_sklearn.training import _capture, _trainer
from gdpd_sklearn.training._capture import Repeated, Replays, own_stream


class Repeater:
    """Repeats work on the same memory, as a graph does.

    Unlike a graph it does the work when it records; so the first replay has nothing to do.
    """

    def __init__(self, generators=(), fails=False):
        self.fails = fails
        self.n_recorded = self.n_replayed = 0

    def record(self, work):
        results = work()
        self.n_recorded += 1
        if self.fails:
            raise RuntimeError("operation not permitted when stream is capturing")
        done = [True]

        def replay():
            self.n_replayed += 1
            if done:
                done.clear()
                return
            for place, new in zip(results, work(), strict=True):
                assert (place is None) == (new is None)
                if place is not None:
                    place.copy_(new)

        return replay, results


@pytest.fixture
def line():
    """A linear model and the work of its steps, on cases by their numbers."""
    model = nn.Linear(2, 1)
    x = torch.randn(9, 2, generator=torch.Generator().manual_seed(0))

    def work(batch, progress):
        model.zero_grad(set_to_none=True)
        (indices,) = batch
        loss = mse_loss(model(x[indices]), x[indices, :1])
        loss.backward()
        return {"task_loss": loss.detach()[None]}

    return model, x, work


def batches(*sizes):
    places = iter(range(9))
    return [(torch.tensor([next(places) for _ in range(size)]),) for size in sizes]


def test_each_size_is_met_then_recorded_then_replayed(line):
    model, x, work = line
    recorder = Repeater()
    replays = Replays(work, list(model.parameters()), recorder)
    for batch in batches(2, 2, 2, 1, 1, 1):
        figures = replays(batch, Progress(0, 1))
        rows = x[batch[0]]
        error = model(rows) - rows[:, :1]
        # the closed form of the mean squared error's gradient
        torch.testing.assert_close(figures["task_loss"], error.square().mean()[None].detach())
        torch.testing.assert_close(model.weight.grad, (2 * error * rows).mean(0)[None].detach())
        torch.testing.assert_close(model.bias.grad, 2 * error.mean()[None].detach())
    assert (recorder.n_recorded, recorder.n_replayed) == (2, 4)
    assert replays.share == pytest.approx(4 / 6)
    assert replays.share == 0.0  # counted anew


def test_figures_of_a_step_outlive_the_next(line):
    model, _, work = line
    replays = Replays(work, list(model.parameters()), Repeater())
    each = [replays(batch, Progress(0, 1))["task_loss"] for batch in batches(2, 2, 2)]
    assert len({float(loss) for loss in each}) == 3


def test_what_cannot_be_recorded_is_done(line):
    model, _, work = line
    recorder = Repeater(fails=True)
    replays = Replays(work, list(model.parameters()), recorder)
    for batch in batches(2, 2, 2, 2):
        found, gradient = replays(batch, Progress(0, 1)), model.weight.grad
        assert torch.equal(found["task_loss"], work(batch, Progress(0, 1))["task_loss"])
        assert torch.equal(gradient, model.weight.grad)
    assert recorder.n_recorded == 1  # it is not tried again
    assert replays.share == 0.0


@pytest.mark.parametrize("look", [lambda p: p.epoch, lambda p: p.n_epochs, lambda p: p.reached(2)])
def test_a_step_that_looks_at_the_progress_is_not_replayed(line, look):
    model, _, work = line

    def looking(batch, progress):
        look(progress)
        return work(batch, progress)

    recorder = Repeater()
    replays = Replays(looking, list(model.parameters()), recorder)
    for batch in batches(2, 2, 2, 2):
        replays(batch, Progress(0, 4))
    assert (recorder.n_recorded, recorder.n_replayed) == (1, 0)


@pytest.mark.parametrize("fails", [False, True])
def test_work_without_arguments_is_replayed_from_the_second_call_on(fails):
    numbers, recorder = iter(range(9)), Repeater(fails=fails)
    repeated = Repeated(lambda: {"loss": torch.tensor([float(next(numbers))])}, recorder)
    found = [repeated()["loss"] for _ in range(4)]
    # what fails to be recorded was done once in vain, by this recorder alone
    assert [each.item() for each in found] == ([0, 2, 3, 4] if fails else [0, 1, 2, 3])
    assert recorder.n_replayed == (0 if fails else 3)


@pytest.fixture
def recorders(monkeypatch):
    """Let trainings on a CPU replay, and give the recorders."""
    made = []

    def recorder_for(device, generators):
        made.append(Repeater(generators))
        return made[-1]

    monkeypatch.setattr(_trainer, "recorder_for", recorder_for)
    return made


CASES = [
    (GDPD(weight=2.0, warmup=2), FCN((4, 6), (4, 3))),
    (GDPD(warmup=2, freeze_prior=False, hinton_weight=1.0), FCN((4, 6), (4, 3))),
    (KD(), LSTM(1, 4)),
    (KD(), LITE(4, 8)),
    (Blended(KD()), LSTM(1, 4)),
    *((make(), FCN((4, 6), (4, 3))) for make in DISTILLERS.values()),
]


@pytest.mark.parametrize(("distiller", "student"), CASES, ids=str)
@pytest.mark.parametrize("lengths", [(5,), (5, 10)], ids=["alone", "bank"])
def test_fits_are_the_same_to_the_last_bit(distiller, student, lengths, ask, request, monkeypatch):
    task = ask(distiller, student=student, n_epochs=5, batch_size=6)
    task = type(task)(**{**vars(task), "lengths": lengths})
    (expected,) = fit_tasks([task])
    recorders = request.getfixturevalue("recorders")
    (found,) = fit_tasks([task])
    assert sum(each.n_replayed for each in recorders) > 0
    for point in range(len(lengths)):
        np.testing.assert_array_equal(
            found.model.predict_proba(task.X, point), expected.model.predict_proba(task.X, point)
        )
    # tables agree, on a CPU, in which nothing is said of replays
    assert list(found.history) == list(expected.history)
    np.testing.assert_array_equal(found.history.to_numpy(float), expected.history.to_numpy(float))


def test_shared_students_too(ask, recorders):
    task = ask(KD(), student=CausalFCN((4,), (3,)), n_epochs=4, shared=True)
    fit_tasks([task])
    assert sum(each.n_replayed for each in recorders) > 0


@pytest.mark.parametrize(
    ("distiller", "student"),
    [
        # a module of someone else's may do anything
        (KD(), Custom(lambda c, t: nn.Conv1d(c, 3, 3))),
        # its parts have weights of their own, which change from epoch to epoch
        (Sum(KD(), GDPD(warmup=2)), FCN((4,), (3,))),
    ],
    ids=str,
)
def test_what_is_not_known_to_repeat_runs_as_it_is(distiller, student, ask, recorders):
    fit_tasks([ask(distiller, student=student, n_epochs=4, validation_fraction=0.0)])
    assert sum(each.n_replayed for each in recorders[1:]) == 0  # behind the teacher's


def test_other_devices_have_no_recorder_and_no_stream():
    device = torch.device("cpu")
    assert _capture.recorder_for(device, []) is None
    with own_stream(device):
        pass
