"""Students of fixed kernels that are trained on from the closed form, by any method."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from gdpd_sklearn.distillers import DISTILLERS, GDPD, KD, Distiller, Sum
from gdpd_sklearn.networks import FCN, Rocket

LENGTHS = (3, 10, 20)
ROCKET = {"student": Rocket(n_features=700), "shared": True, "validation_fraction": 0.0}
TAKEN = {
    name: make()
    for name, make in DISTILLERS.items()
    if not make().closed_form and (make.takes_one_step or not make.uses_feature_maps)
}
EVERY = {**TAKEN, "sum": Sum(KD(), GDPD())}


class Resting(Distiller):
    """Transfers nothing, and says nothing of a closed form."""

    uses_teacher = False

    def stage(self, progress):
        return super().stage(progress)._replace(transfer=0.0)


@pytest.fixture
def trained(fit):
    def run(lengths=LENGTHS, **changes):
        return fit(lengths, **{**ROCKET, **changes})

    return run


@pytest.mark.parametrize("name", sorted(EVERY))
@pytest.mark.parametrize("teacher", [FCN((6,), (3,)), Rocket(500)], ids=["trained", "solved"])
def test_every_method_that_needs_no_steps_trains_it(trained, data, name, teacher):
    X, y = data
    result = trained(distiller=EVERY[name], teacher=teacher)
    assert (result.model.predict_proba(X, 2).argmax(1) == y).mean() > 0.9
    assert (result.left_out[2].argmax(1) == y).mean() > 0.8
    history = result.history
    assert history["prefix_length"].tolist() == list(LENGTHS) * 4
    assert np.isfinite(history).all(axis=None)
    assert "transfer_loss" in history


@pytest.mark.parametrize("lengths", [LENGTHS, (10,)], ids=["many", "one"])
def test_it_starts_where_the_closed_form_ends(trained, data, lengths):
    X, _ = data
    solved = trained(lengths)
    moved = trained(lengths, distiller=Resting(), n_epochs=1, learning_rate=1e-9)
    np.testing.assert_allclose(
        moved.model.predict_proba_all(X), solved.model.predict_proba_all(X), atol=1e-3
    )
    np.testing.assert_allclose(moved.left_out, solved.left_out, atol=1e-3)


def test_training_fits_the_cases_better(trained, data):
    X, y = data
    settings = {"distiller": Resting(), "n_epochs": 30, "learning_rate": 0.003}

    def loss(result):
        return -np.log(result.model.predict_proba_all(X)[:, np.arange(24), y]).mean()

    result = trained(**settings)
    first, last = (
        result.history.query(f"epoch == {epoch}")["task_loss"].mean() for epoch in (0, 29)
    )
    assert last < first
    assert loss(result) < loss(trained())


def test_students_stacked_are_students_looped(trained, data):
    class Looped(Resting):
        stackable = False

    class Stacked(Resting):
        stackable = True

    one, other = (trained(distiller=each()) for each in (Looped, Stacked))
    for point in range(3):
        np.testing.assert_allclose(
            one.model.predict_logits(data[0], point),
            other.model.predict_logits(data[0], point),
            atol=1e-4,
        )


def test_the_teacher_leaves_the_case_out(trained):
    """What a method sees of a solved teacher is few numbers, and left-out answers."""
    seen = []

    class Spy(Distiller):
        def loss(self, batch, adapter):
            seen.append(batch.teacher)
            return 0.0 * batch.student.logits.sum()

    result = trained((20,), distiller=Spy(), teacher=Rocket(500), n_epochs=1)
    logits = torch.cat([each.logits for each in seen])
    left_out = result.teacher.left_out.float()
    assert sorted(logits[:, 0].tolist()) == sorted(left_out[:, 0].tolist())
    pooled = torch.cat([each.pooled for each in seen])
    assert pooled.shape == (24, 23 + 2)
    torch.testing.assert_close(pooled[:, 23:] * result.teacher.compact.unit, logits)


def test_validation_chooses_the_epoch(trained):
    result = trained(
        (10,), distiller=Resting(), validation_fraction=0.25, n_epochs=6, learning_rate=0.1
    )
    held = result.validation
    assert np.isnan(result.left_out[:, held]).all()
    losses = result.history["validation_loss"]
    assert len(losses) == 6
    assert losses.notna().all()


def test_the_same_seed_is_the_same_student(trained, data):
    one, same, other = (
        trained(distiller=GDPD(), teacher=Rocket(500), root=root).left_out for root in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_teacher_of_other_cases_answers_about_these(trained, fit):
    teacher = fit((20,), distiller=KD(), teacher=Rocket(500), validation_fraction=0.0).teacher
    strange = replace(teacher, left_out=-100 * torch.ones(24, 2).double(), cases="of others")
    unknown = replace(teacher, left_out=None, cases=None)
    one, other = (trained(distiller=GDPD(), teacher=t).left_out for t in (strange, unknown))
    np.testing.assert_array_equal(one, other)
