"""A loop over time points against PyTorch's LSTMs, member by member."""

import pytest
import torch
from stacked_tensors import B, P, T, tensor
from torch import nn

from gdpd_sklearn.networks._lstm_loop import looped_lstm


@pytest.mark.parametrize("n_layers", [1, 2])
@pytest.mark.parametrize("hidden_size", [3, 12, 41])
def test_it_is_pytorchs(hidden_size, n_layers):
    members = [nn.LSTM(2, hidden_size, n_layers, batch_first=True).double() for _ in range(P)]
    x = tensor(P, B, T, 2)
    stacked = [torch.stack(each) for each in zip(*(m.parameters() for m in members), strict=True)]
    found = looped_lstm(x, *stacked, n_layers=n_layers)
    expected = [(out, *last) for out, last in (m(x[p]) for p, m in enumerate(members))]
    parameters = [p for m in members for p in m.parameters()]
    for mine, others in zip(found, zip(*expected, strict=True), strict=True):
        other = torch.stack(others)
        torch.testing.assert_close(mine, other)
        weights = torch.randn_like(other)
        for one, two in zip(
            torch.autograd.grad((mine * weights).sum(), (x, *parameters), retain_graph=True),
            torch.autograd.grad((other * weights).sum(), (x, *parameters), retain_graph=True),
            strict=True,
        ):
            torch.testing.assert_close(one, two, rtol=1e-10, atol=1e-10)


def test_gradients_are_the_numerical_ones():
    shapes = [(2, 2, 3, 1), (2, 8, 1), (2, 8, 2), (2, 8), (2, 8)]
    tensors = [tensor(*shape, seed=i) for i, shape in enumerate(shapes)]
    assert torch.autograd.gradcheck(lambda *t: looped_lstm(*t, n_layers=1), tensors)


def test_single_precision_within_autocast():
    shapes = [(2, 2, 3, 1), (2, 8, 1), (2, 8, 2), (2, 8), (2, 8)]
    tensors = [tensor(*shape, seed=i).detach().float() for i, shape in enumerate(shapes)]
    single = looped_lstm(*tensors, n_layers=1)[0]
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(looped_lstm(*tensors, n_layers=1)[0], single)
