"""A loop over time points against PyTorch's LSTMs, member by member."""

import pytest
import torch
from stacked_lstms import assert_gradients_are_numerical, assert_is_pytorchs
from stacked_tensors import tensor

from gdpd_sklearn.networks._lstm_loop import looped_lstm


@pytest.mark.parametrize("n_layers", [1, 2])
@pytest.mark.parametrize("hidden_size", [3, 12, 41])
def test_it_is_pytorchs(hidden_size, n_layers):
    assert_is_pytorchs(looped_lstm, hidden_size, n_layers)


def test_gradients_are_the_numerical_ones():
    assert_gradients_are_numerical(looped_lstm)


def test_single_precision_within_autocast():
    shapes = [(2, 2, 3, 1), (2, 8, 1), (2, 8, 2), (2, 8), (2, 8)]
    tensors = [tensor(*shape, seed=i).detach().float() for i, shape in enumerate(shapes)]
    single = looped_lstm(*tensors, n_layers=1)[0]
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(looped_lstm(*tensors, n_layers=1)[0], single)
