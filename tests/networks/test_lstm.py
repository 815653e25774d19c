"""LSTM: equations, direction, and how it starts."""

import numpy as np
import pytest
import torch

from gdpd_sklearn.networks import (
    ARCHITECTURES,
    LSTM,
    count_parameters,
)


@pytest.mark.parametrize("n_layers", [1, 3])
def test_lstm_reads_forwards_only(n_layers):
    network = LSTM(n_layers, 6).build(1, 12, 2, seed=0).eval()
    x = torch.randn(2, 1, 12)
    with torch.no_grad():
        whole, cut = network(x), network(x[..., :7])
    torch.testing.assert_close(whole.feature_map[..., :7], cut.feature_map)
    torch.testing.assert_close(whole.feature_map[..., 6], cut.pooled)


def test_lstm_against_the_equations():
    network = LSTM(1, 4).build(2, 9, 2, seed=0).double()
    w_in, w_hidden, b_in, b_hidden = (p.detach().numpy() for p in network.backbone.parameters())
    x = np.random.default_rng(0).normal(size=(2, 9))
    hidden, cell = np.zeros(4), np.zeros(4)
    for t in range(9):
        gates = w_in @ x[:, t] + b_in + w_hidden @ hidden + b_hidden
        i, f, g, o = np.split(gates, 4)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        cell = f * cell + i * np.tanh(g)
        hidden = o * np.tanh(cell)
    pooled = network(torch.as_tensor(x)[None]).pooled.detach().numpy()[0]
    np.testing.assert_allclose(pooled, hidden, atol=1e-12)


@pytest.mark.parametrize("n_layers", [1, 2])
def test_an_lstms_memories_are_spread(n_layers):
    longest = 50
    lstm = LSTM(n_layers, 400, longest).build(2, 9, 2, seed=0).backbone.lstm
    for layer in range(n_layers):
        biases = (getattr(lstm, f"bias_{part}h_l{layer}") for part in "ih")
        entry, forget, cell, output = sum(biases).detach().chunk(4)
        # a cell whose input stays out is multiplied by the forget gate in each step
        memory = 1 / (1 - torch.sigmoid(forget)) - 1
        assert memory.min() >= 1
        assert memory.max() <= longest - 1
        # uniform: mean and deviation of 400 draws
        assert abs(memory.mean() - longest / 2) < 4 * (longest - 2) / np.sqrt(12 * 400)
        torch.testing.assert_close(torch.sigmoid(entry), 1 - torch.sigmoid(forget))
        assert not cell.any()
        assert not output.any()


def test_the_published_lstms_start_as_pytorchs_do():
    ours = LSTM(2, 5, longest_memory=None).build(3, 9, 2, seed=3).backbone.lstm
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        theirs = torch.nn.LSTM(3, 5, 2, batch_first=True)
    for name, parameter in theirs.named_parameters():
        torch.testing.assert_close(getattr(ours, name), parameter, rtol=0, atol=0)
    for name in ("lstm3-100", "lstm2-32", "lstm1-8"):
        assert ARCHITECTURES[name]().longest_memory is None


@pytest.mark.parametrize(
    ("name", "expected"), [("lstm3-100", 203_002), ("lstm2-32", 12_994), ("lstm1-8", 370)]
)
def test_the_papers_lstms_have_its_parameter_counts(name, expected):
    network = ARCHITECTURES[name]().build(n_channels=1, n_timepoints=60, n_classes=2, seed=0)
    assert count_parameters(network) == expected
