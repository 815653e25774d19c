"""A teacher's features in few numbers."""

import pickle

import numpy as np
import pytest
import torch

from gdpd_sklearn.data import Cases, PrefixView
from gdpd_sklearn.distillers import NoDistillation
from gdpd_sklearn.networks import Rocket
from gdpd_sklearn.solver import CompactFeatures, solve


@pytest.mark.parametrize("n_coordinates", [4, 100])
def test_coordinates_and_answers_side_by_side(n_coordinates):
    random = np.random.default_rng(0)
    y = torch.arange(20) % 3
    x = torch.as_tensor(random.normal(size=(20, 1, 30)), dtype=torch.float32) + y[:, None, None]
    view = PrefixView.fit(x.numpy(), [30], 30, "standard", stretched=False)
    cases = Cases(x, y)
    solved = solve(
        Rocket(300), NoDistillation(), view, cases, None, None, 3, 0, n_coordinates=n_coordinates
    )
    compact = CompactFeatures.of(solved)
    with torch.no_grad():
        output = solved.network(view(x))
    found = compact(output.pooled, output.logits)
    n_leading = min(n_coordinates, 19)
    assert found.shape == (20, n_leading + 3)
    assert found[:, :n_leading].square().mean().item() == pytest.approx(1.0, rel=1e-3)
    # distances are those of the features, as far as the leading directions tell
    kept = solved.heads.coordinates[0].of_cases[:, :n_leading].numpy()
    ratio = torch.pdist(found[:, :n_leading]) / torch.pdist(torch.as_tensor(kept))
    assert ratio.std() / ratio.mean() < 1e-3
    exchanged = compact.with_logits(found, solved.left_out[0].float())
    torch.testing.assert_close(exchanged[:, :n_leading], found[:, :n_leading])
    assert exchanged[:, n_leading:].square().mean().item() == pytest.approx(1.0, rel=1e-5)
    again = pickle.loads(pickle.dumps(compact))
    assert all(isinstance(value, np.ndarray | float) for value in compact.__getstate__().values())
    torch.testing.assert_close(again(output.pooled, output.logits), found, rtol=0, atol=0)
