"""Causal networks that go on from a state give what they give for the whole prefix."""

import numpy as np
import pytest
import torch

from gdpd_sklearn.data import PrefixView
from gdpd_sklearn.networks import ARCHITECTURES, CausalFCN, PrefixModel, merge_states, split_states

CAUSAL = [
    *(build() for build in ARCHITECTURES.values() if build().causal),
    CausalFCN((4, 6, 3), (4, 3, 2)),
]


@pytest.mark.parametrize("architecture", CAUSAL)
@pytest.mark.parametrize("cuts", [(1,) * 20, (20,), (3, 1, 9, 7), (13, 7)])
def test_chunk_by_chunk_is_the_whole(architecture, cuts):
    network = architecture.build(2, 20, 3, seed=0).double().eval()
    x = torch.randn(5, 2, 20, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    state, seen = None, 0
    for m in cuts:
        logits, state = network.advance(x[..., seen : seen + m], state)
        seen += m
        torch.testing.assert_close(logits, network(x[..., :seen]).logits, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("architecture", CAUSAL)
def test_states_part_and_join(architecture):
    network = architecture.build(1, 12, 2, seed=0).double().eval()
    x = torch.randn(4, 1, 12, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    _, state = network.advance(x[..., :5], None)
    parts = split_states(state, 4)
    order = [2, 0, 3]
    joined = merge_states([parts[i] for i in order])
    logits, _ = network.advance(x[order, :, 5:], joined)
    torch.testing.assert_close(logits, network(x).logits[order], rtol=1e-12, atol=1e-12)


def test_state_does_not_grow():
    network = CausalFCN((4, 6, 3), (4, 3, 2)).build(1, 100, 2, seed=0).eval()
    _, early = network.advance(torch.zeros(1, 1, 10), None)
    _, late = network.advance(torch.zeros(1, 1, 80), early)

    def shapes(state):
        return [tuple(t.shape) for part in state for t in part]

    assert shapes(early) == shapes(late)


def test_model_says_whether_it_can_go_on():
    X = np.random.default_rng(0).normal(size=(6, 1, 20))
    causal = CausalFCN((3,), (2,))
    network = causal.build(1, 20, 2, seed=0)
    shared = PrefixView.fit(X, (8, 20), 20, "standard", stretched=False)
    model = PrefixModel([network], shared, causal, exact=True)
    assert model.advances
    probabilities, state = model.advance(X[..., :8], None)
    np.testing.assert_array_equal(probabilities, model.predict_proba(X, 0))
    np.testing.assert_array_equal(model.advance(X[..., 8:], state)[0], model.predict_proba(X, 1))
    alone = PrefixView.fit(X, (8,), 20, "standard")
    assert not PrefixModel([network], alone, causal).advances
