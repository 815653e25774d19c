"""Stacked LSTMs against PyTorch's, member by member."""

import pytest
from stacked_lstms import assert_gradients_are_numerical, assert_is_pytorchs

from gdpd_sklearn.networks._stacked_lstm import stacked_lstm


@pytest.mark.parametrize("n_layers", [1, 2])
@pytest.mark.parametrize("hidden_size", [3, 12, 41])
def test_stacked_lstm_is_pytorchs(hidden_size, n_layers):
    assert_is_pytorchs(stacked_lstm, hidden_size, n_layers)


def test_gradients_of_a_stacked_lstm_are_the_numerical_ones():
    assert_gradients_are_numerical(stacked_lstm)
