"""What stands for a part, and nested parameters of parts that are given by name."""

import pytest
import torch
from sklearn.base import clone
from synthetic import make_series
from torch import nn

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.distillers import GDPD, KD, Blended
from gdpd_sklearn.estimators._parts import (
    default_student,
    materialise_parts,
    resolve_architecture,
    resolve_distiller,
    resolve_teacher,
    resolve_training,
)
from gdpd_sklearn.networks import FCN, LSTM, Custom
from gdpd_sklearn.recipes import TRAININGS, Training


def make_backbone(n_channels, n_timepoints):
    raise AssertionError("not to be made before the fit")


def test_parts_are_copies():
    for part, resolve in (
        (FCN((4,), (3,)), lambda value: resolve_architecture(value, "student")),
        (LSTM(1, 8), resolve_teacher),
        (KD(weight=2), resolve_distiller),
        (Training(batch_size=8), resolve_training),
    ):
        copy = resolve(part)
        assert copy is not part
        assert copy.get_params() == part.get_params()


def test_a_factory_is_an_architecture():
    own = resolve_architecture(make_backbone, "student")
    assert isinstance(own, Custom)
    assert own.backbone is make_backbone


def test_auto_suits_the_student():
    assert isinstance(resolve_distiller("auto", FCN()), GDPD)
    assert isinstance(resolve_distiller("auto", LSTM()), Blended)
    assert isinstance(resolve_distiller("auto", None), GDPD)


@pytest.mark.parametrize(
    ("distiller", "scaling", "shared", "expected"),
    [
        ("auto", "standard", False, "rocket"),
        ("auto", "none", True, "rocket"),
        ("none", "standard", False, "rocket"),
        (KD(), "standard", False, "rocket"),
        (GDPD(), "standard", False, "fcn"),
        ("gdpd", "standard", True, "causal_fcn"),
        (Blended(KD()), "standard", False, "fcn"),  # asks about blends while it trains
        ("auto", "prefix", False, "fcn"),  # another scale for every prefix
    ],
)
def test_the_default_student_suits_what_is_asked_of_it(distiller, scaling, shared, expected):
    assert default_student(None, distiller, scaling, shared) == expected
    own = LSTM()
    assert default_student(own, distiller, scaling, shared) is own


@pytest.mark.parametrize("kind", [GDPDClassifier, GDPDEarlyClassifier])
def test_nested_parameters_reach_the_default_student(kind):
    assert kind().set_params(student__n_features=500).student.get_params() == {"n_features": 500}
    trained = kind(distiller="gdpd").set_params(student__widths=(4, 4, 4)).student
    assert isinstance(trained, FCN)
    assert trained.widths == (4, 4, 4)


@pytest.mark.parametrize("kind", [GDPDClassifier, GDPDEarlyClassifier])
def test_names_become_objects_where_something_is_set_in_them(kind):
    params = {"training__batch_size": 8, "distiller__weight": 3, "verbose": 1}
    found = materialise_parts(kind(), params)
    assert {name: found[name] for name in params} == params
    assert set(found) - set(params) == {"training", "distiller"}
    assert found["training"].get_params() == TRAININGS["default"]().get_params()
    assert isinstance(found["distiller"], GDPD)
    mine = Training()
    assert "training" not in materialise_parts(kind(training=mine), params)  # an object stays
    given = materialise_parts(kind(), {"training": "paper", "training__batch_size": 8})
    assert given["training"].n_epochs == 600


@pytest.mark.parametrize(
    ("student", "expected"),
    [
        ("fcn", GDPD(weight=7.0)),
        ("lstm1-8", Blended(KD(weight=7.0))),
        ("rocket", KD(weight=7.0)),
        (None, GDPD(weight=7.0)),
    ],
)
def test_a_weight_finds_a_method_whatever_the_student(student, expected):
    for clf in (GDPDClassifier(), GDPDEarlyClassifier()):
        clf.set_params(distiller__weight=7.0, student=student)
        assert repr(clf.distiller) == repr(expected)


def test_a_weight_of_unlabelled_cases_is_that_of_a_transfer():
    clf = GDPDClassifier(unlabelled=-1).set_params(distiller__weight=7.0)
    assert repr(clf.distiller) == "KD(weight=7.0)"
    with pytest.raises(ValueError, match="Invalid parameter 'warmup'"):
        GDPDClassifier(student="rocket").set_params(distiller__warmup=3)


class Backbone(nn.Module):
    def __init__(self, n_channels, n_timepoints):
        super().__init__()
        self.convolution = nn.Conv1d(n_channels, 4, 3, padding=1)

    def forward(self, x):
        return self.convolution(x)


def test_a_class_of_modules_makes_backbones():
    network = resolve_architecture(Backbone, "student").build(2, 9, 3, seed=0)
    assert isinstance(network.backbone, Backbone)
    same, other = (resolve_architecture(Backbone, "student").build(2, 9, 3, seed=s) for s in (0, 1))
    key = "backbone.convolution.weight"
    assert torch.equal(network.state_dict()[key], same.state_dict()[key])
    assert not torch.equal(network.state_dict()[key], other.state_dict()[key])
    X, y = make_series()
    clf = GDPDClassifier(student=Backbone, distiller="none", n_epochs=1, random_state=0)
    assert clone(clf).fit(X, y).predict(X).shape == (24,)


@pytest.mark.parametrize("value", [3, int, [1], None])
def test_what_is_no_architecture_is_told_what_would_be(value):
    with pytest.raises(TypeError, match=r"teacher=.*a torch.nn.Module or a class of modules"):
        resolve_architecture(value, "teacher")
