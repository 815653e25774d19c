"""Causal networks: one pass answers at every prefix."""

import pickle

import numpy as np
import pytest
import torch

from gdpd_sklearn.data import PrefixView
from gdpd_sklearn.networks import ARCHITECTURES, CausalFCN, PrefixModel

# all that say that they are, and one whose convolutions reach less far than the series
CAUSAL = {
    **{name: build() for name, build in ARCHITECTURES.items() if build().causal},
    "short causal_fcn": CausalFCN((4, 6, 3), (4, 3, 2)),
}
LENGTHS = (1, 2, 7, 12)


@pytest.fixture(params=CAUSAL)
def architecture(request):
    return CAUSAL[request.param]


# random kernels have no gradient: tests/networks/test_rocket.py cuts the series instead
TRAINED = [name for name, make in ARCHITECTURES.items() if not make().fixed]


@pytest.mark.parametrize("name", TRAINED)
def test_causal_says_whether_later_points_matter(name):
    architecture = ARCHITECTURES[name]()
    network = architecture.build(2, 12, 2, seed=0).eval()
    x = torch.randn(1, 2, 12, requires_grad=True)
    for step in (0, 5, 11):
        (gradient,) = torch.autograd.grad(network.backbone(x)[0, :, step].sum(), x)
        later = gradient[..., step + 1 :]
        assert gradient[..., step].any()
        assert bool(later.any()) == (not architecture.causal and step < 11)


def test_causal_convolutions_against_a_loop():
    network = CausalFCN((3, 2), (3, 2)).build(1, 9, 2, seed=0).double().eval()
    kernels = [p.detach().numpy() for p in network.backbone.parameters() if p.ndim == 3]
    x = np.random.default_rng(0).normal(size=(1, 9))
    features = x
    for dilation, kernel in zip((1, 2), kernels, strict=True):
        n_out, _, size = kernel.shape
        out = np.zeros((n_out, 9))
        for t in range(9):
            for k in range(size):
                at = t - dilation * (size - 1 - k)
                if at >= 0:
                    out[:, t] += kernel[:, :, k] @ features[:, at]
        features = np.maximum(out / np.sqrt(1 + 1e-5), 0)  # a fresh batch norm
    found = network.backbone(torch.as_tensor(x)[None])[0].detach().numpy()
    np.testing.assert_allclose(found, features, atol=1e-12)


def test_answers_along_the_series_are_those_of_the_prefixes(architecture):
    network = architecture.build(2, 12, 3, seed=0).eval()
    x = torch.randn(5, 2, 12)
    with torch.no_grad():
        together = network.at_steps(x, torch.tensor(LENGTHS))
        assert together.logits.shape == (len(LENGTHS) * 5, 3)
        for point, length in enumerate(LENGTHS):
            rows = slice(5 * point, 5 * point + 5)
            alone = network(x[..., :length])
            torch.testing.assert_close(together.pooled[rows], alone.pooled, rtol=1e-5, atol=1e-6)
            torch.testing.assert_close(together.logits[rows], alone.logits, rtol=1e-5, atol=1e-6)
            if architecture.fixed:  # of the map of random kernels there is the mean alone
                continue
            nearest = torch.tensor([step * length // 12 for step in range(12)])
            torch.testing.assert_close(
                together.feature_map[rows], alone.feature_map[..., nearest], rtol=1e-5, atol=1e-6
            )


@pytest.mark.parametrize("name", [name for name in CAUSAL if not CAUSAL[name].fixed])
def test_later_points_get_no_gradient_from_an_early_answer(name):
    network = CAUSAL[name].build(2, 12, 3, seed=0).eval()
    x = torch.randn(3, 2, 12, requires_grad=True)
    output = network.at_steps(x, torch.tensor([7]))
    (output.logits.sum() + output.feature_map.sum()).backward()
    assert not x.grad[..., 7:].any()
    assert x.grad[..., :7].any(-1).all()


# -- as a fitted model ---------------------------------------------------------------------------


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(3.0, 2.0, size=(7, 2, 12))


def _model(architecture, X, exact=False, scaling="standard"):
    view = PrefixView.fit(X, LENGTHS, 12, scaling, stretched=False)
    return PrefixModel([architecture.build(2, 12, 3, seed=0)], view, architecture, exact)


def test_one_network_serves_all_prefixes(architecture, X):
    model = _model(architecture, X)
    assert len(model) == len(LENGTHS)
    assert len(model.networks) == 1
    for point, length in enumerate(LENGTHS):
        scaled = (X - X.mean((0, 2))[:, None]) / X.std((0, 2))[:, None]
        x = torch.as_tensor(scaled[..., :length], dtype=torch.float32)
        with torch.no_grad():
            expected = model[0](x).logits.softmax(-1)
        np.testing.assert_allclose(model.predict_proba(X, point), expected, atol=1e-5)


def test_all_answers_at_once_equal_one_after_another(architecture, X):
    model = _model(architecture, X)
    each = np.stack([model.predict_proba(X, point) for point in range(len(LENGTHS))])
    np.testing.assert_allclose(model.predict_proba_all(X), each, atol=1e-6)
    for n_points in range(len(LENGTHS) + 1):
        seen = X[..., : LENGTHS[n_points - 1]] if n_points else X
        found = model.predict_proba_all(seen, n_points)
        assert found.shape == (n_points, 7, 3)
        np.testing.assert_allclose(found, each[:n_points], atol=1e-6)


def test_stretched_answers_at_once_equal_one_after_another(X):
    architecture = ARCHITECTURES["fcn"]()
    view = PrefixView.fit(X, LENGTHS, 12, "standard")
    networks = [architecture.build(2, 12, 3, seed) for seed in range(4)]
    model = PrefixModel(networks, view, architecture)
    each = np.stack([model.predict_proba(X, point) for point in range(4)])
    np.testing.assert_array_equal(model.predict_proba_all(X), each)
    np.testing.assert_array_equal(model.predict_proba_all(X[..., :7], 3), each[:3])
    assert model.predict_proba_all(X, 0).shape == (0, 7, 3)


def test_what_follows_a_prefix_is_not_looked_at(architecture, X):
    model = _model(architecture, X)
    poisoned = X.copy()
    poisoned[..., 7:] = np.nan
    np.testing.assert_array_equal(model.predict_proba(poisoned, 2), model.predict_proba(X, 2))
    np.testing.assert_allclose(
        model.predict_proba_all(poisoned, 3), model.predict_proba_all(X)[:3], atol=1e-6
    )


@pytest.mark.parametrize("exact", [False, True])
def test_weights_file_and_pickle_keep_the_way_of_viewing(architecture, X, exact, tmp_path):
    model = _model(architecture, X, exact)
    model.save(tmp_path / "model.safetensors")
    for copied in (
        PrefixModel.load(tmp_path / "model.safetensors"),
        pickle.loads(pickle.dumps(model)),
    ):
        assert copied.exact is exact
        assert not copied.view.stretched
        np.testing.assert_array_equal(copied.predict_proba_all(X), model.predict_proba_all(X))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_exact_answers_do_not_depend_on_the_batch(name):
    X = np.random.default_rng(0).normal(3.0, 2.0, size=(33, 2, 12))
    architecture = ARCHITECTURES[name]()
    view = PrefixView.fit(X, (9,), 12, "standard", stretched=not architecture.causal)
    model = PrefixModel([architecture.build(2, 12, 3, 0)], view, architecture, exact=True)
    together = model.predict_proba(X)
    alone = np.concatenate([model.predict_proba(case[None]) for case in X])
    halves = np.concatenate([model.predict_proba(half) for half in (X[:16], X[16:])])
    np.testing.assert_array_equal(alone, together)
    np.testing.assert_array_equal(halves, together)
