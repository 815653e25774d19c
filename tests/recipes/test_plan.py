"""Settings of a training: a table of what is refused, and the learning rates that follow."""

import pytest
import torch

from gdpd_sklearn.recipes import OPTIMIZERS, SCHEDULES, TrainingPlan

VALID = {
    "n_epochs": 50,
    "batch_size": 8,
    "learning_rate": 0.1,
    "optimizer": "adam",
    "weight_decay": 0.0,
    "schedule": "constant",
    "max_gradient_norm": None,
    "patience": None,
}


@pytest.mark.parametrize(
    ("parameter", "value", "allowed"),
    [
        ("n_epochs", 0, r"integer in \[1, 1000000\]"),
        ("n_epochs", 1.5, r"integer in \[1, 1000000\]"),
        ("n_epochs", True, r"integer in \[1, 1000000\]"),
        ("batch_size", 1, "integer of at least 2"),
        ("batch_size", "8", "integer of at least 2"),
        ("batch_size", None, "integer of at least 2"),
        ("learning_rate", 0.0, r"\(0, 1e\+30\]"),
        ("learning_rate", -0.1, r"\(0, 1e\+30\]"),
        ("learning_rate", float("nan"), r"\(0, 1e\+30\]"),
        ("learning_rate", float("inf"), r"\(0, 1e\+30\]"),
        ("optimizer", "sgd", r"\['adam', 'adamw'\]"),
        ("optimizer", None, r"\['adam', 'adamw'\]"),
        ("weight_decay", -1e-9, r"\[0, 1e\+30\]"),
        ("weight_decay", None, r"\[0, 1e\+30\]"),
        ("schedule", "cosine", "one_cycle.*constant.*halving_epochs.*halving_steps"),
        ("max_gradient_norm", 0.0, r"\(0, 1e\+30\]"),
        ("max_gradient_norm", "1", r"\(0, 1e\+30\]"),
        ("patience", 0, "integer of at least 1"),
        ("patience", 2.0, "integer of at least 1"),
        ("precision", "float16", r"\['float32', 'bfloat16'\]"),
    ],
)
def test_what_is_refused_is_named_with_what_is_allowed(parameter, value, allowed):
    with pytest.raises(ValueError, match=f"^{parameter}=.*{allowed}"):
        TrainingPlan(**VALID | {parameter: value})


@pytest.mark.parametrize(
    "change",
    [
        {"n_epochs": 1},
        {"batch_size": 2},
        {"weight_decay": 0},
        {"max_gradient_norm": 1},
        {"patience": 1},
        *({"schedule": schedule} for schedule in SCHEDULES),
        *({"optimizer": optimizer} for optimizer in OPTIMIZERS),
    ],
    ids=str,
)
def test_what_is_allowed(change):
    TrainingPlan(**VALID | change)


def _rates(n_cases, **change):
    """Learning rates that the steps of a training use, epoch by epoch."""
    plan = TrainingPlan(**VALID | change)
    weight = torch.zeros(1, requires_grad=True)
    optimizer, schedule = plan.build_optimizer([weight], n_cases)
    rates = []
    for _ in range(plan.n_epochs):
        rates.append([])
        for _ in range(plan.n_batches(n_cases)):
            rates[-1].append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
    return rates


def test_constant_stays():
    assert {rate for epoch in _rates(20) for rate in epoch} == {0.1}


@pytest.mark.parametrize("n_epochs", [1, 2, 50])
def test_one_cycle_rises_to_the_rate_and_falls_to_nearly_nothing(n_epochs):
    rates = sum(_rates(200, schedule="one_cycle", n_epochs=n_epochs), [])  # noqa: RUF017
    assert len(rates) == 25 * n_epochs
    assert rates[0] == pytest.approx(0.1 / 25)
    assert max(rates) == pytest.approx(0.1, rel=0.02)
    peak = rates.index(max(rates))
    assert peak / len(rates) == pytest.approx(0.3, abs=0.05)
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] < 0.01 * 0.1 * (50 if n_epochs == 1 else 1)


@pytest.mark.parametrize("n_cases", [5, 20, 65])
def test_halving_by_epochs(n_cases):
    rates = _rates(n_cases, schedule="halving_epochs")
    for epoch, used in enumerate(rates):
        halvings = sum(epoch >= at for at in (25, 30, 35))
        assert used == pytest.approx([0.1 / 2**halvings] * len(used))


def test_halving_by_steps():
    rates = sum(_rates(20, schedule="halving_steps"), [])  # noqa: RUF017
    assert len(rates) == 150
    for step, rate in enumerate(rates):
        assert rate == pytest.approx(0.1 / 2 ** sum(step >= at for at in (25, 30, 35)))


def test_optimizer_and_decay_are_those_named():
    weight = torch.zeros(1, requires_grad=True)
    for name, kind in (("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)):
        plan = TrainingPlan(**VALID | {"optimizer": name, "weight_decay": 0.25})
        optimizer, _ = plan.build_optimizer([weight], 10)
        assert type(optimizer) is kind
        assert optimizer.defaults["weight_decay"] == 0.25
