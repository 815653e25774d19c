"""The loop on its own: steps, selection, patience; with members whose course is known."""

import pytest
import torch
from torch import nn

from gdpd_sklearn._seeding import torch_generator
from gdpd_sklearn.distillers import Progress
from gdpd_sklearn.networks import Bank
from gdpd_sklearn.training import TrainingPlan
from gdpd_sklearn.training._loop import run_epochs


class Scalar(nn.Module):
    """One weight; its loss makes it fall by the learning rate in each step."""

    def __init__(self, start=0.0):
        super().__init__()
        self.w = nn.Parameter(torch.tensor([start]))
        self.register_buffer("calls", torch.zeros(1))

    def forward(self):
        if self.training:
            self.calls.add_(1.0)
        return self.w.sum()


def make_plan(**change):
    settings = {
        "n_epochs": 6, "batch_size": 4, "learning_rate": 0.5, "optimizer": "adam",
        "weight_decay": 0.0, "schedule": "constant", "max_gradient_norm": None, "patience": None,
    }  # fmt: skip
    return TrainingPlan(**settings | change)


class Run:
    """Train a bank of scalars whose validation losses are prescribed, epoch by epoch."""

    def __init__(self, losses, stacked, n_members=3, selects=lambda progress: True, **change):
        self.bank = Bank([Scalar(10.0 * p) for p in range(n_members)], stacked)
        self.after = []  # weights after each epoch, (P,)
        self.progress = []
        self.batches = []
        evaluate = None if losses is None else lambda: self._evaluate(losses)
        self.history = run_epochs(
            self.bank, self._step, make_plan(**change), 8, torch_generator(0),
            evaluate=evaluate, selects=selects,
        )  # fmt: skip

    def _step(self, batch, progress):
        self.batches.append(batch.tolist())
        self.progress.append(progress)
        w = self.bank(lambda module: module(), ())
        return w.sum(), {"task_loss": w.detach()}

    def _weights(self):
        return torch.tensor([module.w.item() for module in self.bank.members()])

    def _evaluate(self, losses):
        self.after.append(self._weights())
        return {"validation_loss": torch.tensor(losses[len(self.after) - 1])}

    @property
    def final(self):
        return self._weights().tolist()


@pytest.fixture(params=[False, True], ids=["looped", "stacked"])
def stacked(request):
    return request.param


def test_each_member_keeps_its_own_best_weights(stacked):
    losses = [
        [3.0, 1.0, 9.0],
        [2.0, 2.0, 8.0],
        [1.0, 3.0, 7.0],  # best of the first
        [2.0, 0.5, 6.0],  # best of the second
        [3.0, 0.5, 5.0],  # a tie does not count as better
        [4.0, 4.0, 4.0],  # best of the third
    ]
    run = Run(losses, stacked)
    best = [run.after[2][0], run.after[3][1], run.after[5][2]]
    assert run.final == pytest.approx([w.item() for w in best])
    # plain recomputation: two steps of Adam an epoch, each by the learning rate
    assert run.final == pytest.approx([0 - 3 * 1.0, 10 - 4 * 1.0, 20 - 6 * 1.0], abs=1e-4)
    calls = [module.calls.item() for module in run.bank.members()]
    assert calls == [6.0, 8.0, 12.0], "buffers belong to the weights"


def test_without_validation_the_last_weights_stay(stacked):
    run = Run(None, stacked)
    assert run.final == pytest.approx([-6.0, 4.0, 14.0], abs=1e-4)


def test_only_eligible_epochs_are_selected(stacked):
    losses = [[0.0] * 3, [0.0] * 3, [5.0, 3.0, 4.0], [4.0, 4.0, 4.0], [6.0] * 3, [7.0] * 3]
    run = Run(losses, stacked, selects=lambda progress: progress.epoch >= 2)
    assert run.final == pytest.approx([-4.0, 7.0, 17.0], abs=1e-4)


def test_without_an_eligible_epoch_the_last_weights_stay(stacked):
    run = Run([[1.0] * 3] * 6, stacked, selects=lambda progress: False)
    assert run.final == pytest.approx([-6.0, 4.0, 14.0], abs=1e-4)


def test_a_diverged_first_epoch_does_not_stop_selection(stacked):
    nan = float("nan")
    losses = [[nan, 1.0, nan], [2.0, 2.0, nan], [1.0, nan, nan], [3.0] * 3, [4.0] * 3, [5.0] * 3]
    run = Run(losses, stacked)
    assert run.final == pytest.approx([-3.0, 9.0, 16.0], abs=1e-4)


@pytest.mark.parametrize(
    ("losses", "patience", "n_epochs"),
    [
        ([[1.0], [2.0], [2.0], [2.0], [2.0], [2.0]], 2, 3),
        ([[3.0], [4.0], [2.0], [3.0], [3.0], [3.0]], 2, 5),
        ([[6.0], [5.0], [4.0], [3.0], [2.0], [1.0]], 1, 6),
        ([[1.0], [1.0], [0.0], [0.0], [0.0], [0.0]], 1, 2),  # a tie is no improvement
        ([[1.0], [2.0], [2.0], [2.0], [2.0], [2.0]], None, 6),
    ],
)
def test_patience_counts_epochs_without_improvement(losses, patience, n_epochs):
    run = Run(losses, False, n_members=1, patience=patience)
    assert len(run.after) == n_epochs
    assert run.history.to_frame((5,))["epoch"].tolist() == list(range(n_epochs))


def test_patience_waits_as_long_as_one_member_improves(stacked):
    losses = [[1.0, 9.0], [2.0, 8.0], [2.0, 7.0], [2.0, 7.0], [2.0, 7.0], [2.0, 7.0]]
    run = Run(losses, stacked, n_members=2, patience=2)
    assert len(run.after) == 5


def test_patience_is_not_used_up_before_selection_starts():
    losses = [[1.0], [2.0], [3.0], [9.0], [10.0], [11.0]]
    run = Run(losses, False, n_members=1, patience=1, selects=lambda p: p.epoch >= 3)
    assert len(run.after) == 5


def test_every_epoch_sees_every_case_once():
    run = Run(None, False)
    assert len(run.batches) == 12
    for epoch in range(6):
        assert sorted(run.batches[2 * epoch] + run.batches[2 * epoch + 1]) == list(range(8))
    assert run.progress == [Progress(epoch, 6) for epoch in range(6) for _ in range(2)]


def test_history_holds_the_mean_of_the_batches_per_member(stacked):
    run = Run([[float(epoch), 1.0, 2.0] for epoch in range(6)], stacked)
    frame = run.history.to_frame((5, 10, 20))
    assert frame.columns.tolist() == ["epoch", "prefix_length", "task_loss", "validation_loss"]
    assert len(frame) == 18
    first = frame[frame["prefix_length"] == 5]
    # the weight is 0, then -0.5 in the first epoch
    assert first["task_loss"].tolist() == pytest.approx([-0.25 - e for e in range(6)], abs=1e-4)
    assert first["validation_loss"].tolist() == list(range(6))


def test_the_bank_is_in_use_mode_for_evaluation_and_afterwards():
    modes = []
    bank = Bank([nn.Linear(1, 1)], False)

    def step(batch, progress):
        modes.append(("step", bank.members()[0].training))
        loss = bank(lambda m, x: m(x).sum(), (torch.ones(1, 2, 1),))
        return loss.sum(), {"task_loss": loss.detach()}

    def evaluate():
        modes.append(("evaluate", bank.members()[0].training))
        return {"validation_loss": torch.ones(1)}

    run_epochs(bank, step, make_plan(n_epochs=2), 4, torch_generator(0), evaluate=evaluate)
    assert modes == [("step", True), ("evaluate", False)] * 2
    assert not bank.members()[0].training


def test_the_prior_is_clipped_apart_from_the_members():
    member, prior = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    bank = Bank([member], False)

    def step(batch, progress):
        assert member.weight.grad is None, "gradients are not reset"
        loss = 1000.0 * prior.weight.sum() + 0.5 * member.weight.sum()
        return loss, {"task_loss": torch.zeros(1)}

    plan = make_plan(n_epochs=1, batch_size=8, max_gradient_norm=1.0)
    run_epochs(bank, step, plan, 8, torch_generator(0), prior=prior)
    assert member.weight.grad.item() == pytest.approx(0.5)
    assert prior.weight.grad.item() == pytest.approx(1.0, rel=1e-4)
