"""Random tensors in double precision, and exact gradients."""

import pytest
import torch


@pytest.fixture
def draw():
    """Normal numbers of a shape, in float64, the same in every run."""
    generator = torch.Generator().manual_seed(0)

    def normal(*shape, scale=1.0):
        return scale * torch.randn(shape, generator=generator, dtype=torch.float64)

    return normal


@pytest.fixture
def assert_gradient():
    """Check the gradient of a function in all its tensors against finite differences."""

    def check(function, *tensors):
        leaves = tuple(tensor.clone().requires_grad_() for tensor in tensors)
        assert torch.autograd.gradcheck(function, leaves)

    return check


@pytest.fixture
def assert_equal():
    """Check a loss against its recomputation."""

    def check(loss, expected):
        assert loss.shape == ()
        assert float(loss) == pytest.approx(expected, rel=1e-10, abs=1e-12)

    return check
