"""Random kernels as an architecture and a network."""

import itertools

import torch
from plain_rocket import walks

from gdpd_sklearn.networks import Rocket


def test_all_channels_and_points_are_seen():
    x = walks(5, 3, 24)
    rocket = Rocket(n_features=1000)
    network = rocket.build(3, 24, 2, seed=0)
    rocket.prepare(network, x, seed=0)
    expected = network(x).pooled
    for channel, point in itertools.product(range(3), range(24)):
        other = x.clone()
        other[:, channel, point] += 5
        assert (network(other).pooled != expected).any(1).all()


def test_the_network_answers_along_the_series_and_goes_on():
    x, lengths = walks(4, 2, 30), (3, 9, 30)
    rocket = Rocket(n_features=1000)
    network = rocket.build(2, 30, 3, seed=1)
    rocket.prepare(network, x, seed=1)
    together = network.at_steps(x, torch.tensor(lengths))
    assert torch.equal(network.logits_at(x, torch.tensor(lengths)), together.logits)
    state, read = None, 0
    for point, length in enumerate(lengths):
        alone = network(x[..., :length])
        rows = slice(4 * point, 4 * point + 4)
        assert torch.equal(together.pooled[rows], alone.pooled)
        torch.testing.assert_close(together.logits[rows], alone.logits)
        logits, state = network.advance(x[..., read:length], state)
        torch.testing.assert_close(logits, alone.logits)
        read = length


def test_nothing_but_the_head_is_trainable():
    network = Rocket(n_features=400).build(1, 20, 2, seed=0)
    assert {name for name, _ in network.named_parameters()} == {"head.weight", "head.bias"}


def test_many_cases_get_fewer_kernels():
    rocket = Rocket(10_000)
    for n_cases in (1, 1000, 2688):
        assert rocket.for_cases(n_cases).n_features == 10_000
    for n_cases in (2689, 50_000, 100_000, 300_000):
        n_features = rocket.for_cases(n_cases).n_features
        assert n_features <= 2688
        assert n_cases * n_features**2 <= 2**37 or n_features == 672
    assert rocket.for_cases(10**7).n_features == 672
    assert Rocket(400).for_cases(10**7).n_features == 400
