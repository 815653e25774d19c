import math

import pytest
import torch

from gdpd_sklearn.distillers import VID, FeatureShape, vid_loss


def test_equals_a_plain_loop(draw, assert_equal):
    mean, teacher, variance = draw(3, 4, 5), draw(3, 4, 5), draw(4).exp()
    total = 0.0
    for b in range(3):
        for d in range(4):
            for step in range(5):
                error = float(teacher[b, d, step] - mean[b, d, step])
                total += 0.5 * (error**2 / float(variance[d]) + math.log(float(variance[d])))
    assert_equal(vid_loss(mean, variance, teacher), total / 60)


def test_is_the_gaussian_likelihood_up_to_its_constant(draw):
    mean, teacher, variance = draw(2, 3, 4), draw(2, 3, 4), draw(3).exp()
    gaussian = torch.distributions.Normal(mean, variance.sqrt()[:, None])
    expected = -gaussian.log_prob(teacher).mean() - 0.5 * math.log(2 * math.pi)
    torch.testing.assert_close(vid_loss(mean, variance, teacher), expected)


def test_gradient(draw, assert_gradient):
    teacher = draw(2, 3, 7)
    assert_gradient(lambda m, s: vid_loss(m, s.exp(), teacher), draw(2, 3, 4), draw(3))


def test_variance_starts_at_five_and_is_a_parameter():
    adapter = VID().build_adapter(FeatureShape(3, 5, 2), FeatureShape(4, 6, 2))
    torch.testing.assert_close(adapter.variance, torch.full((4,), 5.0))
    assert any(parameter is adapter.scale for parameter in adapter.parameters())


def test_bad_variance():
    with pytest.raises(ValueError, match="initial_variance"):
        VID(initial_variance=0.0).check_parameters()
