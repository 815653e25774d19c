"""The graph of random-kernel features that is exported."""

import torch

from gdpd_sklearn.networks._rocket_graph import traced_features


def test_the_graph_for_export_is_the_module(fitted_rocket):
    module, x = fitted_rocket
    assert torch.equal(traced_features(module, x), module(x, [x.shape[-1]])[0])
