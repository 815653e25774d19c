"""Which weights a student ends with, and when it stops; with validation losses that are known."""

import math

import pytest
import torch

from gdpd_sklearn.distillers import Distiller, NoDistillation, Stage
from gdpd_sklearn.networks import FCN
from gdpd_sklearn.training import _step
from gdpd_sklearn.training._loop import Best

LENGTHS = (5, 10, 20)


class Late(NoDistillation):
    """Looks for the best epoch from epoch ``first`` on."""

    def __init__(self, first=2):
        self.first = first

    def stage(self, progress):
        return Stage(transfer=0.0, selects=progress.epoch >= self.first)


class Restless(Distiller):
    """Goes from one kind of stage to another while the best epoch is already looked for."""

    uses_teacher = False

    def __init__(self, weight=1.0):
        self.weight = weight

    def stage(self, progress):
        return Stage(transfer=float(progress.epoch % 2))

    def loss(self, batch, adapter):
        return batch.student.logits.sum() * 0.0


@pytest.fixture(params=[False, True], ids=["looped", "stacked"])
def student(request, looped):
    return FCN((4, 6), (4, 3)) if request.param else looped


@pytest.fixture
def prescribed(fit, student, monkeypatch):
    """Train three students with prescribed losses; give the result and all weights on the way."""

    def run(losses, **changes):
        seen = []

        def evaluate(bank, *arguments):
            members = [member.student.state_dict() for member in bank.members()]
            seen.append([{k: t.clone() for k, t in state.items()} for state in members])
            return {"validation_loss": torch.tensor(losses[len(seen) - 1])}

        monkeypatch.setattr(_step, "evaluate", evaluate)
        result = fit(LENGTHS, student=student, n_epochs=len(losses), **changes)
        return result, seen

    return run


def assert_epochs(result, seen, epochs):
    """Compare each student's weights with those after its epoch."""
    for p, epoch in enumerate(epochs):
        for name, tensor in result.model.networks[p].state_dict().items():
            assert torch.equal(tensor, seen[epoch][p][name]), (p, name)


def test_each_student_keeps_its_own_best_weights(prescribed):
    losses = [
        [3.0, 1.0, 9.0],
        [2.0, 2.0, 8.0],
        [1.0, 3.0, 7.0],  # best of the first
        [2.0, 0.5, 6.0],  # best of the second
        [3.0, 0.5, 5.0],  # a tie does not count as better
        [4.0, 4.0, 4.0],  # best of the third
    ]
    result, seen = prescribed(losses)
    assert_epochs(result, seen, [2, 3, 5])
    assert not torch.equal(seen[2][0]["head.weight"], seen[3][0]["head.weight"])


def test_only_eligible_epochs_are_selected(prescribed):
    losses = [[0.0] * 3, [0.0] * 3, [5.0, 3.0, 4.0], [4.0, 4.0, 4.0], [6.0] * 3, [7.0] * 3]
    assert_epochs(*prescribed(losses, distiller=Late(2)), [3, 2, 2])


def test_without_an_eligible_epoch_the_last_weights_stay(prescribed):
    assert_epochs(*prescribed([[1.0] * 3] * 4, distiller=Late(9)), [3, 3, 3])


def test_a_diverged_first_epoch_does_not_stop_selection(prescribed):
    nan = math.nan
    losses = [[nan, 1.0, nan], [2.0, 2.0, nan], [1.0, nan, nan], [3.0] * 3, [4.0] * 3, [5.0] * 3]
    assert_epochs(*prescribed(losses), [2, 0, 3])


def test_the_best_epoch_outlives_a_change_of_stage(prescribed):
    losses = [[2.0, 9.0, 5.0], [1.0, 8.0, 6.0], [3.0, 7.0, 7.0], [4.0, 6.0, 8.0]]
    assert_epochs(*prescribed(losses, distiller=Restless()), [1, 3, 0])


def test_students_stop_apart(prescribed):
    losses = [[1.0, 9.0, 3.0], [2.0, 8.0, 4.0], [2.0, 7.0, 2.0], [0.0, 7.0, 2.0], [0.0, 7.0, 3.0]]
    result, seen = prescribed([*losses, *[[0.0] * 3] * 3], patience=2)
    assert len(seen) == 5, "nobody improved any more"
    # the first stopped after its second epoch without improvement: what came later is not its own
    assert_epochs(result, seen, [0, 2, 2])
    n_rows = result.history.groupby("prefix_length").size()
    assert n_rows.to_dict() == {5: 3, 10: 5, 20: 5}


@pytest.mark.parametrize(
    ("losses", "patience", "n_epochs"),
    [
        ([1.0, 2.0, 2.0, 2.0], 2, 3),
        ([3.0, 4.0, 2.0, 3.0, 3.0, 3.0], 2, 5),
        ([6.0, 5.0, 4.0, 3.0], 1, 4),
        ([1.0, 1.0, 0.0], 1, 2),  # a tie is no improvement
        ([1.0, 2.0, 2.0], None, 3),
    ],
)
def test_patience_counts_epochs_without_improvement(prescribed, losses, patience, n_epochs):
    result, seen = prescribed([[loss] * 3 for loss in losses], patience=patience)
    assert len(seen) == n_epochs
    assert result.history["epoch"].tolist() == [e for e in range(n_epochs) for _ in LENGTHS]


def test_patience_is_not_used_up_before_selection_starts(prescribed):
    losses = [[float(loss)] * 3 for loss in (1, 2, 3, 9, 10, 11)]
    _, seen = prescribed(losses, patience=1, distiller=Late(3))
    assert len(seen) == 5


def test_weights_are_wanted_only_when_they_are_better():
    best, wanted = Best(), []
    for loss in (2.0, math.nan, 3.0, 1.0, math.inf):
        if best.offer(loss):
            wanted.append(loss)
            best.weights = {}
    assert wanted == [2.0, 1.0]
    assert (best.loss, best.stale) == (1.0, 1)
