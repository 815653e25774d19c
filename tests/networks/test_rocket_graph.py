"""The graph of random-kernel features that is exported."""

import pytest
import torch

from gdpd_sklearn.networks._rocket_graph import traced_features


@pytest.mark.parametrize("missing", [False, True])
def test_the_graph_for_export_is_the_module(fitted_rocket, missing):
    module, x = fitted_rocket
    if missing:
        x = x.clone()
        x[2, 0, x.shape[-1] // 3] = torch.nan
    assert torch.equal(traced_features(module, x), module(x, [x.shape[-1]])[0])
