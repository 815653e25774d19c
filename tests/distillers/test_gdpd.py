from dataclasses import replace

import pytest
import torch
from torch.nn.functional import cross_entropy

from gdpd_sklearn.distillers import GDPD, DistillationBatch, FeatureShape, Progress, Stage, kd_loss
from gdpd_sklearn.networks import NetworkOutput

WIDTH, N_CASES = 4, 5
SHAPES = FeatureShape(WIDTH, 3, 3), FeatureShape(6, 3, 3)


def scene(distiller, draw):
    """Adapter, and a function of z_short to a batch, in double precision."""
    torch.manual_seed(0)
    adapter = distiller.build_adapter(*SHAPES).double()
    prior = distiller.build_prior(*SHAPES).double().eval().requires_grad_(False)
    head = torch.nn.Linear(WIDTH, 3).double().requires_grad_(False)
    target = torch.arange(N_CASES) % 3
    noise = tuple(
        tensor.double()
        for tensor in distiller.draw_noise(N_CASES, *SHAPES, torch.Generator().manual_seed(0))
    )
    teacher = NetworkOutput(draw(N_CASES, 6, 3), draw(N_CASES, 6), draw(N_CASES, 3))

    def batch_of(z_short):
        student = NetworkOutput(z_short[..., None], z_short, head(z_short))
        return DistillationBatch(
            student=student,
            teacher=teacher,
            target=target,
            task_loss=lambda logits: cross_entropy(logits, target),
            student_head=head,
            prior=prior,
            noise=noise,
            progress=Progress(1, 2),
        )

    return adapter, batch_of


def test_equals_the_steps_of_the_paper(draw, assert_equal):
    distiller = GDPD(n_sampling_steps=3, n_posterior_samples=2, n_diffusion_steps=60)
    adapter, batch_of = scene(distiller, draw)
    z_short = draw(N_CASES, WIDTH)
    batch = batch_of(z_short)

    betas = [1e-4 + (0.02 - 1e-4) * i / 59 for i in range(60)]
    cumulative, product = [], 1.0
    for beta in betas:
        product *= 1.0 - beta
        cumulative.append(product)
    total = 0.0
    for epsilon in batch.noise[0]:
        aligned = adapter.align(z_short)
        alpha = adapter.mixing(aligned)[:, 0]
        z = torch.stack(
            [a * x + (1 - a) * e for a, x, e in zip(alpha, aligned, epsilon, strict=True)]
        )
        for now, following in ((20, 10), (10, 0), (0, None)):
            predicted = batch.prior.denoiser(z, torch.full((N_CASES,), now))
            a_now = cumulative[now]
            a_next = 1.0 if following is None else cumulative[following]
            z0 = (z - (1 - a_now) ** 0.5 * predicted) / a_now**0.5
            z = a_next**0.5 * z0 + (1 - a_next) ** 0.5 * predicted
        refined = adapter.projection(z)
        total += float(batch.task_loss(batch.student_head(refined)).detach()) / 2
    assert float(distiller.loss(batch, adapter).detach()) == pytest.approx(total, rel=1e-10)


def test_gradient_through_the_whole_chain(draw, assert_gradient):
    distiller = GDPD(n_sampling_steps=2, n_diffusion_steps=60)
    adapter, batch_of = scene(distiller, draw)
    assert_gradient(lambda z: distiller.loss(batch_of(z), adapter), draw(N_CASES, WIDTH))


def test_hintons_term_of_the_published_runs(draw):
    plain, with_hinton = GDPD(), GDPD(hinton_weight=0.5, temperature=3.0)
    adapter, batch_of = scene(plain, draw)
    batch = batch_of(draw(N_CASES, WIDTH))
    hinton = kd_loss(batch.student.logits, batch.teacher.logits, 3.0)
    torch.testing.assert_close(
        with_hinton.loss(batch, adapter), plain.loss(batch, adapter) + 0.5 * hinton
    )


def test_stages():
    distiller = GDPD(weight=3.0, warmup=0.5)
    before, after = Progress(4, 10), Progress(5, 10)
    assert distiller.stage(before) == Stage(transfer=0.0, trains_prior=True, selects=False)
    assert distiller.stage(after) == Stage(transfer=3.0, trains_prior=False, selects=True)
    assert GDPD(freeze_prior=False).stage(after).trains_prior


@pytest.mark.parametrize(
    "wrong",
    [
        {"warmup": 1.0}, {"n_posterior_samples": 0}, {"n_sampling_steps": -1},
        {"n_diffusion_steps": 1}, {"hinton_weight": -1.0}, {"temperature": 0.0},
        {"n_sampling_steps": 6, "n_diffusion_steps": 11}, {"weight": -0.1},
    ],
)  # fmt: skip
def test_bad_parameters(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        GDPD(**wrong).check_parameters()


def test_without_sampling_steps_there_is_no_prior(draw):
    distiller = GDPD(n_sampling_steps=0)
    distiller.check_parameters()
    assert not distiller.uses_prior
    assert distiller.build_prior(*SHAPES) is None
    adapter, batch_of = scene(GDPD(), draw)
    batch = replace(batch_of(draw(N_CASES, WIDTH)), prior=None)
    start = adapter.start(batch.student.pooled, batch.noise[0][0])
    expected = cross_entropy(batch.student_head(adapter.projection(start)), batch.target)
    torch.testing.assert_close(distiller.loss(batch, adapter), expected)
