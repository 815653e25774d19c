"""Distillers that a user writes: nothing is claimed that they do not say themselves."""

import pytest
import torch
from sklearn.model_selection import GridSearchCV
from synthetic import make_series

from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.distillers import (
    DISTILLERS,
    GDPD,
    KD,
    Blended,
    Distiller,
    Progress,
    Stage,
    Sum,
    kd_loss,
)
from gdpd_sklearn.model_selection import GDPDGridSearchCV
from gdpd_sklearn.networks import FCN


class Weighing(Distiller):
    """Its loss reads the weight; its stage does not."""

    def __init__(self, weight=1.0):
        self.weight = weight

    def stage(self, progress):
        return Stage()

    def loss(self, batch, adapter):
        return self.weight * kd_loss(batch.student.logits, batch.teacher.logits, 2.0)


class WeighingKD(KD):
    """Takes KD's parameters over, and KD's claims not."""

    def stage(self, progress):
        return Stage()

    def loss(self, batch, adapter):
        return self.weight * super().loss(batch, adapter)


class Unbatched(KD):
    """Leaves what vmap sees, by way of a helper."""

    def loss(self, batch, adapter):
        return super().loss(batch, adapter) * self._one(batch.student.logits.detach())

    def _one(self, logits):
        return 1.0 if float(logits.sum()) < torch.inf else 0.0


class Helped(GDPD):
    """Replaces a helper alone, which reads the weight."""

    def _refined(self, batch, adapter, epsilon):
        return self.weight * super()._refined(batch, adapter, epsilon)


class Shorter(GDPD):
    """Another schedule and other checks: the loss is GDPD's, and so are the claims."""

    def stage(self, progress):
        return super().stage(Progress(2 * progress.epoch, progress.n_epochs))

    def check_parameters(self):
        super().check_parameters()


STRANGERS = [Weighing, WeighingKD, Unbatched, Helped]


@pytest.mark.parametrize("kind", STRANGERS)
def test_a_stranger_claims_nothing(kind):
    stranger = kind()
    assert not stranger.stackable
    assert stranger.schedule_parameters == ()
    for many in (Sum(KD(), stranger), Blended(stranger)):
        assert not many.stackable
        assert many.schedule_parameters == ()


def test_what_replaces_only_the_schedule_keeps_the_claims():
    assert Shorter().stackable
    assert Shorter().schedule_parameters == ("weight", "warmup")


@pytest.mark.parametrize("name", sorted(DISTILLERS))
def test_our_own_state_their_claims_themselves(name):
    stated = vars(DISTILLERS[name])
    assert "stackable" in stated, f"{name} does not say whether it is stackable"
    assert name == "none" or "schedule_parameters" in stated, f"{name} has no schedule_parameters"


@pytest.mark.parametrize("name", sorted(DISTILLERS))
def test_a_subclass_of_our_own_with_another_loss_claims_nothing(name):
    changed = type("Changed", (DISTILLERS[name],), {"loss": lambda self, batch, adapter: 0.0})
    assert not changed().stackable
    assert not changed().takes_one_step
    assert changed().schedule_parameters == ()


# -- in training


@pytest.mark.parametrize("kind", [Weighing, WeighingKD, Unbatched])
def test_a_search_over_the_weight_gives_the_scores_of_single_fits(kind):
    X, y = make_series(24, n_timepoints=16)
    clf = GDPDClassifier(
        0.5, distiller=kind(), student=FCN((4,), (3,)), teacher=FCN((4,), (3,)), n_epochs=3,
        random_state=0, device="cpu",
    )  # fmt: skip
    grid = {"distiller__weight": [0.0, 1.0, 30.0]}
    ours, plain = (
        search(clf, grid, cv=2, scoring="neg_log_loss").fit(X, y)
        for search in (GDPDGridSearchCV, GridSearchCV)
    )
    found, expected = (each.cv_results_["mean_test_score"] for each in (ours, plain))
    assert found == pytest.approx(expected, rel=1e-5)
    assert len(set(expected)) == 3
