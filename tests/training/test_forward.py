"""Losses of one student, in training and in validation, against plain sums."""

from functools import partial

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from gdpd_sklearn.data import PrefixView
from gdpd_sklearn.distillers import KD, Blended, FeatureShape, NoDistillation, Progress, kd_loss
from gdpd_sklearn.networks import FCN, Bank, CausalFCN
from gdpd_sklearn.training import _forward
from gdpd_sklearn.training._forward import Forward, Material, Trainable, evaluate

LENGTHS = (4, 9)
N, C, T, K = 6, 2, 9, 3
WEIGHT = torch.tensor([1.0, 2.0, 0.5])


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(size=(N, C, T))


@pytest.fixture
def make(X, settings):
    def run(distiller, stretched=True):
        view = PrefixView.fit(X, LENGTHS, T, "standard", stretched)
        architecture = FCN((4,), (3,)) if stretched else CausalFCN((4,), (3,))
        shape = FeatureShape(4, T, K)
        members = [
            Trainable(architecture.build(C, T, K, p), distiller.build_adapter(shape, shape))
            for p in range(2)
        ]
        plan, loss = settings().plan, partial(cross_entropy, weight=WEIGHT)
        return Forward(distiller, view, torch.tensor(LENGTHS), plan, loss), members

    return run


def test_task_and_transfer_loss(make, X):
    forward, (member, teacher) = make(KD(temperature=2.0))
    x, target = forward.view(torch.as_tensor(X).float(), 0), torch.tensor([0, 1, 2, 0, 1, 2])
    known = teacher.eval().student(x)
    member.eval()
    found = forward.losses(member, x, Material(target, known), Progress(0, 1))
    logits = member.student(x).logits
    expected = cross_entropy(logits, target, WEIGHT), kd_loss(logits, known.logits, 2.0)
    torch.testing.assert_close(found, expected)


def test_without_a_teachers_outputs_nothing_is_transferred(make, X):
    forward, (member, _) = make(NoDistillation())
    x = forward.view(torch.as_tensor(X).float(), 1)
    task, transfer = forward.losses(member, x, Material(torch.zeros(N).long()), Progress(0, 1))
    assert task > 0
    assert transfer == 0


def test_blends_bear_on_the_transfer_alone(make, X):
    forward, (member, teacher) = make(Blended(KD(temperature=1.0)))
    member.eval()
    x = forward.view(torch.as_tensor(X).float(), 0)
    blends = torch.lerp(x.flip(0), x, 0.7)
    target = torch.tensor([0, 1, 2, 0, 1, 2])
    known = teacher.eval().student(blends)
    material = Material(target, known, (), (torch.tensor(0.7), target.flip(0)))
    task, transfer = forward.losses(member, torch.cat([x, blends]), material, Progress(0, 1))
    torch.testing.assert_close(task, cross_entropy(member.student(x).logits, target, WEIGHT))
    torch.testing.assert_close(transfer, kd_loss(member.student(blends).logits, known.logits, 1.0))


@pytest.mark.parametrize("stretched", [True, False], ids=["separate", "shared"])
@pytest.mark.parametrize("chunk", [2, 1024])
def test_validation_is_the_mean_over_cases_and_views(make, X, stretched, chunk, monkeypatch):
    monkeypatch.setattr(_forward, "_CHUNK", chunk)
    forward, members = make(NoDistillation(), stretched)
    bank = Bank(members, False)
    bank.train(False)
    x, y = torch.as_tensor(X).float(), torch.tensor([0, 1, 2, 0, 1, 2])
    seen = forward.view.all_points(x)
    target = torch.stack([y, y.flip(0)])
    points = [0, 1] if stretched else [0, 0]
    found = evaluate(bank, forward, lambda chunk: seen[points][:, chunk], target)
    for p, member in enumerate(members):
        if stretched:
            views = [member.student(forward.view(x, p)).logits]
        else:
            whole = forward.view(x, 1)  # the complete series, scaled
            views = [member.student(whole[..., :n]).logits for n in LENGTHS]
        logits, labels = torch.cat(views), target[p].repeat(len(views))
        loss = cross_entropy(logits, labels, WEIGHT)
        right = (logits.argmax(1) == labels).float().mean()
        torch.testing.assert_close(found["validation_loss"][p], loss)
        torch.testing.assert_close(found["validation_accuracy"][p], right)
