"""Blends of cases: their law."""

import numpy as np
import torch
from scipy.stats import beta, kstest

from gdpd_sklearn.data import Blend, draw_blend


def test_shares_are_the_larger_part_of_a_beta_draw():
    generator = torch.Generator().manual_seed(0)
    shares = np.array([draw_blend(4, generator).share.item() for _ in range(4000)])
    assert shares.min() >= 0.5
    # the larger part of a draw from a symmetric law: twice its density on the upper half
    assert kstest(shares, lambda x: 2 * beta(0.5, 0.5).cdf(x) - 1).pvalue > 0.01


def test_partners_are_a_permutation_and_differ_from_draw_to_draw():
    generator = torch.Generator().manual_seed(0)
    draws = [draw_blend(10, generator).partners for _ in range(20)]
    assert all(sorted(draw.tolist()) == list(range(10)) for draw in draws)
    assert len({tuple(draw.tolist()) for draw in draws}) == 20


def test_a_blend_is_the_weighted_mean_of_two_cases():
    x = torch.randn(3, 2, 5, generator=torch.Generator().manual_seed(0))
    blended = Blend(torch.tensor(0.7), torch.tensor([2, 0, 1])).of(x)
    for i, partner in enumerate([2, 0, 1]):
        torch.testing.assert_close(blended[i], 0.7 * x[i] + 0.3 * x[partner])
