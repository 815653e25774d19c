"""Blended hands a method through, and says what it needs."""

import pytest
from sklearn.base import clone

from gdpd_sklearn.distillers import (
    GDPD,
    KD,
    Blended,
    FeatureShape,
    FitNets,
    NoDistillation,
    Progress,
    Sum,
)

EPOCHS = [Progress(epoch, 4) for epoch in range(4)]


@pytest.mark.parametrize("method", [KD(0.3), GDPD(warmup=0.25), FitNets(), Sum(KD(), GDPD())])
def test_stages_and_needs_are_those_of_the_method(method):
    blended = Blended(method)
    assert blended.blends
    assert not method.blends
    for name in ("uses_teacher", "uses_logits", "uses_feature_maps", "uses_prior", "stackable"):
        assert getattr(blended, name) == getattr(method, name), name
    for name in ("task_weight", "transfer_weight", "trains_prior", "selects"):
        ours = [getattr(blended, name)(progress) for progress in EPOCHS]
        assert ours == [getattr(method, name)(progress) for progress in EPOCHS], name
    shape = FeatureShape(8, 5, 2)
    assert type(blended.build_adapter(shape, shape)) is type(method.build_adapter(shape, shape))
    assert type(blended.build_prior(shape, shape)) is type(method.build_prior(shape, shape))


def test_parameters_reach_the_method():
    blended = Blended(Sum(KD(), GDPD())).set_params(distiller__gdpd__weight=7.0)
    assert blended.distiller.parts[1].weight == 7.0
    copy = clone(blended)
    assert copy.distiller is not blended.distiller
    assert repr(copy) == "Blended(Sum(KD(), GDPD(weight=7.0)))"


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("kd", "distiller='kd' of Blended must be an instance of Distiller"),
        (NoDistillation(), r"distiller=NoDistillation\(\) of Blended must be a method"),
        (Blended(KD()), "blends are not blended twice"),
        (KD(weight=-1), "weight=-1"),
    ],
)
def test_what_cannot_be_blended_is_refused(method, message):
    with pytest.raises(ValueError, match=message):
        Blended(method).check_parameters()
