"""Operands of hand-written layers under mixed precision."""

import pytest
import torch

from gdpd_sklearn.networks._precision import (
    autocast_operands,
    lstm_autocast,
    runs_lstms_in_bfloat16,
)


def test_outside_of_autocast_operands_are_left_alone():
    operands = torch.randn(2, 3), torch.randn(3)
    assert all(a is b for a, b in zip(autocast_operands(*operands), operands, strict=True))


def test_inside_they_are_cast_as_a_matrix_product_casts_them():
    a, b = torch.randn(4, 5, requires_grad=True), torch.randn(5, 3)
    with torch.autocast("cpu", torch.bfloat16):
        expected = a @ b
        one, two = autocast_operands(a, b)
    assert one.dtype == two.dtype == expected.dtype == torch.bfloat16
    assert torch.equal(one @ two, expected)
    one.float().sum().backward()
    assert a.grad.dtype == torch.float32


def test_double_precision_is_never_lowered():
    x = torch.randn(2, 3, dtype=torch.float64)
    with torch.autocast("cpu", torch.bfloat16):
        (found,) = autocast_operands(x)
    assert found is x


@pytest.mark.parametrize("mixed", [False, True])
def test_an_lstm_runs_in_its_context(mixed):
    lstm, x = torch.nn.LSTM(2, 3, batch_first=True), torch.randn(1, 4, 2)
    with torch.autocast("cpu", torch.bfloat16, enabled=mixed), lstm_autocast(x.device):
        found, _ = lstm(x)
    lowered = mixed and runs_lstms_in_bfloat16("cpu")
    assert found.dtype == (torch.bfloat16 if lowered else torch.float32)
    torch.testing.assert_close(found.float(), lstm(x)[0], rtol=0.05, atol=0.05)
