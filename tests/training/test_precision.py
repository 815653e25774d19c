"""Mixed precision: networks compute in bfloat16, and nothing else does."""

import numpy as np
import pytest
import torch
from synthetic import make_series
from torch import nn
from torch.nn.functional import cross_entropy

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.distillers import GDPD
from gdpd_sklearn.networks import FCN, LITE, LSTM, Bank, CausalFCN, ResNet
from gdpd_sklearn.networks._precision import runs_lstms_in_bfloat16
from gdpd_sklearn.recipes import Training

ARCHITECTURES = [FCN((8, 6), (4, 3)), LITE(4, 8), LSTM(2, 5), LSTM(1, 41), ResNet(4), CausalFCN()]


@pytest.mark.parametrize("stacked", [False, True])
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_gradients_are_single_and_near_those_of_single_precision(
    architecture, stacked, monkeypatch
):
    if not isinstance(architecture, LSTM):
        # on some processors its bfloat16 convolutions are far off (docs/performance.md)
        monkeypatch.setattr(torch.backends.mkldnn, "enabled", False)

    def loss(module, x, target):
        return cross_entropy(module(x).logits.float(), target)

    x = torch.randn(3, 8, 1, 30, generator=torch.Generator().manual_seed(0))
    target = torch.arange(8) % 2
    gradients = []
    for enabled in (False, True):
        bank = Bank([architecture.build(1, 30, 2, seed) for seed in range(3)], stacked)
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            losses = bank(loss, (x,), (target,))
        assert losses.dtype == torch.float32
        losses.sum().backward()
        assert all(p.grad.dtype == torch.float32 for p in bank.trainable)
        gradients.append(torch.cat([p.grad.flatten() for p in bank.trainable]))
    single, mixed = gradients
    # an LSTM stays in single precision on a processor that has no other for it
    has_mixed = not isinstance(architecture, LSTM) or runs_lstms_in_bfloat16("cpu")
    if not has_mixed:
        torch.testing.assert_close(mixed, single, rtol=0.05, atol=1e-3)  # the head alone is mixed
    assert not torch.equal(mixed, single)
    assert torch.cosine_similarity(mixed, single, dim=0) > 0.95


@pytest.fixture
def seen(monkeypatch):
    """Types of what convolutions give and distillers get, as training goes."""
    kinds = {"convolution": set(), "logits": set(), "prior": set()}
    convolve, transfer, denoise = nn.Conv1d.forward, GDPD.loss, nn.Embedding.forward

    def watched_convolution(self, x):
        out = convolve(self, x)
        if self.training:
            kinds["convolution"].add(out.dtype)
        return out

    def watched_transfer(self, batch, adapter):
        kinds["logits"].update(t.dtype for t in batch.student)
        return transfer(self, batch, adapter)

    def watched_embedding(self, step):
        out = denoise(self, step)
        kinds["prior"].add(out.dtype)
        return out

    monkeypatch.setattr(nn.Conv1d, "forward", watched_convolution)
    monkeypatch.setattr(GDPD, "loss", watched_transfer)
    monkeypatch.setattr(nn.Embedding, "forward", watched_embedding)
    return kinds


@pytest.mark.parametrize(
    ("precision", "expected"), [("float32", torch.float32), ("bfloat16", torch.bfloat16)]
)
def test_only_networks_compute_in_it(seen, precision, expected):
    X, y = make_series()
    clf = GDPDClassifier(
        student=FCN((4,), (3,)), teacher=FCN((4,), (3,)), n_epochs=4, device="cpu",
        random_state=0, training=Training(precision=precision),
    ).fit(X, y)  # fmt: skip
    assert seen["convolution"] == {expected}
    assert seen["logits"] == {torch.float32}
    assert seen["prior"] == {torch.float32}
    assert {t.dtype for t in clf.model_.networks.parameters()} == {torch.float32}
    assert np.isfinite(clf.history_.select_dtypes("number").to_numpy()).all()


def test_mixed_precision_learns_as_single_does():
    X, y = make_series()
    scores, probabilities = [], []
    for precision in ("float32", "bfloat16"):
        clf = GDPDClassifier(
            student="fcn", teacher="lstm1-8", n_epochs=20, device="cpu", random_state=0,
            training=Training(precision=precision),
        )  # fmt: skip
        probabilities.append(clf.fit(X, y).predict_proba(X))
        scores.append(clf.score(X, y))
    assert min(scores) > 0.9
    assert not np.array_equal(*probabilities)


@pytest.mark.parametrize("shared", [False, True])
def test_early_classifier_takes_it(shared):
    X, y = make_series()
    clf = GDPDEarlyClassifier(
        n_epochs=3, n_folds=2, classification_points=3, shared=shared, device="cpu",
        random_state=0, training=Training(precision="bfloat16"),
    ).fit(X, y)  # fmt: skip
    probabilities, decisions = clf.predict_proba(X)
    assert np.isfinite(probabilities).all()
    assert decisions.all()
