"""Ridge heads in closed form: against refits, and against scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge, RidgeClassifierCV

from gdpd_sklearn.solver import RidgeSettings, class_targets, solve_ridge, solve_ridge_each

N_CASES, N_CLASSES = 17, 3


def _data(n_features, n_points=1, seed=0):
    random = np.random.default_rng(seed)
    features = random.random((n_points, N_CASES, n_features)).astype(np.float32)
    y = random.integers(N_CLASSES, size=N_CASES)
    features[:, :, 0] += y  # something to learn
    return torch.as_tensor(features), torch.as_tensor(y)


def _standard(features):
    """What the docstring promises: training mean, √F standard deviations."""
    double = features.double().numpy()
    scale = double.std(0)
    return (double - double.mean(0)) / np.where(scale > 0, scale, 1) / np.sqrt(double.shape[1])


def _targets(kind, y):
    if kind == "labels":
        return class_targets(y, N_CLASSES)
    return torch.as_tensor(np.random.default_rng(5).normal(size=(N_CASES, 2)))


def _weights(kind):
    random = np.random.default_rng(7)
    weight = random.uniform(0.1, 4, N_CASES)
    if kind == "with zeros":
        weight[[2, 5]] = 0
    return None if kind == "none" else weight


@pytest.mark.parametrize("kind", ["labels", "soft"])
@pytest.mark.parametrize("weighting", ["none", "weights", "with zeros"])
@pytest.mark.parametrize("n_features", [1, 5, 16, 17, 40])
def test_left_out_margins_are_those_of_refits(n_features, weighting, kind):
    features, y = _data(n_features)
    targets, weight = _targets(kind, y), _weights(weighting)
    heads = solve_ridge(features, targets, None if weight is None else torch.as_tensor(weight))
    x, penalty = _standard(features[0]), float(heads.penalties[0])
    everything = np.arange(N_CASES)
    for case in everything:
        rest = everything != case
        refit = Ridge(alpha=penalty, solver="cholesky", tol=1e-12)
        refit.fit(x[rest], targets[rest].numpy(), None if weight is None else weight[rest])
        found = heads.left_out[0, case].numpy()
        np.testing.assert_allclose(found, refit.predict(x[[case]])[0], atol=1e-8)


@pytest.mark.parametrize("weighting", ["none", "weights", "with zeros"])
@pytest.mark.parametrize("n_features", [1, 5, 16, 17, 40])
def test_heads_are_scikit_learns_ridge(n_features, weighting):
    features, y = _data(n_features)
    weight = _weights(weighting)
    targets = class_targets(y, N_CLASSES)
    heads = solve_ridge(features, targets, None if weight is None else torch.as_tensor(weight))
    ridge = Ridge(alpha=float(heads.penalties[0]), solver="cholesky", tol=1e-12)
    ridge.fit(_standard(features[0]), targets.numpy(), weight)
    np.testing.assert_allclose(heads.weights[0].numpy(), ridge.coef_.T, atol=1e-8)
    np.testing.assert_allclose(heads.intercepts[0].numpy(), ridge.intercept_, atol=1e-8)
    new, _ = _data(n_features, seed=3)
    mean, scale = heads.mean[0].numpy(), heads.scale[0].numpy()
    expected = ridge.predict((new[0].double().numpy() - mean) / scale)
    np.testing.assert_allclose(heads.margins(new[0], 0).numpy(), expected, atol=1e-8)
    kernel, bias = heads.linear()
    as_layer = torch.nn.functional.linear(new[0].double(), kernel[0], bias[0])
    np.testing.assert_allclose(as_layer.numpy(), expected, atol=1e-8)


@pytest.mark.parametrize("n_features", [6, 60])
def test_the_penalty_is_that_of_the_least_left_out_error(n_features):
    features, y = _data(n_features)
    x = _standard(features[0])
    centred = x - x.mean(0)
    unit = np.trace(centred @ centred.T) / N_CASES
    alphas = unit * np.array(RidgeSettings().penalties)
    theirs = RidgeClassifierCV(alphas=alphas).fit(x, y.numpy())
    found = float(solve_ridge(features, class_targets(y, N_CLASSES)).penalties[0])
    np.testing.assert_allclose(found, theirs.alpha_, rtol=1e-10)


def test_class_weights_are_copies_of_cases():
    features, y = _data(8)
    copies = np.where(y.numpy() == 0, 3, 1)
    order = np.repeat(np.arange(N_CASES), copies)
    settings = RidgeSettings(penalties=(0.3,))
    targets = class_targets(y, N_CLASSES)
    once = solve_ridge(features, targets, torch.as_tensor(copies), settings)
    x = _standard(features[0])
    ridge = Ridge(alpha=float(once.penalties[0]), solver="cholesky")
    ridge.fit(x[order], targets.numpy()[order])
    np.testing.assert_allclose(once.weights[0].numpy(), ridge.coef_.T, atol=1e-8)


@pytest.mark.parametrize("weighting", ["none", "weights", "with zeros"])
@pytest.mark.parametrize("n_features", [6, 60])
def test_coordinates_are_the_features_in_another_basis(n_features, weighting):
    features, y = _data(n_features, n_points=2)
    weight = _weights(weighting)
    heads = solve_ridge(
        features,
        class_targets(y, N_CLASSES),
        None if weight is None else torch.as_tensor(weight),
        RidgeSettings(n_coordinates=1000),
    )
    weight = np.ones(N_CASES) if weight is None else weight
    for point, coordinates in enumerate(heads.coordinates):
        x = _standard(features[point])
        x = x - weight @ x / weight.sum()
        # exact for all cases that count; the others are seen as far as these reach
        counts = weight > 0
        inner = coordinates.of_cases.numpy()
        np.testing.assert_allclose(
            inner[counts] @ inner[counts].T, x[counts] @ x[counts].T, atol=1e-10
        )
        standard = torch.as_tensor(_standard(features[point]))
        mapped = standard @ coordinates.basis - coordinates.centre
        torch.testing.assert_close(mapped, coordinates.of_cases, rtol=0, atol=1e-9)
        identity = torch.eye(coordinates.basis.shape[1], dtype=torch.float64)
        torch.testing.assert_close(
            coordinates.basis.T @ coordinates.basis, identity, rtol=0, atol=1e-9
        )


def test_each_prefix_has_its_own_targets_and_answer():
    features, _ = _data(9, n_points=3)
    targets = torch.randn(3, N_CASES, 2, dtype=torch.float64)
    together = solve_ridge(iter(features), targets)
    assert together.weights.shape == (3, 9, 2)
    assert together.left_out.shape == (3, N_CASES, 2)
    for point in range(3):
        alone = solve_ridge(features[point : point + 1], targets[point])
        torch.testing.assert_close(together.weights[point], alone.weights[0], rtol=0, atol=1e-12)
        torch.testing.assert_close(together.left_out[point], alone.left_out[0], rtol=0, atol=1e-12)


def test_memory_bounded_parts_change_nothing(monkeypatch):
    whole = {}
    for size in (2**22, 24):
        monkeypatch.setattr("gdpd_sklearn.solver._decompose._CHUNK_CELLS", size)
        monkeypatch.setattr("gdpd_sklearn.solver._decompose._BLOCK_CASES", size // 4)
        for n_features in (6, 40):
            features, y = _data(n_features)
            heads = solve_ridge(features, class_targets(y, N_CLASSES))
            first = whole.setdefault(n_features, heads)
            torch.testing.assert_close(heads.weights, first.weights, rtol=0, atol=1e-10)
            torch.testing.assert_close(heads.left_out, first.left_out, rtol=0, atol=1e-10)


def test_constant_features_say_nothing():
    features, y = _data(6)
    constant = torch.full((1, N_CASES, 4), 0.3)
    targets = class_targets(y, N_CLASSES)
    heads = solve_ridge(constant, targets)
    assert not heads.weights.any()
    mean_of_others = (targets.sum(0) - targets) / (N_CASES - 1)
    torch.testing.assert_close(heads.left_out[0], mean_of_others, rtol=0, atol=1e-12)
    both = solve_ridge(torch.cat([features, constant], -1), targets)
    assert not both.weights[0, 6:].any()


def test_duplicates_and_a_class_of_one():
    features, y = _data(40)
    y[:] = torch.arange(N_CASES) % 2
    y[3] = 2
    features[0, 5] = features[0, 7]
    heads = solve_ridge(features, class_targets(y, N_CLASSES))
    assert torch.isfinite(heads.left_out).all()
    # the case that alone is of its class looks like another class to those who never saw it
    assert int(heads.left_out[0, 3].argmax()) != 2


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (torch.ones(3), "sample_weight"),
        (-torch.ones(N_CASES), "sample_weight"),
        (torch.full((N_CASES,), float("nan")), "sample_weight"),
        (torch.eye(N_CASES)[0], "at least two cases"),
    ],
)
def test_bad_weights_are_named(weight, message):
    features, y = _data(4)
    with pytest.raises(ValueError, match=message):
        solve_ridge(features, class_targets(y, N_CLASSES), weight)


def test_bad_shapes_are_named():
    features, y = _data(4)
    with pytest.raises(ValueError, match="targets"):
        solve_ridge(features, class_targets(y[:-1], N_CLASSES))
    with pytest.raises(ValueError, match="at least one prefix"):
        solve_ridge([], class_targets(y, N_CLASSES))


def test_features_stay_as_they_are():
    features, y = _data(5)
    double = features.double()
    solve_ridge(double, class_targets(y, N_CLASSES))
    torch.testing.assert_close(double, features.double(), atol=0, rtol=0)


@pytest.mark.parametrize("n_features", [5, 40])
def test_several_weights_of_one_reading_are_each_alone_to_the_last_bit(n_features):
    features, y = _data(n_features, n_points=3)
    targets = class_targets(y, N_CLASSES)
    weights = [None if each is None else torch.as_tensor(each) for each in
               map(_weights, ("none", "weights", "with zeros"))]  # fmt: skip
    settings = RidgeSettings(n_coordinates=4, explained=torch.tensor([1, 3]))
    read_once = iter(features)
    together = solve_ridge_each(read_once, targets, weights, settings)
    for weight, found in zip(weights, together, strict=True):
        alone = solve_ridge(features, targets, weight, settings)
        for name in ("weights", "intercepts", "mean", "scale", "penalties", "left_out", "shares"):
            assert torch.equal(getattr(found, name), getattr(alone, name)), name
        for one, other in zip(found.coordinates, alone.coordinates, strict=True):
            assert torch.equal(one.of_cases, other.of_cases)
