"""The graph of random-kernel features that is exported."""

import torch

from gdpd_sklearn.networks._rocket_graph import traced_features


def test_the_graph_for_export_is_the_module(fitted_rocket):
    module, x = fitted_rocket
    assert torch.equal(traced_features(module, x), module(x, [x.shape[-1]])[0])


def test_a_gap_has_no_answer_in_the_graph(fitted_rocket):
    module, x = fitted_rocket
    expected = traced_features(module, x)
    x = x.clone()
    x[2, 0, x.shape[-1] // 3] = torch.nan
    features = traced_features(module, x)
    assert torch.isnan(features[2]).all()
    rest = [0, 1, 3, 4]
    assert torch.equal(features[rest], expected[rest])
