"""Students of fixed kernels: features once, heads in closed form, left-out answers exact."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from synthetic import make_series

from gdpd_sklearn.data import to_cases
from gdpd_sklearn.distillers import GDPD, KD, NoDistillation
from gdpd_sklearn.networks import PrefixModel, Rocket
from gdpd_sklearn.solver import _solve, solve_ridge

LENGTHS = (3, 10, 20)
ROCKET = {"student": Rocket(n_features=700), "shared": True}


@pytest.fixture
def solved(fit):
    """Fit random kernels on the data, without validation unless asked."""

    def run(lengths=LENGTHS, **changes):
        return fit(lengths, **{**ROCKET, "validation_fraction": 0.0, **changes})

    return run


def features_of(model, X):
    """Features of the fitted network at its prefixes, (P, N, F) in double precision."""
    x = model.view.scale(torch.as_tensor(X, dtype=torch.float32))
    return [each.double().numpy() for each in model[0].along(x, model.lengths)]


def test_heads_and_left_out_answers_are_those_of_refits(solved, data):
    """One case after another is taken out; scikit-learn's ridge is fitted to the others."""
    X, y = data
    result = solved()
    targets = 2.0 * np.eye(2)[y] - 1.0
    scales = []
    for point, (features, row) in enumerate(
        zip(features_of(result.model, X), result.history.itertuples(), strict=True)
    ):
        spread = features.std(0)
        standard = (features - features.mean(0)) / np.where(spread > 1e-9, spread, 1.0)
        standard /= np.sqrt(features.shape[1])
        margins = np.empty((24, 2))
        for i in range(24):
            others = np.arange(24) != i
            ridge = Ridge(row.penalty, solver="svd").fit(standard[others], targets[others])
            margins[i] = ridge.predict(standard[i : i + 1])
        logits = np.log(result.left_out[point])
        # logits are margins times one number, up to a constant for each case
        difference, of_margins = logits[:, 0] - logits[:, 1], margins[:, 0] - margins[:, 1]
        scales.append(difference @ of_margins / (of_margins @ of_margins))
        np.testing.assert_allclose(difference, scales[-1] * of_margins, atol=1e-8 * scales[-1])
        ridge = Ridge(row.penalty, solver="svd").fit(standard, targets)
        expected = scales[-1] * ridge.predict(standard)
        np.testing.assert_allclose(result.model.predict_logits(X, point), expected, atol=2e-4)
    assert scales == pytest.approx([scales[0]] * 3, rel=1e-8)


def test_it_learns_and_says_so(solved, data):
    X, y = data
    result = solved()
    assert (result.model.predict_proba(X, 2).argmax(1) == y).mean() > 0.95
    history = result.history
    assert history["prefix_length"].tolist() == list(LENGTHS)
    for point, row in enumerate(history.itertuples()):
        right = result.left_out[point].argmax(1) == y
        assert row.left_out_accuracy == pytest.approx(right.mean())
        loss = -np.log(result.left_out[point][np.arange(24), y]).mean()
        assert row.left_out_loss == pytest.approx(loss, rel=1e-4)


def test_what_follows_a_prefix_moves_nothing(solved, data):
    X, _ = data
    poisoned = X.copy()
    poisoned[..., 10:] = np.random.default_rng(1).normal(size=poisoned[..., 10:].shape)
    one, other = (solved((3, 10), X=each, scaling="none") for each in (X, poisoned))
    for point in range(2):
        np.testing.assert_array_equal(
            one.model.predict_proba(X, point), other.model.predict_proba(poisoned, point)
        )
    np.testing.assert_array_equal(one.left_out, other.left_out)


def test_one_prefix_alone_and_many_in_one_pass(solved, data):
    X, _ = data
    model = solved().model
    each = np.stack([model.predict_proba(X[..., :n], p) for p, n in enumerate(LENGTHS)])
    np.testing.assert_allclose(model.predict_proba_all(X), each, atol=1e-6)
    with pytest.raises(ValueError, match="no head for prefixes of 7"):
        model[0](torch.zeros(1, 2, 7))


def test_a_case_weighs_what_its_class_does(solved, data):
    X, y = data
    result = solved((3,), class_weight=np.array([1.0, 5.0]))
    (features,), (penalty,) = features_of(result.model, X), result.history["penalty"]
    spread = features.std(0)
    standard = (features - features.mean(0)) / np.where(spread > 1e-9, spread, 1.0)
    ridge = Ridge(penalty * features.shape[1], solver="svd")
    ridge.fit(standard, 2.0 * np.eye(2)[y] - 1.0, sample_weight=np.where(y == 1, 5.0, 1.0))
    expected, logits = ridge.predict(standard), result.model.predict_logits(X)
    scale = (expected * logits).sum() / np.square(expected).sum()
    np.testing.assert_allclose(logits, scale * expected, atol=1e-3)
    even = solved((3,)).model.predict_proba(X)[:, 1].mean()
    assert result.model.predict_proba(X)[:, 1].mean() > even + 0.05


@pytest.mark.parametrize("weight", [0.0, 0.5, 4.0])
def test_kd_mixes_labels_and_left_out_answers(solved, fit, data, weight):
    teacher = fit(
        (20,), distiller=KD(), teacher=Rocket(500), validation_fraction=0.0, n_epochs=1
    ).teacher
    assert (teacher.left_out.argmax(1).numpy() == data[1]).mean() > 0.9
    # a teacher that is less sure of itself than this one
    generator = torch.Generator().manual_seed(0)
    teacher = replace(teacher, left_out=torch.randn(24, 2, generator=generator).double())
    labels = torch.eye(2).double()[torch.arange(24) % 2] * 2 - 1
    targets = KD(weight, temperature=3.0).targets(labels, teacher.left_out)
    soft = np.exp(teacher.left_out.numpy() / 3.0)
    soft = 2 * soft / soft.sum(1, keepdims=True) - 1
    expected = (labels.numpy() + weight * soft) / (1 + weight)
    np.testing.assert_allclose(targets, expected, atol=1e-12)
    changed = solved(distiller=KD(weight), teacher=teacher).left_out
    assert np.allclose(changed, solved().left_out, atol=1e-12) == (weight == 0.0)


def test_left_out_answers_about_other_cases_are_not_taken_for_these(solved, fit):
    """A teacher handed in that has as many cases, but other ones, answers about the series."""
    teacher = fit(
        (20,), distiller=KD(), teacher=Rocket(500), validation_fraction=0.0, n_epochs=1
    ).teacher
    generator = torch.Generator().manual_seed(0)
    strange = torch.randn(24, 2, generator=generator).double()
    other = replace(teacher, left_out=strange, cases="of other cases")
    without = replace(teacher, left_out=None, cases=None)
    one, two = (solved(distiller=KD(4.0), teacher=each).left_out for each in (other, without))
    np.testing.assert_array_equal(one, two)


def test_validation_is_reported_and_changes_nothing(fit, data):
    X, y = data
    result = fit(LENGTHS, **ROCKET)  # a quarter is held out
    held = result.validation
    assert len(held) == 6
    assert np.isnan(result.left_out[:, held]).all()
    kept = np.setdiff1d(np.arange(24), held)
    assert np.isfinite(result.left_out[:, kept]).all()
    for point, row in enumerate(result.history.itertuples()):
        right = result.model.predict_proba(X[held], point).argmax(1) == y[held]
        assert row.validation_accuracy == pytest.approx(right.mean())
    poisoned = X.copy()
    poisoned[held] = 1e3
    other = fit(LENGTHS, X=poisoned, **ROCKET)
    np.testing.assert_array_equal(result.left_out, other.left_out)


def test_a_file_holds_the_heads_of_all_prefixes(solved, data, tmp_path):
    X, _ = data
    model = solved().model
    model.save(tmp_path / "rocket.safetensors")
    again = PrefixModel.load(tmp_path / "rocket.safetensors")
    np.testing.assert_array_equal(again.predict_proba_all(X), model.predict_proba_all(X))


def test_series_of_a_file_are_the_same(solved, data, tmp_path):
    X = data[0].astype(np.float32)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    one, other = solved(X=X), solved(X=mapped)
    np.testing.assert_allclose(one.left_out, other.left_out, atol=1e-6)


def test_seeds_repeat_and_differ(solved):
    one, same, other = (solved(root=root).left_out for root in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)


@pytest.mark.parametrize("mapped", [False, True])
def test_more_cases_than_features_are_solved_in_batches(solved, monkeypatch, tmp_path, mapped):
    X, y = make_series(300)
    X = X.astype(np.float32)
    if mapped:
        np.save(tmp_path / "X.npy", X)
        X = np.load(tmp_path / "X.npy", mmap_mode="r")
    few = {"student": Rocket(168), "X": X, "y": y, "class_weight": (1.0, 2.0)}
    result = solved(**few)

    def at_once(read, n_points, targets, weight, settings):
        return solve_ridge(read(torch.arange(300), range(n_points)), targets, weight, settings)

    monkeypatch.setattr(_solve, "solve_in_batches", at_once)
    expected = solved(**few)
    np.testing.assert_allclose(result.left_out, expected.left_out, atol=1e-6)
    monkeypatch.setattr(_solve, "solve_in_batches", None)
    with pytest.raises(TypeError):
        solved(**few)


def test_random_kernels_teach_a_trained_student(fit, data):
    X, y = data
    result = fit((10,), distiller=GDPD(), teacher=Rocket(500), n_epochs=4)
    assert result.teacher.model.predict_proba(X).shape == (24, 2)
    outputs = result.teacher.outputs(to_cases(X, y, "cpu").x, feature_maps=False)
    # leading coordinates and answers, instead of some hundred features
    assert outputs.pooled.shape[1] == len(result.teacher.compact.biases) + 2


def test_no_distillation_leaves_the_labels():
    labels = torch.tensor([[1.0, -1.0]])
    assert NoDistillation().targets(labels, None) is labels
