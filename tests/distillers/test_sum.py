import pytest
import torch
from sklearn.base import clone

from gdpd_sklearn.distillers import (
    AT,
    DT2W,
    GDPD,
    KD,
    Blended,
    FeatureShape,
    FitNets,
    NoDistillation,
    Progress,
    Sum,
    TeKAP,
)
from gdpd_sklearn.distillers._base import DistillationBatch
from gdpd_sklearn.networks import NetworkOutput

SHAPES = FeatureShape(4, 5, 3), FeatureShape(6, 7, 3)
BEFORE, AFTER = Progress(0, 10), Progress(9, 10)


def batch_of(distiller, progress, seed=0):
    generator = torch.Generator().manual_seed(seed)

    def output(shape):
        return NetworkOutput(
            torch.randn(8, shape.n_features, shape.n_steps, generator=generator),
            torch.randn(8, shape.n_features, generator=generator),
            torch.randn(8, shape.n_classes, generator=generator),
        )

    target = torch.arange(8) % 3
    return DistillationBatch(
        student=output(SHAPES[0]),
        teacher=output(SHAPES[1]),
        target=target,
        task_loss=lambda logits: torch.nn.functional.cross_entropy(logits, target),
        student_head=lambda pooled: pooled[:, :3],
        prior=None,
        noise=distiller.draw_noise(8, *SHAPES, generator),
        progress=progress,
    )


def test_loss_is_the_weighted_sum_of_the_parts():
    parts = [KD(weight=0.5), TeKAP(weight=3.0), FitNets(weight=7.0)]
    both = Sum(*parts)
    adapter = both.build_adapter(*SHAPES)
    batch = batch_of(both, BEFORE)
    expected = 0.0
    for part, part_adapter in zip(parts, adapter.adapters, strict=True):
        noise = batch.noise if isinstance(part, TeKAP) else ()
        alone = DistillationBatch(**{**vars(batch), "noise": noise})
        expected += part.weight * part.loss(alone, part_adapter)
    torch.testing.assert_close(both.loss(batch, adapter), expected)


def test_each_part_gets_its_own_noise():
    both = Sum(TeKAP(n_views=2), KD(), TeKAP(n_views=1))
    assert both.build_adapter(*SHAPES).n_noise == (2, 0, 2)
    drawn = both.draw_noise(8, *SHAPES, torch.Generator().manual_seed(0))
    assert [len(tensor) for tensor in drawn] == [2, 2, 1, 1]
    assert torch.isfinite(both.loss(batch_of(both, BEFORE), both.build_adapter(*SHAPES)))


def test_stages():
    both = Sum(FitNets(warmup=3), DT2W(warmup=5), KD())
    assert both.stage(Progress(2, 10)).task == 0.0
    assert both.stage(Progress(3, 10)).task == 1.0
    assert not both.stage(Progress(4, 10)).selects
    assert both.stage(Progress(5, 10)).selects
    assert both.stage(Progress(4, 10)).transfer == 1.0
    assert Sum(DT2W(warmup=5), NoDistillation()).stage(Progress(4, 10)).transfer == 0.0


def test_resting_part_is_not_computed():
    both = Sum(KD(), DT2W(warmup=0.5))
    adapter = both.build_adapter(*SHAPES)
    adapter.adapters[1] = None  # calling it would raise
    batch = batch_of(both, BEFORE)
    torch.testing.assert_close(both.loss(batch, adapter), KD().loss(batch, torch.nn.Identity()))


def test_needs_are_those_of_the_parts():
    assert not Sum(NoDistillation()).uses_teacher
    assert Sum(NoDistillation(), KD()).uses_teacher
    assert not Sum(KD(), GDPD()).uses_feature_maps
    assert Sum(KD(), FitNets()).uses_feature_maps
    assert Sum(KD(), FitNets()).stackable
    assert Sum(KD(), FitNets()).takes_one_step
    assert not Sum(FitNets(), AT()).takes_one_step


def test_prior_of_its_owner():
    both = Sum(KD(), GDPD(warmup=0.5, n_diffusion_steps=100))
    prior = both.build_prior(*SHAPES)
    assert prior.schedule.n_steps == 100
    teacher = batch_of(both, BEFORE).teacher
    losses = [
        part.prior_loss(prior, teacher, torch.Generator().manual_seed(0))
        for part in (both, GDPD(n_diffusion_steps=100))
    ]
    torch.testing.assert_close(*losses)
    assert both.stage(BEFORE).trains_prior
    assert not both.stage(AFTER).trains_prior
    assert Sum(KD()).build_prior(*SHAPES) is None
    assert not Sum(KD()).stage(BEFORE).trains_prior


def test_two_priors_are_refused():
    for both in (Sum(GDPD(), GDPD(weight=2.0)), Sum(Sum(KD(), GDPD()), GDPD())):
        with pytest.raises(ValueError, match="At most one part"):
            both.check_parameters()


@pytest.mark.parametrize("parts", [(), ("kd",), (KD,), (KD(weight=-1.0),)])
def test_bad_parts_are_refused(parts):
    with pytest.raises(ValueError, match=r"Sum|weight"):
        Sum(*parts).check_parameters()


@pytest.mark.parametrize("kind", [Sum, Blended])
def test_parts_do_not_blend_by_themselves(kind):
    with pytest.raises(ValueError, match=rf"Part Blended\(KD\(\)\) of {kind.__name__} must not"):
        kind(Blended(KD()), GDPD()).check_parameters()


def test_one_part_is_the_part_to_the_bit():
    part = TeKAP(weight=0.3)
    alone, batch = Sum(part), batch_of(part, AFTER)
    torch.manual_seed(0)
    adapter = alone.build_adapter(*SHAPES)
    expected = part.weight * part.loss(batch, adapter.adapters[0])
    assert torch.equal(alone.loss(batch, adapter), expected)
    assert alone.stage(AFTER).transfer == 1.0


def test_parameters_are_nested():
    both = Sum(KD(temperature=3.0), GDPD(), KD())
    names = both.get_params(deep=False)
    assert list(names) == ["kd_1", "gdpd", "kd_2"]
    assert both.get_params()["kd_1__temperature"] == 3.0
    both.set_params(kd_2__temperature=5.0, gdpd__warmup=7)
    assert both.parts[2].temperature == 5.0
    assert both.parts[1].warmup == 7
    both.set_params(kd_1=KD(weight=9.0), kd_1__temperature=1.0)
    assert both.parts[0].get_params() == {"weight": 9.0, "temperature": 1.0}
    assert repr(both).startswith("Sum(KD(temperature=1.0, weight=9.0), GDPD(warmup=7), KD(")


def test_unknown_parameters_are_refused():
    for wrong in ({"fitnets": FitNets()}, {"fitnets__weight": 1.0}, {"weight": 1.0}):
        with pytest.raises(ValueError, match="Invalid parameter"):
            Sum(KD(), GDPD()).set_params(**wrong)
    with pytest.raises(ValueError, match="Invalid parameter"):
        Sum(KD()).set_params(kd__gamma=1.0)


def test_clone_shares_nothing():
    both = Sum(KD(), Sum(GDPD(), FitNets()))
    copied = clone(both)
    copied.set_params(kd__weight=4.0, sum__gdpd__weight=5.0)
    assert both.get_params()["kd__weight"] == 1.0
    assert both.get_params()["sum__gdpd__weight"] == 1.0
