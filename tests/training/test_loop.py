"""One epoch: means of figures, and gradients clipped apart."""

import pytest
import torch
from torch import nn

from gdpd_sklearn.distillers import Progress
from gdpd_sklearn.networks import Bank
from gdpd_sklearn.recipes import TrainingPlan
from gdpd_sklearn.training._loop import Gradients, run_epoch

PLAN = TrainingPlan(
    n_epochs=6, batch_size=4, learning_rate=0.5, optimizer="adam", weight_decay=0.0,
    schedule="constant", max_gradient_norm=None, patience=None,
)  # fmt: skip


class Scalar(nn.Module):
    """One weight; its loss makes it fall by the learning rate in each step."""

    def __init__(self, start=0.0):
        super().__init__()
        self.w = nn.Parameter(torch.tensor([start]))

    def forward(self):
        return self.w.sum()


@pytest.mark.parametrize("stacked", [False, True], ids=["looped", "stacked"])
def test_a_step_for_every_batch_and_the_mean_of_their_figures(stacked):
    bank = Bank([Scalar(10.0 * p) for p in range(3)], stacked)
    seen = []

    def step(batch, progress):
        seen.append((batch, progress))
        w = bank(lambda module: module(), ())
        return w.sum(), {"task_loss": w.detach()}

    optimizer, schedule = PLAN.build_optimizer(bank.trainable, 8)
    progress = Progress(2, 6)
    gradients = Gradients(bank, step, optimizer, None, [])
    means = run_epoch(gradients, ["a", "b"], progress, optimizer, schedule)
    assert seen == [("a", progress), ("b", progress)]
    # Adam's first steps are the learning rate: the weights are w, then w - 0.5
    assert means["task_loss"].tolist() == pytest.approx([-0.25, 9.75, 19.75], abs=1e-4)
    final = [module.w.item() for module in bank.members()]
    assert final == pytest.approx([-1.0, 9.0, 19.0], abs=1e-4)


def test_the_prior_is_clipped_apart_from_the_members():
    member, prior = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    bank = Bank([member], False)

    def step(batch, progress):
        assert member.weight.grad is None, "gradients are not reset"
        loss = 1000.0 * prior.weight.sum() + 0.5 * member.weight.sum()
        return loss, {"task_loss": torch.zeros(1)}

    parameters = list(prior.parameters())
    optimizer, schedule = PLAN.build_optimizer([*bank.trainable, *parameters], 8)
    gradients = Gradients(bank, step, optimizer, 1.0, [parameters])
    run_epoch(gradients, [None], Progress(0, 1), optimizer, schedule)
    assert member.weight.grad.item() == pytest.approx(0.5)
    assert prior.weight.grad.item() == pytest.approx(1.0, rel=1e-4)
