"""Ridge heads of many cases: against refits, and against the heads of all cases at once."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from gdpd_sklearn.solver import RidgeSettings, class_targets, solve_in_batches, solve_ridge
from gdpd_sklearn.solver import _batches as batches

N_CASES, N_CLASSES = 43, 3


def _data(n_features=7, n_points=3, seed=0):
    random = np.random.default_rng(seed)
    y = np.sort(random.integers(N_CLASSES, size=N_CASES))  # the first batch is not like the others
    features = random.random((n_points, N_CASES, n_features)).astype(np.float32)
    features[:, :, 0] += y
    features[:, :, 1] = 0.3  # constant, and no binary fraction
    features[1] *= 1e-3
    return torch.as_tensor(features), torch.as_tensor(y)


def _weights(kind):
    random = np.random.default_rng(7)
    weight = random.uniform(0.1, 4, N_CASES)
    if kind == "with zeros":
        weight[[2, 5]] = 0
    return None if kind == "none" else torch.as_tensor(weight)


def _targets(kind, y):
    if kind == "labels":
        return class_targets(y, N_CLASSES)
    shape = (3, N_CASES, 2) if kind == "soft, by point" else (N_CASES, 2)
    return torch.as_tensor(np.random.default_rng(5).normal(size=shape))


def reader(features):
    """Count what is read, and never hand out more than was asked for."""

    def read(cases, points):
        read.most = max(read.most, len(cases))
        for point in points:
            yield features[point, cases]

    read.most = 0
    return read


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    monkeypatch.setattr(batches, "_BATCH_CELLS", 70)  # ten cases
    monkeypatch.setattr(batches, "_NORMAL_CELLS", 100)  # two prefixes
    monkeypatch.setattr(batches, "_BLOCK_FEATURES", 3)


@pytest.mark.parametrize("kind", ["labels", "soft", "soft, by point"])
@pytest.mark.parametrize("weighting", ["none", "weights", "with zeros"])
def test_heads_are_those_of_all_cases_at_once(weighting, kind):
    features, y = _data()
    targets, weight = _targets(kind, y), _weights(weighting)
    expected = solve_ridge(features, targets, weight)
    found = solve_in_batches(reader(features), 3, targets, weight)
    for name in ("penalties", "mean", "scale", "intercepts", "weights", "left_out"):
        one, other = getattr(found, name).numpy(), getattr(expected, name).numpy()
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-8, err_msg=name)
    assert found.coordinates == ()


@pytest.mark.parametrize("weighting", ["none", "weights", "with zeros"])
def test_left_out_margins_are_those_of_refits(weighting):
    features, y = _data()
    targets, weight = _targets("labels", y), _weights(weighting)
    heads = solve_in_batches(reader(features), 3, targets, weight)
    everything = np.arange(N_CASES)
    for point, case in ((0, 0), (1, 20), (2, 42), (2, 2)):
        rest = everything != case
        x = ((features[point].double() - heads.mean[point]) / heads.scale[point]).numpy()
        refit = Ridge(alpha=float(heads.penalties[point]), solver="cholesky", tol=1e-12)
        refit.fit(x[rest], targets[rest].numpy(), None if weight is None else weight[rest].numpy())
        found = heads.left_out[point, case].numpy()
        np.testing.assert_allclose(found, refit.predict(x[[case]])[0], atol=1e-8)


def test_a_sample_chooses_the_penalty_where_cases_are_many(monkeypatch):
    features, y = _data()
    targets = class_targets(y, N_CLASSES)
    chosen = batches.sample_cases(N_CASES, 9)
    monkeypatch.setattr(batches, "sample_cases", lambda n_cases: chosen)
    found = solve_in_batches(reader(features), 3, targets)
    penalties = RidgeSettings().penalties
    for point in range(3):
        errors, candidates = [], []
        for penalty in penalties:
            only = RidgeSettings(penalties=(penalty,))
            heads = solve_ridge(features, targets, settings=only)
            candidates.append(float(heads.penalties[point]))
            errors.append(float((heads.left_out[point] - targets)[chosen].square().mean()))
        expected = candidates[int(np.argmin(errors))]
        assert float(found.penalties[point]) == pytest.approx(expected)


def test_no_more_is_read_at_once_than_a_batch_and_the_sample(monkeypatch):
    chosen = batches.sample_cases(N_CASES, 9)
    monkeypatch.setattr(batches, "sample_cases", lambda n_cases: chosen)
    features, y = _data()
    read = reader(features)
    solve_in_batches(read, 3, class_targets(y, N_CLASSES))
    assert read.most == 10


def test_the_sample_is_of_all_cases_and_always_the_same():
    assert batches.sample_cases(5).tolist() == [0, 1, 2, 3, 4]
    one, other = batches.sample_cases(10**5), batches.sample_cases(10**5)
    assert torch.equal(one, other)
    assert (one.diff() > 0).all()
    assert one[0] < 100
    assert one[-1] > 10**5 - 100
    # neither sorted nor alternating labels mislead it
    assert 0.45 < (one % 2).float().mean() < 0.55


def test_bad_weights_are_named():
    features, y = _data()
    with pytest.raises(ValueError, match="sample_weight"):
        solve_in_batches(reader(features), 3, class_targets(y, N_CLASSES), torch.ones(4))
