"""Parameters of an early classifier: what they come to, and what is refused."""

import numpy as np
import pytest
from sklearn.base import clone
from synthetic import EARLY, TINY

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.distillers import GDPD
from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.networks import FCN, LSTM, CausalFCN, Rocket
from gdpd_sklearn.recipes import Training
from gdpd_sklearn.triggers import Teaser

QUICK = {**EARLY, "n_epochs": 1, "distiller": "none"}


@pytest.mark.parametrize(
    ("given", "points"),
    [
        (4, (5, 10, 15, 20)),
        (np.int64(3), (7, 13, 20)),
        (1, (20,)),
        (50, tuple(range(3, 21))),
        ((0.25, 0.5), (5, 10, 20)),
        ((12, 3), (3, 12, 20)),
        ((0.5, 10, 20, 1.0), (10, 20)),
        ((1,), (1, 20)),
        ((0.001,), (1, 20)),
        ([5, np.float64(0.5)], (5, 10, 20)),
        ((), (20,)),
    ],
)
def test_classification_points(series, given, points):
    X, y = series
    clf = GDPDEarlyClassifier(**{**QUICK, "classification_points": given}).fit(X, y)
    assert clf.classification_points_ == points
    assert clf.held_out_probabilities_.shape == (len(points), 24, 2)
    assert set(clf.predict_early(X).stop_times) <= set(points)


# one row of each part: what else it refuses is tested where the part is
BAD_PARAMETERS = [
    (
        {"classification_points": 0},
        r"classification_points=0 must be an integer of at least 1, or a",
    ),
    ({"classification_points": (21,)}, r"classification_points=21 must be a float .* in \[1, 20\]"),
    ({"trigger": "tease"}, r"trigger='tease' is unknown \(did you mean 'teaser'\?\); valid names"),
    ({"trigger": Teaser}, r"trigger=<class .*Teaser'> must be one of the names"),
    ({"trigger": Teaser(nu=0.0)}, r"nu=0.0 must be a number in \(0, 1\)"),
    (
        {"objective": "cost"},
        r"objective='cost' must be 'harmonic_mean', a DecisionCost or a LeastDelay",
    ),
    ({"objective": DecisionCost(((0, 1, 1),))}, r"misclassification=.*finite \(2, 2\) matrix"),
    ({"objective": DecisionCost(delay=lambda f: 1.0)}, r"must give finite costs of shape \(4,\)"),
    ({"n_folds": 1}, r"n_folds=1 must be an integer of at least 2"),
    ({"n_folds": 25}, r"n_folds=25 must be at most the 24 cases that can be held out"),
    ({"n_jobs": "two"}, r"n_jobs.*two"),
    ({"student": "fcn"}, r"student=FCN\(\) is not causal.*'causal_fcn', 'lstm'.*shared=False"),
    ({"scaling": "prefix"}, r"scaling='prefix' differs from prefix to prefix.*shared=False"),
    ({"student": "lsmt"}, r"student='lsmt' is unknown \(did you mean 'lstm'\?\).*valid names"),
    ({"teacher": "resnet99"}, r"teacher='resnet99' is unknown.*valid names"),
    ({"distiller": GDPD(weight=-1)}, r"weight=-1 must be a number in \[0, 1e\+30\]"),
    ({"training": Training(batch_size=1)}, r"batch_size=1 must be an integer of at least 2"),
    ({"patience": 5}, r"patience=5 needs a validation part"),
]


@pytest.mark.parametrize(("parameters", "message"), BAD_PARAMETERS, ids=lambda p: str(p)[:50])
def test_bad_parameters_are_refused_before_anything_is_trained(
    series, forbid_training, parameters, message
):
    forbid_training()
    with pytest.raises((ValueError, TypeError), match=message):
        GDPDEarlyClassifier(**{**EARLY, **parameters}).fit(*series)


def test_a_fitted_teacher_is_refused_for_it_may_know_the_held_out_cases(series):
    teacher = GDPDClassifier(**TINY, keep_teacher=True).fit(*series).teacher_
    with pytest.raises(ValueError, match=r"teacher is fitted already.*pass a name or an arch"):
        GDPDEarlyClassifier(**{**EARLY, "teacher": teacher}).fit(*series)


def test_nested_parameters_reach_parts_given_by_name():
    clf = GDPDEarlyClassifier(student="fcn", trigger="teaser", objective=DecisionCost())
    clf.set_params(distiller__weight=10, student__widths=(4, 4), trigger__max_consecutive=2)
    assert clf.distiller.weight == 10
    assert clf.student.widths == (4, 4)
    assert clf.trigger.get_params() == Teaser(max_consecutive=2).get_params()
    clf.set_params(objective__delay=0.5)
    assert clf.objective.delay == 0.5
    twin = clone(clf)
    assert twin.trigger is not clf.trigger
    assert twin.get_params()["trigger__max_consecutive"] == 2
    with pytest.raises(ValueError, match="Invalid parameter 'wheight'"):
        GDPDEarlyClassifier().set_params(distiller__wheight=1)


def test_fit_leaves_the_parts_as_they_were(series):
    parts = {
        "distiller": GDPD(), "student": LSTM(1, 8), "trigger": Teaser(),
        "objective": DecisionCost(), "training": Training(batch_size=8),
    }  # fmt: skip
    before = {name: dict(vars(part)) for name, part in parts.items()}
    clf = GDPDEarlyClassifier(**{**EARLY, **parts}).fit(*series)
    for name, part in parts.items():
        assert getattr(clf, name) is part
        assert vars(part) == before[name]


def without(*names):
    return {name: value for name, value in EARLY.items() if name not in names}


def test_default_student_suits_the_way_of_reading(series):
    X, y = series
    setting = {**without("student", "shared"), "max_input_length": 10, "distiller": "gdpd"}
    separate = GDPDEarlyClassifier(**setting).fit(X, y)
    assert all(len(model.networks) == 4 for model in separate.models_)
    assert {type(model.architecture) for model in separate.models_} == {FCN}
    assert separate.models_[0].view.input_length == 10
    shared = GDPDEarlyClassifier(**setting, shared=True).fit(X, y)
    assert all(len(model.networks) == 1 for model in shared.models_)
    assert {type(model.architecture) for model in shared.models_} == {CausalFCN}
    assert shared.models_[0].view.input_length == X.shape[2]  # never resampled


def test_nested_parameters_reach_the_default_student():
    clf = GDPDEarlyClassifier(shared=True, distiller="gdpd")
    clf.set_params(student__widths=(4,), student__kernel_sizes=(3,))
    assert clf.student.get_params() == CausalFCN((4,), (3,)).get_params()
    gdpd = GDPDEarlyClassifier(distiller="gdpd")
    assert gdpd.set_params(student__widths=(4, 4, 4)).student.widths == (4, 4, 4)
    together = gdpd.set_params(shared=True, student=None, student__widths=(4,))
    assert type(together.student) is CausalFCN
    kernels = GDPDEarlyClassifier().set_params(student__n_features=500).student
    assert kernels.get_params() == Rocket(500).get_params()
