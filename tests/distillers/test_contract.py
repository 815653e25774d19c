"""What every distiller promises; a new entry of ``DISTILLERS`` is checked without being named."""

import copy
import inspect
import pickle

import pytest
import torch
from sklearn.base import clone
from torch import nn
from torch.nn.functional import cross_entropy

from gdpd_sklearn.distillers import (
    DISTILLERS,
    GDPD,
    KD,
    TTM,
    VID,
    Blended,
    DistillationBatch,
    FeatureShape,
    FitNets,
    NoDistillation,
    Progress,
    PseudoLabels,
    Sum,
    TeKAP,
)
from gdpd_sklearn.networks import FCN, LSTM, Bank, NetworkOutput, ResNet, SerialInception

SUMS = {
    "sum of kd and gdpd": lambda: Sum(KD(), GDPD()),
    "sum of fitnets, tekap, vid and ttm": lambda: Sum(FitNets(), TeKAP(), VID(), TTM(weight=0.5)),
}
BLENDED = {
    "blended kd": lambda: Blended(KD()),
    "blended kd and gdpd": lambda: Blended(KD(), GDPD()),
}
EVERY = {**DISTILLERS, **SUMS, **BLENDED}

N_CLASSES = 3
# one epoch before and one after a warm-up of half of the epochs
STAGES = [Progress(0, 2), Progress(1, 2)]

SMALL = {
    "lstm": LSTM(n_layers=2, hidden_size=6),
    "inception": SerialInception(width=4),
    "resnet": ResNet(width=4),
    "fcn": FCN(widths=(5, 7), kernel_sizes=(5, 3)),
}
# teacher → student
PAIRS = [("lstm", "lstm"), ("inception", "resnet"), ("resnet", "lstm"), ("fcn", "fcn")]


class Member(nn.Module):
    """A student with its adapter."""

    def __init__(self, student, adapter):
        super().__init__()
        self.student = student
        self.adapter = adapter


class Scene:
    """A method, a teacher of complete series, P students of prefixes: as in training."""

    def __init__(
        self, distiller, teacher="fcn", student="fcn", n_channels=1, n_cases=6, n_students=1
    ):
        generator = torch.Generator().manual_seed(0)
        long, short = 16, 12
        self.distiller = distiller
        architecture = SMALL[student]
        students = [
            architecture.build(n_channels, short, N_CLASSES, seed) for seed in range(n_students)
        ]
        self.teacher_network = SMALL[teacher].build(n_channels, long, N_CLASSES, 100).eval()
        with torch.no_grad():
            self.teacher = self.teacher_network(
                torch.randn(n_cases, n_channels, long, generator=generator)
            )
            shape = shape_of(students[0].eval()(torch.zeros(2, n_channels, short)))
        students[0].train()
        self.target = torch.arange(n_cases) % N_CLASSES
        self.x = torch.randn(n_students, n_cases, n_channels, short, generator=generator)
        shapes = shape, shape_of(self.teacher)
        self.members = [Member(s, distiller.build_adapter(*shapes)) for s in students]
        self.prior = distiller.build_prior(*shapes)
        if self.prior is not None:
            self.prior.eval().requires_grad_(False)
        drawn = [distiller.draw_noise(n_cases, *shapes, generator) for _ in students]
        self.noise = tuple(torch.stack(each) for each in zip(*drawn, strict=True))

    def losses(self, progress, stacked=False):
        """Bank of the students, and their transfer losses, shape (P,)."""
        bank = Bank(copy.deepcopy(self.members), stacked=stacked)
        return bank, bank(self.loss_of, (self.x, self.noise), (progress,))

    def loss_of(self, member, x, noise, progress):
        output = member.student(x)
        batch = DistillationBatch(
            student=output,
            teacher=self.teacher,
            target=self.target,
            task_loss=lambda logits: cross_entropy(logits, self.target),
            student_head=member.student.head,
            prior=self.prior,
            noise=noise,
            progress=progress,
        )
        return self.distiller.loss(batch, member.adapter)

    def transferring(self):
        return [progress for progress in STAGES if self.distiller.stage(progress).transfer != 0]


def shape_of(output):
    return FeatureShape(output.pooled.shape[1], output.feature_map.shape[2], output.logits.shape[1])


@pytest.fixture(params=sorted(EVERY))
def distiller(request):
    torch.manual_seed(0)
    return EVERY[request.param]()


def needs_transfer(distiller):
    if not any(distiller.stage(progress).transfer for progress in STAGES):
        # the base, and the one whose teacher speaks where labels are missing alone
        assert isinstance(distiller, NoDistillation | PseudoLabels)
        pytest.skip("transfers nothing, by design")


# -- parameters


def test_defaults_are_valid_and_clone_pickle_set_params_keep_them(distiller):
    distiller.check_parameters()
    for copied in (clone(distiller), pickle.loads(pickle.dumps(distiller))):
        assert type(copied) is type(distiller)
        assert repr(copied) == repr(distiller)
        assert copied.get_params().keys() == distiller.get_params().keys()
    weights = [name for name in distiller.get_params() if name.split("__")[-1] == "weight"]
    for name in weights:
        changed = clone(distiller).set_params(**{name: 0.25})
        assert changed.get_params()[name] == 0.25
        with pytest.raises(ValueError, match="weight"):
            changed.set_params(**{name: -1.0}).check_parameters()
    assert distiller.get_params() == distiller.set_params().get_params()


def test_weight_scales_the_transfer(distiller):
    for progress in STAGES:
        weight = distiller.stage(progress).transfer
        assert weight >= 0.0
        if "weight" in distiller.get_params() and weight:
            assert clone(distiller).set_params(weight=0.25).stage(progress).transfer == 0.25


def test_stages_end_with_labels_and_a_selection(distiller):
    last = STAGES[-1]
    assert distiller.stage(last).selects
    assert distiller.stage(last).task == 1.0


@pytest.mark.parametrize("name", sorted(DISTILLERS))
def test_constructor_has_plain_defaults(name):
    cls = DISTILLERS[name]
    for parameter in inspect.signature(cls.__init__).parameters.values():
        if parameter.default is not inspect.Parameter.empty:
            assert isinstance(parameter.default, (bool, int, float, str, tuple, type(None)))


def test_what_only_schedules_does_not_reach_the_loss(distiller):
    assert set(distiller.schedule_parameters) <= set(distiller.get_params(deep=False))
    needs_transfer(distiller)
    for progress in Scene(distiller).transferring():
        losses = []
        for change in ({}, {"weight": 7.0}, {"warmup": 5}):
            changed = clone(distiller)
            names = set(change) & set(distiller.schedule_parameters)
            changed.set_params(**{name: change[name] for name in names})
            torch.manual_seed(0)  # adapters
            losses.append(Scene(changed).losses(progress)[1])
        torch.testing.assert_close(losses, [losses[0]] * 3, rtol=0, atol=0)


def test_uses_logits_tells_whether_the_teachers_are_read(distiller):
    needs_transfer(distiller)
    changed = False
    for progress in Scene(distiller).transferring():
        losses = []
        for shift in (0.0, 1.0):
            torch.manual_seed(0)  # adapters
            scene = Scene(distiller)
            ramp = shift * torch.arange(N_CLASSES)
            scene.teacher = scene.teacher._replace(logits=scene.teacher.logits + ramp)
            losses.append(scene.losses(progress)[1])
        changed |= not torch.equal(*losses)
    assert changed == distiller.uses_logits


def test_uses_feature_maps_tells_whether_the_teachers_are_read(distiller):
    needs_transfer(distiller)
    changed = False
    for progress in Scene(distiller).transferring():
        losses = []
        for shift in (0.0, 1.0):
            torch.manual_seed(0)  # adapters
            scene = Scene(distiller)
            maps = scene.teacher.feature_map
            ramp = shift * torch.arange(maps.shape[-1])
            scene.teacher = scene.teacher._replace(feature_map=maps + ramp)
            losses.append(scene.losses(progress)[1])
        changed |= not torch.equal(*losses)
    assert changed == distiller.uses_feature_maps


def test_uses_prior_tells_of_a_prior(distiller):
    assert distiller.uses_prior == (Scene(distiller).prior is not None)


# -- losses and gradients


def test_loss_is_a_finite_scalar_and_its_gradient_reaches_student_and_every_adapter_parameter(
    distiller,
):
    needs_transfer(distiller)
    scene = Scene(distiller)
    reached = set()
    for progress in scene.transferring():
        bank, loss = scene.losses(progress)
        assert loss.shape == (1,)
        assert torch.isfinite(loss).all()
        loss.sum().backward()
        (member,) = bank.members()
        for name, parameter in member.named_parameters():
            if parameter.grad is not None:
                assert torch.isfinite(parameter.grad).all()
                if parameter.grad.abs().sum() > 0:
                    reached.add(name)
    (member,) = scene.members
    for name, _ in member.named_parameters():
        if name.startswith(("adapter.", "student.backbone.")):
            assert name in reached or may_be_zero(name, member), name
    assert all(parameter.grad is None for parameter in scene.teacher_network.parameters())
    if scene.prior is not None:
        assert all(parameter.grad is None for parameter in scene.prior.parameters())


def may_be_zero(name, member):
    """Whether the gradient vanishes by construction: a shift that a following batch norm removes.

    Batch norm subtracts it again; what is left is rounding.
    """
    path, _, kind = name.rpartition(".")
    if kind != "bias":
        return False
    parent, _, index = path.rpartition(".")
    siblings = list(member.get_submodule(parent).children()) if index.isdigit() else []
    after = siblings[int(index) + 1 :]
    return bool(after) and isinstance(after[0], nn.BatchNorm1d)


def test_stacked_equals_looped(distiller):
    needs_transfer(distiller)
    if not distiller.stackable:
        pytest.skip("does not claim to be stackable")
    scene = Scene(distiller, n_students=3)
    for progress in scene.transferring():
        stacked_bank, stacked = scene.losses(progress, stacked=True)
        looped_bank, looped = scene.losses(progress, stacked=False)
        assert stacked_bank.stacked
        torch.testing.assert_close(stacked, looped, rtol=1e-4, atol=1e-5)
        weights = torch.tensor([1.0, 2.0, 3.0])
        (weights * stacked).sum().backward()
        (weights * looped).sum().backward()
        n_parameters = len(stacked_bank.trainable)
        for i, parameter in enumerate(stacked_bank.trainable):
            if parameter.grad is None:
                continue
            for p in range(3):
                single = looped_bank.trainable[p * n_parameters + i].grad
                expected = torch.zeros_like(parameter.grad[p]) if single is None else single
                torch.testing.assert_close(parameter.grad[p], expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("n_channels", [1, 3])
@pytest.mark.parametrize(("teacher", "student"), PAIRS)
def test_runs_on_every_pair_of_networks(distiller, teacher, student, n_channels):
    needs_transfer(distiller)
    scene = Scene(distiller, teacher, student, n_channels)
    for progress in scene.transferring():
        bank, loss = scene.losses(progress)
        loss.sum().backward()
        (member,) = bank.members()
        gradients = [p.grad for p in member.student.backbone.parameters() if p.grad is not None]
        assert torch.isfinite(loss).all()
        assert all(torch.isfinite(gradient).all() for gradient in gradients)
        assert sum(gradient.abs().sum() for gradient in gradients) > 0


@pytest.mark.parametrize(("student_steps", "teacher_steps"), [(1, 1), (1, 5), (5, 1), (4, 7)])
@pytest.mark.parametrize("n_cases", [2, 5])
def test_any_steps_widths_and_a_batch_of_two(distiller, n_cases, student_steps, teacher_steps):
    needs_transfer(distiller)
    torch.manual_seed(1)
    shapes = FeatureShape(3, student_steps, 2), FeatureShape(6, teacher_steps, 2)
    student, teacher = (
        NetworkOutput(
            torch.randn(n_cases, shape.n_features, shape.n_steps, requires_grad=leaf),
            torch.randn(n_cases, shape.n_features, requires_grad=leaf),
            torch.randn(n_cases, shape.n_classes, requires_grad=leaf),
        )
        for shape, leaf in zip(shapes, (True, False), strict=True)
    )
    adapter, prior = distiller.build_adapter(*shapes), distiller.build_prior(*shapes)
    # both cases of one class: nothing may depend on there being another
    target = torch.zeros(n_cases, dtype=torch.int64)
    for progress in STAGES:
        if not distiller.stage(progress).transfer:
            continue
        batch = DistillationBatch(
            student=student,
            teacher=teacher,
            target=target,
            task_loss=lambda logits: cross_entropy(logits, target),
            student_head=nn.Linear(3, 2),
            prior=prior if prior is None else prior.eval(),
            noise=distiller.draw_noise(n_cases, *shapes, torch.Generator().manual_seed(0)),
            progress=progress,
        )
        loss = distiller.loss(batch, adapter)
        loss.backward()
        assert torch.isfinite(loss)
        for tensor in student:
            assert tensor.grad is None or torch.isfinite(tensor.grad).all()


def test_noise_is_reproducible_and_leaves_the_global_state_alone(distiller):
    shapes = FeatureShape(3, 4, 2), FeatureShape(6, 7, 2)
    state = torch.random.get_rng_state()
    one, two = (
        distiller.draw_noise(5, *shapes, torch.Generator().manual_seed(3)) for _ in range(2)
    )
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert torch.equal(state, torch.random.get_rng_state())
    needs_transfer(distiller)
    scene = Scene(distiller)
    state = torch.random.get_rng_state()
    for progress in scene.transferring():
        _, first = scene.losses(progress)
        _, second = scene.losses(progress)
        assert torch.equal(first, second)
    assert torch.equal(state, torch.random.get_rng_state())
