"""Blends of training cases: their law, what teacher and student see of them, and the loss."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from gdpd_sklearn.data import draw_blend
from gdpd_sklearn.distillers import GDPD, KD, Blended, Distiller, FitNets, Sum
from gdpd_sklearn.fitting import FitTask
from gdpd_sklearn.fitting import fit as fit_tasks
from gdpd_sklearn.networks import CausalFCN


class Witness(Distiller):
    """Keeps all that a method is shown, in a list of its own class."""

    stackable = False
    seen: list = []  # noqa: RUF012  scikit-learn clones distillers, a class keeps one list

    def loss(self, batch, adapter):
        self.seen.append(batch)
        return batch.task_loss(batch.student.logits)


@pytest.fixture
def witnessed(fit, teacher, data, monkeypatch):
    """Train with a witness; give its batches and the blends that were drawn, in order."""

    def run(**changes):
        Witness.seen, blends = [], []

        def draw(n_cases, generator):
            blends.append(draw_blend(n_cases, generator))
            return blends[-1]

        asked = []
        about_blends = type(teacher).about_blends

        def ask(self, indices, blend, **kwargs):
            asked.append(indices.clone())
            return about_blends(self, indices, blend, **kwargs)

        monkeypatch.setattr("gdpd_sklearn.training._step.draw_blend", draw)
        monkeypatch.setattr(type(teacher), "about_blends", ask)
        fit(
            distiller=Blended(Witness()), teacher=teacher, validation_fraction=0.0,
            n_epochs=2, **changes,
        )  # fmt: skip
        return Witness.seen, blends, asked

    return run


def test_the_teacher_answers_about_complete_blends(witnessed, teacher, data):
    X, y = data
    batches, blends, asked = witnessed(lengths=(5,))
    assert len(batches) == len(blends) == len(asked) == 2 * 3
    for batch, blend, indices in zip(batches, blends, asked, strict=True):
        share, partners = blend.share.item(), indices[blend.partners].numpy()
        mixed = share * X[indices] + (1 - share) * X[partners]
        expected = teacher.model.predict_logits(mixed.astype(np.float32))
        np.testing.assert_allclose(batch.teacher.logits, expected, atol=1e-5)
        np.testing.assert_array_equal(batch.target, y[indices])
        logits = torch.randn(len(indices), 2, generator=torch.Generator().manual_seed(1))
        loss = share * cross_entropy(logits, torch.tensor(y[indices])) + (
            1 - share
        ) * cross_entropy(logits, torch.tensor(y[partners]))
        torch.testing.assert_close(batch.task_loss(logits), loss)


def test_the_student_sees_the_prefixes_of_blends_alone(witnessed, data, fit, teacher):
    """A future that nobody may see changes the teacher's answers and nothing of the student's."""
    X, _ = data
    batches, *_ = witnessed(lengths=(5,))
    logits = [batch.student.logits.detach() for batch in batches]
    changed = X.copy()
    changed[..., 5:] *= -1
    # statistics of a channel are of complete series, so the student reads raw values here
    same, *_ = witnessed(lengths=(5,), scaling="none")
    other, *_ = witnessed(lengths=(5,), scaling="none", X=changed)
    assert logits[0].shape == (8, 2)
    for one, two in zip(same, other, strict=True):
        torch.testing.assert_close(one.student.logits, two.student.logits, rtol=0, atol=0)
    assert not torch.equal(same[0].teacher.logits, other[0].teacher.logits)


def test_a_shared_student_answers_about_blends_in_every_view(witnessed, data):
    _, y = data
    lengths = (5, 10, 20)
    batches, _, asked = witnessed(lengths=lengths, shared=True, student=CausalFCN((4,), (3,)))
    batch, indices = batches[0], asked[0]
    assert batch.student.logits.shape == (3 * len(indices), 2)
    np.testing.assert_array_equal(batch.target, np.tile(y[indices], 3))
    torch.testing.assert_close(*batch.teacher.logits.unflatten(0, (3, -1))[:2])
    assert batch.student.feature_map.shape[0] == 3 * len(indices)


@pytest.mark.parametrize("method", [KD(), Sum(KD(), GDPD()), FitNets()], ids=repr)
def test_stacked_and_looped_students_learn_the_same(fit, looped, method):
    one = fit(distiller=Blended(method), n_epochs=3)
    two = fit(distiller=Blended(method), n_epochs=3, student=looped)
    for ours, theirs in zip(one.model.networks, two.model.networks, strict=True):
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-4)


def test_blends_change_what_is_learned_and_seeds_repeat_it(fit, data):
    plain, once, again = (
        fit(distiller=distiller).model.predict_logits(data[0])
        for distiller in (KD(), Blended(KD()), Blended(KD()))
    )
    np.testing.assert_array_equal(once, again)
    assert not np.allclose(plain, once, atol=1e-3)


def test_hidden_channels_and_mapped_series(fit, data, tmp_path):
    X, _ = data
    hidden = fit(distiller=Blended(KD()), channels=(1,))
    assert hidden.model.n_channels == 1
    path = tmp_path / "X.npy"
    np.save(path, X.astype(np.float32))
    mapped = np.load(path, mmap_mode="r")
    in_file = fit(distiller=Blended(KD()), X=mapped).model.predict_logits(X)
    in_memory = fit(distiller=Blended(KD()), X=X.astype(np.float32)).model.predict_logits(X)
    np.testing.assert_allclose(in_file, in_memory, atol=1e-4)


def test_many_fits_with_blends_are_the_fits_one_by_one(data, settings):
    X, y = data
    tasks = [
        FitTask(X, y, (0, 1), [length], settings(distiller=Blended(KD(weight=w))), 0)
        for length in (5, 10)
        for w in (0.5, 2.0)
    ]
    for task, together in zip(tasks, fit_tasks(tasks), strict=True):
        np.testing.assert_allclose(
            together.model.predict_logits(X),
            fit_tasks([task])[0].model.predict_logits(X),
            atol=1e-6,
        )
