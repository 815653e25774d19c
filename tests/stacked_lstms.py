"""Truth for stacked LSTMs: PyTorch's own, and finite differences."""

import torch
from stacked_tensors import B, P, T, tensor
from torch import nn


def assert_is_pytorchs(lstm, hidden_size, n_layers):
    """Hold a stacked LSTM and its gradients against PyTorch's, member by member."""
    members = [nn.LSTM(2, hidden_size, n_layers, batch_first=True).double() for _ in range(P)]
    x = tensor(P, B, T, 2)
    stacked = [torch.stack(each) for each in zip(*(m.parameters() for m in members), strict=True)]
    found = lstm(x, *stacked, n_layers=n_layers)
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


def assert_gradients_are_numerical(lstm):
    """Hold the gradients of a stacked LSTM of one layer against finite differences."""
    shapes = [(2, 2, 3, 1), (2, 8, 1), (2, 8, 2), (2, 8), (2, 8)]
    tensors = [tensor(*shape, seed=i) for i, shape in enumerate(shapes)]
    assert torch.autograd.gradcheck(lambda *t: lstm(*t, n_layers=1), tensors)
