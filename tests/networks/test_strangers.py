"""Architectures that a user writes: they train in every path, stacked only where they say so."""

import numpy as np
import pytest
import torch
from sklearn.model_selection import GridSearchCV
from synthetic import make_series
from torch import nn

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.model_selection import GDPDGridSearchCV
from gdpd_sklearn.networks import ARCHITECTURES, FCN, Architecture, Custom
from gdpd_sklearn.networks._base import LastStep


class RecurrentBackbone(nn.Module):
    def __init__(self, n_channels, width):
        super().__init__()
        self.gru = nn.GRU(n_channels, width, batch_first=True)

    def forward(self, x):
        return self.gru(x.transpose(1, 2))[0].transpose(1, 2)


class StrangersGRU(Architecture):
    """What PyTorch cannot run under vmap; it says as little as it may."""

    causal = True

    def __init__(self, width=5):
        self.width = width

    def build_backbone(self, n_channels, n_timepoints):
        return RecurrentBackbone(n_channels, self.width), self.width

    def pool(self):
        return LastStep()


class StrangersFCN(FCN):
    """Takes FCN's parameters over, and FCN's claim not."""

    def build_backbone(self, n_channels, n_timepoints):
        backbone, width = super().build_backbone(n_channels, n_timepoints)
        return nn.Sequential(backbone, RecurrentBackbone(width, width)), width


class StrangersNarrow(FCN):
    """Says another width alone: the network is FCN's, and so is the claim."""

    def stacking_width(self):
        return 1


STRANGERS = [StrangersGRU(), StrangersFCN((4,), (3,))]
CPU = torch.device("cpu")


@pytest.mark.parametrize("stranger", STRANGERS, ids=str)
def test_a_stranger_is_never_stacked(stranger):
    assert not stranger.stackable
    assert not stranger.stacks_on(CPU)
    assert not stranger.stacks_on(torch.device("cuda"))


def test_what_replaces_only_the_width_keeps_the_claim():
    assert StrangersNarrow((64,), (3,)).stacks_on(CPU)
    assert not FCN((64,), (3,)).stacks_on(CPU)


def test_a_promise_about_a_users_module_is_his():
    class Wider(Custom):
        def build_backbone(self, n_channels, n_timepoints):
            return super().build_backbone(n_channels, n_timepoints)

    assert Custom(nn.Conv1d(1, 2, 3), stack=True).stackable
    assert not Wider(nn.Conv1d(1, 2, 3), stack=True).stackable


@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_our_own_state_their_claim_and_a_subclass_with_another_backbone_does_not(name):
    kind = type(ARCHITECTURES[name]())
    assert "stackable" in vars(kind), f"{name} does not say whether it is stackable"
    other = type("Other", (kind,), {"build_backbone": lambda self, n, t: (nn.Identity(), n)})
    assert not other().stackable


def settings(stranger):
    return {
        "student": stranger, "teacher": FCN((4,), (3,)), "distiller": "kd", "n_epochs": 2,
        "random_state": 0, "device": "cpu",
    }  # fmt: skip


@pytest.mark.parametrize("stranger", STRANGERS, ids=str)
def test_fitted_for_one_prefix(stranger):
    X, y = make_series(24, n_timepoints=16)
    assert np.isfinite(GDPDClassifier(0.5, **settings(stranger)).fit(X, y).predict_proba(X)).all()


@pytest.mark.parametrize(
    ("stranger", "shared"),
    [(StrangersGRU(), False), (StrangersGRU(), True), (StrangersFCN((4,), (3,)), False)],
    ids=str,
)
def test_fitted_early(stranger, shared):
    X, y = make_series(24, n_timepoints=16)
    clf = GDPDEarlyClassifier(
        classification_points=3, n_folds=2, shared=shared, **settings(stranger)
    ).fit(X, y)
    assert np.isfinite(clf.predict_proba(X)[0]).all()


@pytest.mark.parametrize("stranger", STRANGERS, ids=str)
def test_a_search_gives_the_scores_of_single_fits(stranger):
    X, y = make_series(24, n_timepoints=16)
    clf = GDPDClassifier(0.5, **settings(stranger))
    grid = {"distiller__weight": [0.0, 30.0], "random_state": [0, 1]}
    found, expected = (
        search(clf, grid, cv=2, scoring="neg_log_loss").fit(X, y).cv_results_["mean_test_score"]
        for search in (GDPDGridSearchCV, GridSearchCV)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert len(set(expected)) == 4
