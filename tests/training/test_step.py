"""A step of several sources: each member meets its own cases, and streams are their source's."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from gdpd_sklearn.data import PrefixView, to_cases
from gdpd_sklearn.diffusion import DiffusionPrior
from gdpd_sklearn.distillers import FeatureShape, NoDistillation, Progress, Stage
from gdpd_sklearn.networks import FCN, Bank
from gdpd_sklearn.training import Source
from gdpd_sklearn.training._forward import Forward, Trainable
from gdpd_sklearn.training._step import BatchStep, SourceState

LENGTHS = (4, 9)
SHAPE = FeatureShape(4, 9, 2)
STREAMS = ("batches", "noise", "prior", "blends")


def make_source(seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(6, 1, 9)), np.arange(6) % 2
    view = PrefixView.fit(X, LENGTHS, 9, "standard")
    return Source(view, to_cases(X, y, "cpu"), to_cases(X[:4], y[:4], "cpu"), None, seed)


@pytest.fixture
def stepped(settings):
    """Two sources: of the first both lengths are wanted, of the second the longer one."""
    states = [SourceState.start(make_source(seed), None, torch.device("cpu")) for seed in (1, 2)]
    members = [Trainable(FCN((4,), (3,)).build(1, 9, 2, p), nn.Identity()) for p in range(3)]
    forward = Forward(
        NoDistillation(), states[0].source.view, torch.tensor(LENGTHS), settings().plan,
        cross_entropy,
    )  # fmt: skip
    stages = [(Stage(task=p + 1.0, transfer=0.0, trains_prior=False),) for p in range(3)]
    bank = Bank(members, False)
    bank.train(False)
    step = BatchStep(bank, forward, (SHAPE, SHAPE), states, [[0, 1], [1]], stages)
    return step, states, members


def test_each_member_sees_its_source_and_its_length(stepped):
    step, states, members = stepped
    step.start_epoch(0)
    batch = torch.tensor([0, 3]), torch.tensor([5, 1])
    loss, figures = step(batch, Progress(0, 1))
    expected = []
    for member, s, point in zip(members, (0, 0, 1), (0, 1, 1), strict=True):
        source = states[s].source
        x = source.view(source.train.x[batch[s]], point)
        expected.append(cross_entropy(member.student(x).logits, source.train.y[batch[s]]))
    torch.testing.assert_close(figures["task_loss"], torch.stack(expected).detach())
    # weighted by the stages
    torch.testing.assert_close(loss, expected[0] + 2 * expected[1] + 3 * expected[2])


def test_validation_is_on_the_sources_own_cases(stepped):
    step, states, members = stepped
    found = step.evaluate()["validation_loss"]
    for p, (s, point) in enumerate(((0, 0), (0, 1), (1, 1))):
        source = states[s].source
        logits = members[p].student(source.view(source.validation.x, point)).logits
        torch.testing.assert_close(found[p], cross_entropy(logits, source.validation.y))


def test_an_epoch_has_every_case_of_each_source_once(stepped):
    step, _, _ = stepped
    each = list(zip(*step.batches(4), strict=True))
    assert [sorted(torch.cat(batches).tolist()) for batches in each] == [list(range(6))] * 2
    assert [b.tolist() for b in each[0]] != [b.tolist() for b in each[1]]


def test_streams_follow_from_the_seed_and_a_copy_goes_its_own_way():
    prior = DiffusionPrior(4, 4)
    one, same, other = (
        SourceState.start(make_source(seed), prior, torch.device("cpu")) for seed in (1, 1, 2)
    )

    def draw(state):
        return [torch.rand(3, generator=state.streams[name]).tolist() for name in STREAMS]

    first = draw(one)
    assert first == draw(same) != draw(other)
    assert len({tuple(each) for each in first}) == len(STREAMS)
    fork = one.fork()
    following = draw(one)
    draw(one)
    assert draw(fork) == following
    assert fork.prior is not prior
    for mine, theirs in zip(fork.prior.parameters(), prior.parameters(), strict=True):
        assert torch.equal(mine, theirs)
