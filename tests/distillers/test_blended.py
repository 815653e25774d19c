"""Blended is a sum that blends; it says what it needs."""

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


@pytest.mark.parametrize("parts", [(KD(0.3),), (GDPD(warmup=0.25),), (FitNets(),), (KD(), GDPD())])
def test_stages_and_needs_are_those_of_a_sum(parts):
    blended, plain = Blended(*parts), Sum(*parts)
    assert blended.blends
    assert not plain.blends
    for name in ("uses_teacher", "uses_logits", "uses_feature_maps", "uses_prior", "stackable"):
        assert getattr(blended, name) == getattr(plain, name), name
    assert blended.stackable
    assert list(map(blended.stage, EPOCHS)) == list(map(plain.stage, EPOCHS))
    shape = FeatureShape(8, 5, 2)
    assert type(blended.build_prior(shape, shape)) is type(plain.build_prior(shape, shape))


def test_parameters_reach_the_parts():
    blended = Blended(KD(), GDPD()).set_params(gdpd__weight=7.0)
    assert blended.parts[1].weight == 7.0
    copy = clone(blended)
    assert type(copy) is Blended
    assert copy.parts[0] is not blended.parts[0]
    assert repr(copy) == "Blended(KD(), GDPD(weight=7.0))"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((), r"Blended\(\) needs at least one part"),
        (("kd",), "Part 'kd' of Blended must be an instance of Distiller"),
        ((NoDistillation(),), r"Blended\(NoDistillation\(\)\) needs a part that asks a teacher"),
        ((KD(weight=-1),), "weight=-1"),
    ],
)
def test_what_cannot_be_blended_is_refused(parts, message):
    with pytest.raises(ValueError, match=message):
        Blended(*parts).check_parameters()
