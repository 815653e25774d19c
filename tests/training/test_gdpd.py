"""The two phases of GDPD within a fit."""

import pytest
import torch

from gdpd_sklearn.diffusion import DiffusionPrior
from gdpd_sklearn.distillers import GDPD
from gdpd_sklearn.networks import FCN
from gdpd_sklearn.training import _step

WARMUP, N_EPOCHS = 3, 5
N_BATCHES = 3  # 18 training cases in batches of at most 8


class Spied(GDPD):
    """GDPD that shows its parts; one student, so they are the very ones that are trained."""

    adapters = ()
    prior = None

    def build_adapter(self, student, teacher):
        adapter = super().build_adapter(student, teacher)
        type(self).adapters = [*type(self).adapters, adapter]
        return adapter

    def build_prior(self, student, teacher):
        type(self).prior = super().build_prior(student, teacher)
        return type(self).prior


def _state(module):
    return {name: t.detach().clone() for name, t in module.state_dict().items()}


@pytest.fixture
def calls(monkeypatch):
    """What happened, in order: each sampling, with the state of the prior at that time."""
    calls = []
    refine = DiffusionPrior.refine
    loss = DiffusionPrior.loss

    def spied_refine(self, z, n_sampling_steps):
        calls.append(("refine", self.training, _state(self)))
        return refine(self, z, n_sampling_steps)

    def spied_loss(self, z, generator=None):
        calls.append(("loss", self.training, None))
        return loss(self, z, generator)

    monkeypatch.setattr(DiffusionPrior, "refine", spied_refine)
    monkeypatch.setattr(DiffusionPrior, "loss", spied_loss)
    monkeypatch.setattr(Spied, "adapters", [])
    return calls


@pytest.fixture
def fit_spied(fit, teacher, calls):
    def run(**parameters):
        own = set(GDPD().get_params())
        changes = {k: parameters.pop(k) for k in set(parameters) - own}
        distiller = Spied(**{"warmup": WARMUP, **parameters})
        return fit(
            **{"lengths": (10,), "n_epochs": N_EPOCHS, **changes},
            distiller=distiller, teacher=teacher,
        )  # fmt: skip

    return run


@pytest.mark.parametrize("n_samples", [1, 3])
def test_there_is_no_sampling_in_the_first_phase(fit_spied, calls, n_samples):
    fit_spied(n_posterior_samples=n_samples)
    kinds = [kind for kind, *_ in calls]
    n_warm = WARMUP * N_BATCHES
    assert kinds[:n_warm] == ["loss"] * n_warm
    assert kinds[n_warm:] == ["refine"] * ((N_EPOCHS - WARMUP) * N_BATCHES * n_samples)


def test_a_free_prior_goes_on_learning(fit_spied, calls):
    fit_spied(freeze_prior=False)
    kinds = [kind for kind, *_ in calls]
    n_warm, n_late = WARMUP * N_BATCHES, (N_EPOCHS - WARMUP) * N_BATCHES
    assert kinds == ["loss"] * n_warm + ["loss", "refine"] * n_late


@pytest.mark.parametrize("freeze_prior", [True, False])
def test_the_prior_samples_in_use_mode_and_learns_in_training_mode(fit_spied, calls, freeze_prior):
    fit_spied(freeze_prior=freeze_prior)
    assert {(kind, training) for kind, training, _ in calls} == {("loss", True), ("refine", False)}


def test_a_frozen_prior_does_not_change_at_all(fit_spied, calls):
    fit_spied(freeze_prior=True)
    at_start = next(state for kind, _, state in calls if kind == "refine")
    for name, tensor in Spied.prior.state_dict().items():  # running statistics among them
        assert torch.equal(tensor, at_start[name]), name
    assert not any(p.requires_grad for p in Spied.prior.parameters())


def test_a_free_prior_changes_weights_and_statistics(fit_spied, calls):
    fit_spied(freeze_prior=False)
    at_start = next(state for kind, _, state in calls if kind == "refine")
    changed = {n for n, t in Spied.prior.state_dict().items() if not torch.equal(t, at_start[n])}
    everything = set(Spied.prior.state_dict())
    assert changed == everything - {"schedule.betas", "schedule.alphas_cumprod"}


def test_the_prior_learns_in_the_first_phase(fit_spied, calls):
    fit_spied()
    at_start = next(state for kind, _, state in calls if kind == "refine")
    with torch.random.fork_rng(devices=[]):
        fresh = DiffusionPrior(6, 6)
    assert at_start["encoder.1.num_batches_tracked"] == WARMUP * N_BATCHES
    assert fresh.encoder[1].num_batches_tracked == 0
    assert at_start["encoder.1.running_mean"].any()


@pytest.mark.parametrize("part", ["align", "mixing", "projection"])
def test_gradients_reach_every_part_of_the_adapter(fit_spied, part):
    # wide enough for a bottleneck of two: a single unit before a batch norm has no gradient
    fit_spied(warmup=0, student=FCN((16,), (3,)))
    (adapter,) = Spied.adapters
    for name, p in getattr(adapter, part).named_parameters():
        assert p.grad is not None, name
        assert torch.isfinite(p.grad).all(), name
    weights = [p for p in getattr(adapter, part).parameters() if p.ndim == 2]
    assert all(p.grad.abs().max() > 1e-8 for p in weights)


def test_the_adapter_rests_in_the_first_phase(fit_spied):
    fit_spied(warmup=N_EPOCHS)
    (adapter,) = Spied.adapters
    assert all(p.grad is None for p in adapter.parameters())


def test_the_transfer_changes_the_student(fit_spied, data):
    X, _ = data
    with_transfer = fit_spied(weight=1.0, validation_fraction=0.0).model.predict_proba(X)
    without = fit_spied(weight=0.0, validation_fraction=0.0).model.predict_proba(X)
    assert abs(with_transfer - without).max() > 1e-3


def test_history_shows_the_phases(fit_spied):
    history = fit_spied().history
    warm = history["epoch"] < WARMUP
    assert (history.loc[warm, "transfer_loss"] == 0).all()
    assert (history.loc[~warm, "transfer_loss"] > 0).all()
    assert (history.loc[warm, "prior_loss"] > 0).all()
    assert (history.loc[~warm, "prior_loss"] == 0).all()


def test_the_best_epoch_is_looked_for_after_the_warm_up(fit_spied, monkeypatch):
    after = []

    def rising(bank, *arguments):
        after.append(_state(bank.members()[0].student))
        return {"validation_loss": torch.tensor([float(len(after))])}

    monkeypatch.setattr(_step, "evaluate", rising)
    model = fit_spied().model
    assert len(after) == N_EPOCHS
    for name, tensor in model[0].state_dict().items():
        assert torch.equal(tensor, after[WARMUP][name]), name


def test_students_of_one_fit_share_what_is_learned_of_the_teacher(fit_spied, calls):
    fit_spied(lengths=(5, 10, 20))
    kinds = [kind for kind, *_ in calls]
    assert kinds.count("loss") == WARMUP * N_BATCHES, "once, not for each student"


def test_the_prior_has_the_widths_of_teacher_and_student(fit_spied):
    fit_spied(n_diffusion_steps=100)
    prior = Spied.prior
    assert prior.encoder[0].in_features == 6  # teacher
    assert prior.encoder[0].out_features == 6  # student
    assert prior.schedule.n_steps == 100
