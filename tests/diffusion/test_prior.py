"""The prior: losses, refining, and what it learns."""

import numpy as np
import pytest
import torch

from gdpd_sklearn._seeding import torch_generator
from gdpd_sklearn.diffusion import DiffusionPrior

WIDTHS = (1, 2, 3, 7, 64)


@pytest.mark.parametrize("width", WIDTHS)
def test_narrow_latents_work(width):
    prior = DiffusionPrior(6, width)
    loss = prior.loss(torch.randn(8, 6))
    loss.backward()
    assert torch.isfinite(loss)
    assert all(torch.isfinite(p.grad).all() for p in prior.parameters())
    assert torch.isfinite(prior.eval().refine(torch.randn(8, width), 5)).all()


@pytest.mark.parametrize("n_steps", [2, 3, 1000, 1280])
def test_allowed_numbers_of_steps(n_steps):
    prior = DiffusionPrior(4, 3, n_steps)
    assert torch.isfinite(prior.loss(torch.randn(200, 4)))
    assert prior.eval().refine(torch.randn(2, 3), 1).shape == (2, 3)


@pytest.mark.parametrize("n_steps", [-1, 0, 1, 1281])
def test_other_numbers_of_steps_are_refused(n_steps):
    with pytest.raises(ValueError, match=rf"n_diffusion_steps={n_steps} must be in \[2, 1280\]"):
        DiffusionPrior(4, 3, n_steps)


def test_denoising_loss_is_the_mean_squared_error_of_the_noise():
    prior = DiffusionPrior(4, 3).eval()
    z0, noise = torch.randn(2, 6, 3).unbind()
    timestep = torch.tensor([0, 5, 100, 500, 900, 999])
    signal = prior.schedule.alphas_cumprod[timestep].numpy()[:, None]
    z = np.sqrt(signal) * z0.numpy() + np.sqrt(1 - signal) * noise.numpy()
    with torch.no_grad():
        predicted = prior.denoiser(torch.as_tensor(z), timestep).numpy()
        found = prior.denoising_loss(z0, noise, timestep).item()
    assert found == pytest.approx(((predicted - noise.numpy()) ** 2).mean(), rel=1e-4)


def test_the_denoising_loss_does_not_shape_the_auto_encoder():
    prior = DiffusionPrior(6, 3)
    z_long = torch.randn(32, 6)
    prior.loss(z_long, torch_generator(0)).backward()
    with_denoising = [p.grad.clone() for p in prior.encoder.parameters()]
    prior.zero_grad()
    latent = prior.encoder(z_long)
    (prior.decoder(latent) - z_long).square().mean().backward()
    for found, p in zip(with_denoising, prior.encoder.parameters(), strict=True):
        torch.testing.assert_close(found, p.grad)
    assert any(g.abs().max() > 1e-4 for g in with_denoising)


def test_the_generator_decides_noise_and_timesteps():
    prior = DiffusionPrior(6, 3).eval()
    z_long = torch.randn(8, 6)
    before = torch.get_rng_state()
    one, same, other = (prior.loss(z_long, torch_generator(seed)).item() for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)
    assert one == same != other


def test_timesteps_are_uniform_over_all_steps(monkeypatch):
    prior = DiffusionPrior(2, 1, n_steps=7).eval()
    seen = []
    monkeypatch.setattr(
        DiffusionPrior, "denoising_loss", lambda self, z0, e, t: seen.append(t) or z0.sum()
    )
    prior.loss(torch.randn(7000, 2), torch_generator(0))
    counts = torch.bincount(seen[0], minlength=7)
    assert counts.shape == (7,)
    assert (counts - 1000).abs().max() < 150


def _mixture(n, generator):
    """Features on a plane, in two clusters."""
    sign = 2.0 * torch.randint(2, (n, 1), generator=generator) - 1.0
    latent = torch.cat([2.0 * sign, -sign], 1) + 0.2 * torch.randn(n, 2, generator=generator)
    plane = torch.tensor([[1.0, 0.5, -1.0, 0.0, 2.0], [0.0, 1.0, 1.0, -1.0, 0.3]])
    return latent @ plane


@pytest.fixture(scope="module")
def trained():
    """Prior of a mixture after a short training, and its losses on fresh data before and after."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        prior = DiffusionPrior(5, 16)
    generator = torch_generator(1)
    optimizer = torch.optim.Adam(prior.parameters(), lr=0.01)

    def figures():
        prior.eval()
        z = _mixture(2000, torch_generator(2))
        with torch.no_grad():
            latent = prior.encoder(z)
            noise = torch.randn(latent.shape, generator=torch_generator(3))
            timestep = torch.randint(1000, (2000,), generator=torch_generator(4))
            return {
                "reconstruction": (prior.decoder(latent) - z).square().mean().item(),
                "denoising": prior.denoising_loss(latent, noise, timestep).item(),
                "variance": z.var(0).mean().item(),
            }

    before = figures()
    for _ in range(400):
        prior.train()
        optimizer.zero_grad()
        prior.loss(_mixture(128, generator), generator).backward()
        optimizer.step()
    return prior, before, figures()


def test_training_beats_the_trivial_prediction_of_noise(trained):
    # predicting no noise at all costs 1
    _, before, after = trained
    assert before["denoising"] > 1.0
    assert after["denoising"] < 0.6


def test_training_reconstructs_the_features(trained):
    _, before, after = trained
    assert before["reconstruction"] > 0.5 * before["variance"]
    assert after["reconstruction"] < 0.05 * before["variance"]


def test_refining_draws_noisy_latents_towards_the_data(trained):
    prior, _, _ = trained
    with torch.no_grad():
        latent = prior.encoder(_mixture(500, torch_generator(5)))
        noise = torch.randn(latent.shape, generator=torch_generator(6))
        noisy = prior.schedule.add_noise(latent, noise, torch.full((500,), 400))
        refined = prior.refine(noisy, 5)
    distance = (refined - latent).square().mean()
    signal = prior.schedule.alphas_cumprod[400]
    unscaled = (noisy / signal.sqrt() - latent).square().mean()
    assert distance < 0.25 * unscaled


def test_refining_in_use_is_deterministic_and_leaves_the_statistics(trained):
    prior, _, _ = trained
    prior.eval()
    before = {name: t.clone() for name, t in prior.state_dict().items()}
    z = torch.randn(6, 16)
    one, two = prior.refine(z, 5), prior.refine(z, 5)
    assert torch.equal(one, two)
    torch.testing.assert_close(prior.refine(z[:1], 5), one[:1])
    for name, tensor in prior.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_gradients_reach_the_start_through_the_prior(trained):
    prior = DiffusionPrior(5, 16).double()
    prior.load_state_dict(trained[0].state_dict())
    prior.eval()
    z = torch.randn(3, 16, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda z: prior.refine(z, 5), z)
