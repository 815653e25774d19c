"""The denoiser: size, shape, timestep."""

import pytest
import torch

from gdpd_sklearn.diffusion import BottleneckMLP, Denoiser

WIDTHS = (1, 2, 3, 7, 64)


def _parameters(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("reduction", [4, 8])
def test_bottleneck_size_and_residual(width, reduction):
    block = BottleneckMLP(width, reduction)
    inner = max(1, width // reduction)
    linear = (width + 1) * inner + (inner + 1) * inner + (inner + 1) * width
    assert _parameters(block) == linear + 2 * (2 * inner + width)
    torch.nn.init.zeros_(block.body[-1].weight)
    z = torch.randn(5, width)
    torch.testing.assert_close(block(z), z)


@pytest.mark.parametrize("width", WIDTHS)
def test_denoiser_size_and_shape(width):
    denoiser = Denoiser(width)
    bottleneck = _parameters(BottleneckMLP(width, 4))
    assert _parameters(denoiser) == 1280 * width + 2 * bottleneck + width * (width + 1) + 2 * width
    assert denoiser(torch.randn(5, width), torch.arange(5)).shape == (5, width)


def test_denoiser_knows_the_timestep():
    denoiser = Denoiser(4).eval()
    z = torch.randn(1, 4).repeat(2, 1)
    early, late = denoiser(z, torch.tensor([3, 900]))
    assert not torch.allclose(early, late, atol=1e-3)
