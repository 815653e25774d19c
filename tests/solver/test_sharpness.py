"""The scale of margins: against closed forms and a plain search."""

import numpy as np
import pytest
import torch

from gdpd_sklearn.solver import fit_sharpness


def test_it_is_the_log_odds_of_the_share_of_right_answers():
    margins = torch.tensor([[1.0, -1.0]]).repeat(100, 1)
    y = torch.tensor([0] * 80 + [1] * 20)
    found = fit_sharpness(margins[None], y, prior_weight=0.0)
    assert found == pytest.approx(np.log(0.8 / 0.2) / 2, rel=1e-4)
    weight = torch.tensor([1.0] * 80 + [2.0] * 20)  # 80 of 120
    found = fit_sharpness(margins[None], y, weight, prior_weight=0.0)
    assert found == pytest.approx(max(0.4, np.log(80 / 40) / 2), rel=1e-4)


@pytest.mark.parametrize("prior_weight", [0.0, 2.0])
def test_it_is_the_best_of_a_fine_grid(prior_weight):
    generator = torch.Generator().manual_seed(0)
    margins = torch.randn(3, 40, 4, generator=generator)
    y = margins.mean(0).argmax(1)
    y[::4] = (y[::4] + 1) % 4

    def loss(s):
        of_points = torch.nn.functional.cross_entropy(
            (s * margins).flatten(0, 1), y.repeat(3), reduction="sum"
        )
        return float(of_points / 3 + prior_weight * np.log(s / 2) ** 2)

    grid = np.geomspace(0.4, 10, 4001)
    best = grid[np.argmin([loss(s) for s in grid])]
    assert fit_sharpness(margins, y, prior_weight=prior_weight) == pytest.approx(best, rel=2e-3)


def test_margins_that_are_all_right_stay_within_reason():
    margins = torch.tensor([[0.6, -0.6], [-0.6, 0.6]]).repeat(10, 1)
    y = torch.tensor([0, 1] * 10)
    assert fit_sharpness(margins[None], y, prior_weight=0.0) == pytest.approx(10.0, rel=1e-3)
    assert 2.0 < fit_sharpness(margins[None], y) < 10.0
