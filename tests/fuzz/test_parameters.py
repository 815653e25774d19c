"""Every parameter of every part, one at a time, with odd values.

Seeded; more of it: ``GDPD_FUZZ=20 python -m pytest tests/fuzz`` tries twenty times as many.
"""

import inspect

import numpy as np
import pytest
from odd_values import VALUES, some, trial
from synthetic import make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.distillers import DISTILLERS, KD, Sum
from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.networks import ARCHITECTURES, Custom
from gdpd_sklearn.recipes import Training
from gdpd_sklearn.triggers import TRIGGERS, CallableTrigger

X, Y = make_series(12, 1, 12)
SMALL = {"n_epochs": 1, "teacher": "lstm1-8", "student": "lstm1-8", "distiller": "none"}
EARLY = {"classification_points": 2, "student": "rocket", "distiller": "none", "n_epochs": 1}


def plain(**parameters):
    return GDPDClassifier(**{**SMALL, "random_state": 0, "device": "cpu", **parameters})


def early(**parameters):
    return GDPDEarlyClassifier(**{**EARLY, "random_state": 0, "device": "cpu", **parameters})


def rows():
    """Name of a part, its class, and how an estimator is made of it."""
    yield "plain", GDPDClassifier, lambda **p: plain(**p)
    yield "early", GDPDEarlyClassifier, lambda **p: early(**p)
    yield "training", Training, lambda **p: plain(training=Training(**p))
    yield "cost", DecisionCost, lambda **p: early(objective=DecisionCost(**p))
    yield "custom", Custom, lambda **p: plain(student=Custom(**{"backbone": backbone, **p}))
    yield "callable", CallableTrigger, lambda **p: early(trigger=CallableTrigger(**p))
    for kind in sorted({type(make()) for make in DISTILLERS.values()}, key=lambda k: k.__name__):
        if kind.__name__ not in ("Sum", "Blended"):
            yield (
                kind.__name__,
                kind,
                lambda kind=kind, **p: plain(student="fcn", teacher="lstm1-8", distiller=kind(**p)),
            )
    for kind in sorted({type(make()) for make in ARCHITECTURES.values()}, key=lambda k: k.__name__):
        yield kind.__name__, kind, lambda kind=kind, **p: plain(student=kind(**p))
    for kind in sorted({type(make()) for make in TRIGGERS.values()}, key=lambda k: k.__name__):
        yield kind.__name__, kind, lambda kind=kind, **p: early(trigger=kind(**p))


def backbone(n_channels, n_timepoints):
    import torch

    return torch.nn.Sequential(torch.nn.Conv1d(n_channels, 3, 3, padding=1))


ROWS = {name: (kind, make) for name, kind, make in rows()}


def outcome(make, **parameter):
    clf = make(**parameter).fit(X, Y)
    return clf.predict_proba(X)


@pytest.mark.parametrize("name", ROWS)
def test_odd_parameters_are_refused_by_name_or_give_numbers(name):
    kind, make = ROWS[name]
    wrong = []
    for number, parameter in enumerate(inspect.signature(kind).parameters):
        # the part that a parameter of the estimator stands for may tell in its own words
        named = rf"{parameter}|distiller|student|teacher|backbone|function|trigger|objective"
        # the last is of weights that are finite and give no probabilities: that names the case
        named += r"|unique labels|no finite probabilities in case"
        for value in some(VALUES, 5, [number, *map(ord, name)]):
            if parameter == "memory" and isinstance(value, str):
                continue  # a folder of that name
            if isinstance(value, int) and 10**3 <= value <= 10**6:
                continue  # legitimate, and long
            what = f"{name}({parameter}={value!r})"
            found = trial(what, lambda p=parameter, v=value: outcome(make, **{p: v}), named)
            wrong += [found] if found else []
    assert not wrong, "\n".join(wrong)


def test_parts_of_a_sum_are_checked():
    wrong = [
        trial(
            f"Sum(KD(), {value!r})", lambda v=value: outcome(plain, distiller=Sum(KD(), v)), "Sum"
        )
        for value in some(VALUES, 8, 0)
    ]
    assert not any(wrong), "\n".join(filter(None, wrong))


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint8, np.int8])
def test_numpy_integers_are_integers_everywhere(kind):
    for made in (
        plain(n_epochs=kind(2), prefix_length=kind(5), max_input_length=kind(8),
              random_state=kind(3), verbose=kind(0), channels=kind(1)),
        plain(training=Training(n_epochs=kind(2), batch_size=kind(4), teacher_n_epochs=kind(1))),
        plain(validation_fraction=0.3, patience=kind(1)),
        early(classification_points=kind(3), n_folds=kind(2), n_jobs=kind(1)),
        early(student="fcn", n_folds=kind(2), n_epochs=kind(1)),
    ):  # fmt: skip
        assert np.isfinite(np.asarray(made.fit(X, Y).predict_proba(X)[0])).all()
    small = {
        "widths": (kind(4),), "kernel_sizes": (kind(3),), "n_layers": kind(1), "width": kind(4),
        "hidden_size": kind(4), "longest_memory": kind(9), "n_filters": kind(4), "depth": kind(1),
        "kernel_size": kind(4), "n_features": kind(100),
    }  # fmt: skip
    for name, (architecture, make) in ROWS.items():
        if architecture in {type(each()) for each in ARCHITECTURES.values()}:
            own = inspect.signature(architecture).parameters
            made = make(**{key: value for key, value in small.items() if key in own})
            assert np.isfinite(made.fit(X, Y).predict_proba(X)).all(), name
