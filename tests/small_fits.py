"""Small data and settings for fits."""

from dataclasses import replace

import numpy as np
import pytest

from gdpd_sklearn.distillers import GDPD, KD, NoDistillation
from gdpd_sklearn.fitting import FitSettings, FitTask, fit_teacher
from gdpd_sklearn.fitting import fit as fit_tasks
from gdpd_sklearn.networks import FCN
from gdpd_sklearn.recipes import TrainingPlan


class LoopedFCN(FCN):
    """The same network, run one after another."""

    stackable = False


PLAN = TrainingPlan(
    n_epochs=4, batch_size=8, learning_rate=0.01, optimizer="adamw", weight_decay=0.01,
    schedule="one_cycle", max_gradient_norm=1.0, patience=None,
)  # fmt: skip

SETTINGS = FitSettings(
    student=FCN((4, 6), (4, 3)),
    teacher=FCN((6,), (3,)),
    distiller=NoDistillation(),
    plan=PLAN,
    teacher_plan=PLAN,
    validation_fraction=0.25,
    input_length=20,
    teacher_input_length=20,
    scaling="standard",
    class_weight=None,
    device="cpu",
    verbose=0,
)


@pytest.fixture
def settings():
    """Settings with changes: ``settings(distiller=…)``; keys of the plan go into both plans."""

    def change(**changes):
        of_plan = {k: changes.pop(k) for k in list(changes) if hasattr(PLAN, k)}
        plan = replace(PLAN, **of_plan)
        return replace(SETTINGS, **{"plan": plan, "teacher_plan": plan, **changes})

    return change


@pytest.fixture(scope="session")
def data():
    """24 noisy waves of two frequencies, two channels, 20 points; and their classes."""
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(24) % 2)
    wave = np.sin(2 * np.pi * (1 + 2 * y[:, None, None]) * np.linspace(0, 1, 20))
    return wave + 0.3 * rng.normal(size=(24, 2, 20)), y


@pytest.fixture
def fit(data, settings):
    """Fit students on the data: ``fit(lengths=(5, 10, 20), root=0, **changes)``."""

    def run(lengths=(5, 10, 20), root=0, X=None, y=None, **changes):
        X, y = (
            given if given is not None else own for given, own in zip((X, y), data, strict=True)
        )
        task = FitTask(X, y, (0, 1), lengths, settings(**changes), root)
        return fit_tasks([task])[0]

    return run


@pytest.fixture(scope="session")
def teacher(data):
    """A teacher that was trained before, on all cases."""
    X, y = data
    return fit_teacher(
        X,
        y,
        X[:0],
        y[:0],
        (0, 1),
        FCN((6,), (3,)),
        PLAN,
        20,
        "standard",
        None,
        None,
        None,
        3,
        "cpu",
        0,
    )


DISTILLERS = {
    "none": NoDistillation(),
    "kd": KD(weight=0.5),
    "gdpd": GDPD(n_posterior_samples=2, hinton_weight=0.5),
}


@pytest.fixture(params=DISTILLERS)
def distiller(request):
    return DISTILLERS[request.param]


@pytest.fixture
def looped():
    """The student of the settings, in a class that the bank does not stack."""
    return LoopedFCN((4, 6), (4, 3))


@pytest.fixture
def ask(data, settings, looped):
    """A task: ``ask(distiller, length=10, root=0, **changes)``; students are looped."""

    def task(distiller, length=10, root=0, cases=None, **changes):
        X, y = data if cases is None else cases
        changed = settings(distiller=distiller, **{"student": looped, "n_epochs": 6} | changes)
        return FitTask(X, y, (0, 1), [length], changed, root)

    return task
