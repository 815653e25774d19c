"""The noise schedule against the closed forms of Ho et al. 2020."""

import numpy as np
import pytest
import torch

from gdpd_sklearn.diffusion import NoiseSchedule


@pytest.mark.parametrize("n_steps", [2, 100, 1000])
def test_alphas_cumprod_is_the_running_product(n_steps):
    schedule = NoiseSchedule(n_steps)
    product, expected = 1.0, []
    for step in range(n_steps):
        beta = 1e-4 + (0.02 - 1e-4) * step / (n_steps - 1)
        product *= 1.0 - beta
        expected.append(product)
        assert schedule.betas[step].item() == pytest.approx(beta, rel=1e-6)
    np.testing.assert_allclose(schedule.alphas_cumprod.double(), expected, rtol=2e-7)


def test_known_ends_of_the_standard_schedule():
    alphas = NoiseSchedule().alphas_cumprod
    assert len(alphas) == 1000
    assert alphas[0].item() == pytest.approx(0.9999)
    assert alphas[-1].item() == pytest.approx(4.0358e-5, rel=1e-4)  # as published for DDPM


def test_add_noise_is_the_weighted_sum():
    schedule = NoiseSchedule(50)
    z0, noise = torch.randn(2, 6, 3).unbind()
    timestep = torch.tensor([0, 1, 10, 25, 48, 49])
    found = schedule.add_noise(z0, noise, timestep)
    for row, t in enumerate(timestep):
        signal = schedule.alphas_cumprod[t].item()
        expected = np.sqrt(signal) * z0[row].numpy() + np.sqrt(1 - signal) * noise[row].numpy()
        np.testing.assert_allclose(found[row], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("t", [0, 200, 999])
def test_add_noise_has_the_moments_of_q(t):
    generator = torch.Generator().manual_seed(0)
    schedule = NoiseSchedule()
    n, mean, std = 200_000, 3.0, 0.5
    z0 = mean + std * torch.randn(n, 1, generator=generator)
    noise = torch.randn(n, 1, generator=generator)
    z = schedule.add_noise(z0, noise, torch.full((n,), t))
    signal = schedule.alphas_cumprod[t].item()
    variance = signal * std**2 + 1 - signal
    assert z.mean().item() == pytest.approx(signal**0.5 * mean, abs=4 * (variance / n) ** 0.5)
    assert z.var().item() == pytest.approx(variance, rel=4 * (2 / n) ** 0.5)


def test_the_type_of_the_data_is_kept():
    z0 = torch.zeros(2, 3, dtype=torch.float64)
    assert NoiseSchedule(10).add_noise(z0, z0, torch.tensor([0, 9])).dtype == torch.float64
