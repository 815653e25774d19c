"""What holds on a CUDA device alone: steps are replayed, and the same fit gives the same bits."""

import threading

import numpy as np
import pytest
import torch
from synthetic import make_series
from torch import nn

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.distillers import DISTILLERS, GDPD, KD, Blended, Distiller
from gdpd_sklearn.networks import ARCHITECTURES, FCN, LSTM, Rocket, RocketFeatures
from gdpd_sklearn.networks._lstm_loop import looped_lstm
from gdpd_sklearn.recipes import Training
from gdpd_sklearn.solver import solve_ridge
from gdpd_sklearn.training import _trainer

pytestmark = pytest.mark.gpu

SETTINGS = {
    "n_epochs": 6, "teacher": FCN((4,), (3,)), "training": Training(batch_size=6),
    "random_state": 0, "device": "cuda",
}  # fmt: skip
EARLY = {**SETTINGS, "n_folds": 2, "classification_points": 4}

STUDENTS = [name for name in ARCHITECTURES if not ARCHITECTURES[name]().fixed]


class Reads(Distiller):
    """Looks at a value, which nothing that is recorded can do, though it says that it does not."""

    stackable = True

    def __init__(self, weight=1.0):
        self.weight = weight

    def loss(self, batch, adapter):
        size = batch.student.logits.square().mean()
        # in a bank vmap would refuse it
        return size * (1.0 if float(size.detach()) >= 0 else 2.0)


@pytest.fixture
def one_by_one(monkeypatch):
    """Launch every kernel by itself: ``one_by_one(fit)``."""

    def run(work):
        with monkeypatch.context() as patch:
            patch.setattr(_trainer, "recorder_for", lambda device, generators: None)
            return work()

    return run


def probabilities(classifier, X, y):
    return classifier.fit(X, y).engine_.probabilities_up_to(X, 4)


@pytest.mark.parametrize(
    ("distiller", "student"),
    [
        *((make(), FCN((4, 6), (4, 3))) for make in DISTILLERS.values()),
        (GDPD(freeze_prior=False, hinton_weight=1.0), FCN((4, 6), (4, 3))),
        (KD(), LSTM(2, 6)), (Blended(KD()), LSTM(2, 6)), (GDPD(), "lite"), (KD(), "resnet"),
    ],
    ids=str,
)  # fmt: skip
def test_replays_give_the_bits_of_the_steps(distiller, student, one_by_one):
    X, y = make_series(26)
    early = GDPDEarlyClassifier(distiller=distiller, student=student, **EARLY)
    replayed = probabilities(early, X, y)
    history = early.history_
    launched = one_by_one(lambda: probabilities(early, X, y))
    np.testing.assert_array_equal(replayed, launched)
    assert history["replayed"].iloc[-1] == 1.0, history
    assert (early.history_["replayed"] == 0.0).all()


def test_one_student_too(one_by_one):
    X, y = make_series()
    clf = GDPDClassifier(distiller="gdpd", student="fcn", validation_fraction=0.25, **SETTINGS)
    replayed = clf.fit(X, y).predict_proba(X)
    assert clf.history_["replayed"].max() == 1.0
    launched = one_by_one(lambda: clf.fit(X, y).predict_proba(X))
    np.testing.assert_array_equal(replayed, launched)


def test_what_cannot_be_recorded_is_launched_and_said_to_be(one_by_one):
    X, y = make_series()
    clf = GDPDClassifier(distiller=Reads(), student=FCN((4,), (3,)), **SETTINGS)
    probabilities = clf.fit(X, y).predict_proba(X)
    assert (clf.history_["replayed"] == 0.0).all()
    launched = one_by_one(lambda: clf.fit(X, y).predict_proba(X))
    np.testing.assert_array_equal(probabilities, launched)
    # and nothing is left of the attempt
    assert len(torch.randn(3, device="cuda")) == 3
    other = GDPDClassifier(distiller="gdpd", student=FCN((4,), (3,)), **SETTINGS).fit(X, y)
    assert other.history_["replayed"].iloc[-1] == 1.0


def test_modules_of_strangers_are_launched():
    X, y = make_series()
    clf = GDPDClassifier(
        distiller="kd", student=lambda c, t: nn.Sequential(nn.Conv1d(c, 3, 3), nn.Dropout(0.5)),
        **SETTINGS,
    ).fit(X, y)  # fmt: skip
    assert (clf.history_["replayed"] == 0.0).all()


@pytest.mark.parametrize("student", STUDENTS)
def test_the_same_fit_gives_the_same_bits(student):
    X, y = make_series(26)
    first, second = (
        probabilities(
            GDPDEarlyClassifier(distiller="gdpd", student=student, **{**EARLY, "teacher": student}),
            X, y,
        )
        for _ in range(2)
    )  # fmt: skip
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("distiller", DISTILLERS)
def test_so_does_every_method(distiller):
    X, y = make_series(26)
    first, second = (
        probabilities(
            GDPDEarlyClassifier(distiller=distiller, student="causal_fcn", shared=True, **EARLY),
            X, y,
        )
        for _ in range(2)
    )  # fmt: skip
    np.testing.assert_array_equal(first, second)


def test_fits_in_threads_do_not_disturb_each_other():
    X, y = make_series()

    def fit(distiller):
        clf = GDPDClassifier(distiller=distiller, student=FCN((4,), (3,)), **SETTINGS)
        return clf.fit(X, y).predict_proba(X)

    alone = {name: fit(name) for name in ("kd", "gdpd")}
    found = {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: fit(n)})) for n in alone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, expected in alone.items():
        np.testing.assert_array_equal(found[name], expected)
    assert not torch.are_deterministic_algorithms_enabled()


def test_stacked_students_are_those_alone_up_to_rounding():
    X, y = make_series()
    for student in ("fcn", LSTM(2, 6), "lite"):
        settings = {**SETTINGS, "n_epochs": 3, "student": student, "distiller": "none"}
        early = GDPDEarlyClassifier(
            **settings, n_folds=2, classification_points=(0.5, 1.0), refit=True
        )
        together = early.fit(X, y).models_[0]
        alone = GDPDClassifier(prefix_length=0.5, **settings).fit(X, y).model_
        np.testing.assert_allclose(together.predict_proba(X, 0), alone.predict_proba(X), atol=5e-3)


@pytest.mark.parametrize("precision", ["highest", "high"])
@pytest.mark.parametrize("n_channels", [1, 4])
def test_features_have_the_bits_of_a_cpu(n_channels, precision):
    X, _ = make_series(40, n_channels, 90)
    x = torch.from_numpy(X).float()
    x[3, 0, 20:30] = torch.nan
    module = RocketFeatures.fit(x, seed=0, n_features=2000)
    lengths = [9, 30, 90]
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        of_gpu = RocketFeatures.fit(x.cuda(), seed=0, n_features=2000)
        found = torch.stack(list(of_gpu.along(x.cuda(), lengths))).cpu()
    finally:
        torch.set_float32_matmul_precision(before)
    for name, buffer in module.named_buffers():
        assert torch.equal(dict(of_gpu.named_buffers())[name].cpu(), buffer), name
    assert torch.equal(found, torch.stack(list(module.along(x, lengths))))


def test_heads_are_those_of_a_cpu():
    generator = torch.Generator().manual_seed(0)
    for n_cases, n_features in ((30, 80), (90, 40)):
        features = torch.randn(2, n_cases, n_features, generator=generator)
        targets = torch.randn(n_cases, 3, generator=generator)
        mine, other = solve_ridge(features.cuda(), targets), solve_ridge(features, targets)
        torch.testing.assert_close(mine.left_out.cpu(), other.left_out, rtol=1e-8, atol=1e-9)
        torch.testing.assert_close(mine.weights.cpu(), other.weights, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("n_cases", [60, 600])
def test_random_kernels_fit_as_on_a_cpu(n_cases):
    X, y = make_series(n_cases, 1, 40)
    student = Rocket(400)  # of 600 cases batch by batch
    one, other = (
        GDPDEarlyClassifier(student=student, classification_points=5, random_state=0, device=each)
        .fit(X, y)
        for each in ("cuda", "cpu")
    )  # fmt: skip
    np.testing.assert_allclose(
        one.held_out_probabilities_, other.held_out_probabilities_, atol=1e-6
    )
    again = GDPDEarlyClassifier(**one.get_params(deep=False)).fit(X, y)
    np.testing.assert_array_equal(again.held_out_probabilities_, one.held_out_probabilities_)


def test_the_loop_of_an_lstm_is_cudnns():
    generator = torch.Generator().manual_seed(0)
    members = [nn.LSTM(2, 20, 2, batch_first=True).double().cuda() for _ in range(3)]
    x = torch.randn(3, 5, 11, 2, generator=generator).double().cuda().requires_grad_()
    stacked = [torch.stack(each) for each in zip(*(m.parameters() for m in members), strict=True)]
    found = looped_lstm(x, *stacked, n_layers=2)
    expected = [(out, *last) for out, last in (m(x[p]) for p, m in enumerate(members))]
    parameters = [x, *(p for m in members for p in m.parameters())]
    for mine, others in zip(found, zip(*expected, strict=True), strict=True):
        other = torch.stack(others)
        torch.testing.assert_close(mine, other, rtol=1e-9, atol=1e-10)
        pull = torch.randn(other.shape, generator=generator).to(other)
        for one, two in zip(
            torch.autograd.grad((mine * pull).sum(), parameters, retain_graph=True),
            torch.autograd.grad((other * pull).sum(), parameters, retain_graph=True),
            strict=True,
        ):
            torch.testing.assert_close(one, two, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("student", ["rocket", "fcn", "lstm1-8"])
def test_a_file_opens_on_a_cpu_with_the_same_answers(student, tmp_path):
    X, y = make_series(26)
    for clf in (
        GDPDClassifier(student=student, **SETTINGS),
        GDPDEarlyClassifier(student=student, **EARLY),
    ):
        clf.fit(X, y).save(tmp_path / "fitted.safetensors")
        opened = type(clf).load(tmp_path / "fitted.safetensors").set_params(device="cpu")
        for one, other in zip(clf.predict_proba(X), opened.predict_proba(X), strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("student", ["rocket", "fcn", "causal_fcn", "lstm1-8"])
def test_many_series_are_answered_on_the_card(student):
    X, y = make_series(26)
    new, _ = make_series(200, seed=1)
    for clf in (
        GDPDClassifier(student=student, **SETTINGS),
        GDPDEarlyClassifier(student=student, shared=student == "causal_fcn", **EARLY),
    ):
        expected = clf.fit(X, y).predict_proba(new)
        found = clf.answer_on("cuda").predict_proba(new)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-3)  # cuDNN's convolutions are TF32
        back = clf.answer_on("cpu").predict_proba(new)
        for one, other in zip(back, expected, strict=True):
            np.testing.assert_array_equal(one, other)


def test_switches_are_as_they_were():
    X, y = make_series()
    torch.backends.cudnn.benchmark = True
    try:
        GDPDClassifier(student="fcn", distiller="kd", **SETTINGS).fit(X, y)
        assert torch.backends.cudnn.benchmark
        assert not torch.backends.cudnn.deterministic
        assert not torch.are_deterministic_algorithms_enabled()
    finally:
        torch.backends.cudnn.benchmark = False
