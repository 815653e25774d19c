r"""The deterministic sampler against what is known for Gaussian data.

For :math:`z_0 \sim N(\mu, s^2)` the noised :math:`z_t` is normal with mean :math:`\sqrt{ā} \mu` and
variance :math:`v = ā s^2 + 1 - ā`, and the best predictor of the noise is the conditional mean
:math:`\sqrt{1-ā} (z_t - \sqrt{ā} \mu) / v`, linear in :math:`z_t`. Each step is then an affine map.
"""

import numpy as np
import pytest
import torch

from gdpd_sklearn.diffusion import ddim_step, ddim_timesteps, sample_ddim

MU = np.array([0.0, 2.0, -30.0])
S = np.array([1.0, 0.1, 4.0])


def _alphas(n_steps=1000):
    product, alphas = 1.0, []
    for step in range(n_steps):
        product *= 1.0 - (1e-4 + (0.02 - 1e-4) * step / (n_steps - 1))
        alphas.append(product)
    return np.array(alphas)


def _best_predictor(alphas):
    alphas, mu, s = (torch.as_tensor(a) for a in (alphas, MU, S))

    def predict(z, t):
        signal = alphas[t][:, None]
        return (1 - signal).sqrt() * (z - signal.sqrt() * mu) / (signal * s**2 + 1 - signal)

    return predict


@pytest.mark.parametrize(
    ("n_sampling_steps", "n_steps", "expected"),
    [
        (5, 1000, [400, 300, 200, 100, 0]),
        (5, 100, [40, 30, 20, 10, 0]),
        (1, 1000, [0]),
        (2, 1000, [250, 0]),
        (3, 10, [2, 1, 0]),
        (1, 2, [0]),
        (500, 1000, list(range(499, -1, -1))),
    ],
)
def test_timesteps_are_the_lower_half_of_the_grid(n_sampling_steps, n_steps, expected):
    assert ddim_timesteps(n_sampling_steps, n_steps) == expected


@pytest.mark.parametrize(("n_sampling_steps", "n_steps"), [(501, 1000), (2, 3), (5, 9)])
def test_more_steps_than_the_half_are_refused(n_sampling_steps, n_steps):
    with pytest.raises(
        ValueError, match=rf"={n_sampling_steps} must be at most half of .*{n_steps}"
    ):
        ddim_timesteps(n_sampling_steps, n_steps)


def test_a_step_undoes_noise_that_is_known():
    z0, noise = torch.randn(2, 4, 3, dtype=torch.float64).unbind()
    now, cleaner = torch.tensor(0.3), torch.tensor(0.8)
    z = now.sqrt() * z0 + (1 - now).sqrt() * noise
    expected = cleaner.sqrt() * z0 + (1 - cleaner).sqrt() * noise
    torch.testing.assert_close(ddim_step(z, noise, now, cleaner), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("n_sampling_steps", [1, 2, 5, 50])
def test_gaussian_data_follow_the_known_affine_map(n_sampling_steps):
    alphas = _alphas()
    timesteps = ddim_timesteps(n_sampling_steps, 1000)
    # the map z -> gain z + shift, step by step, in numpy
    gain, shift = np.ones(3), np.zeros(3)
    for i, t in enumerate(timesteps):
        a = alphas[t]
        b = alphas[timesteps[i + 1]] if i + 1 < len(timesteps) else 1.0
        slope = np.sqrt(1 - a) / (a * S**2 + 1 - a)  # of the predicted noise
        offset = -slope * np.sqrt(a) * MU
        step_gain = np.sqrt(b / a) * (1 - np.sqrt(1 - a) * slope) + np.sqrt(1 - b) * slope
        step_shift = (np.sqrt(1 - b) - np.sqrt(b / a) * np.sqrt(1 - a)) * offset
        gain, shift = step_gain * gain, step_gain * shift + step_shift

    z = torch.randn(20, 3, dtype=torch.float64)
    found = sample_ddim(z, _best_predictor(alphas), torch.as_tensor(alphas), timesteps)
    np.testing.assert_allclose(found, gain * z.numpy() + shift, rtol=1e-10, atol=1e-10)


def test_many_steps_land_on_the_data():
    # the limit of small steps: (z_t - sqrt(ā) mu) / sqrt(v) does not change along the way
    alphas = _alphas()
    timesteps = ddim_timesteps(500, 1000)
    a = alphas[timesteps[0]]
    standard = np.random.default_rng(0).normal(size=(50, 3))
    start = np.sqrt(a) * MU + np.sqrt(a * S**2 + 1 - a) * standard
    found = sample_ddim(
        torch.as_tensor(start), _best_predictor(alphas), torch.as_tensor(alphas), timesteps
    )
    # the last step, from ā = 0.9999 to 1, is not small beside s = 0.1
    np.testing.assert_allclose((found.numpy() - MU) / S, standard, rtol=0.02, atol=1e-3)


def test_few_steps_are_a_coarse_but_unbiased_map():
    alphas = _alphas()
    timesteps = ddim_timesteps(5, 1000)
    start = torch.as_tensor(np.sqrt(alphas[400]) * MU)[None]  # the mean at t = 400
    found = sample_ddim(start, _best_predictor(alphas), torch.as_tensor(alphas), timesteps)
    np.testing.assert_allclose(found[0], MU, atol=1e-10)


def test_the_predictor_sees_each_timestep_once_for_all_cases():
    seen = []

    def predict(z, t):
        seen.append(t.tolist())
        return torch.zeros_like(z)

    z = torch.ones(2, 3)
    alphas = torch.as_tensor(_alphas()).float()
    found = sample_ddim(z, predict, alphas, [400, 300, 0])
    assert seen == [[400, 400], [300, 300], [0, 0]]
    # without noise to remove only the scale is undone
    torch.testing.assert_close(found, z / alphas[400].sqrt())


def test_gradients_run_through_the_chain():
    alphas = torch.as_tensor(_alphas())
    weight = torch.randn(3, 3, dtype=torch.float64)

    def sample(z):
        return sample_ddim(z, lambda x, t: (x @ weight).tanh(), alphas, [400, 300, 200, 100, 0])

    z = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(sample, z)
