"""Few coordinates for many features: leading directions, and the head exactly."""

import numpy as np
import pytest
import torch

from gdpd_sklearn.solver import RidgeSettings, class_targets, solve_in_batches, solve_ridge

N_CASES, N_CLASSES = 17, 3


def _solved(n_features, n_coordinates, weight=None):
    random = np.random.default_rng(0)
    y = torch.as_tensor(random.integers(N_CLASSES, size=N_CASES))
    features = torch.as_tensor(random.random((1, N_CASES, n_features))) + 0.5 * y[:, None]
    settings = RidgeSettings(n_coordinates=n_coordinates)
    return features[0], solve_ridge(features, class_targets(y, N_CLASSES), weight, settings)


@pytest.mark.parametrize("n_coordinates", [1, 4, 100])
@pytest.mark.parametrize("n_features", [6, 60])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_head_is_the_same_in_few_coordinates(n_features, n_coordinates, weighted):
    weight = torch.linspace(0.5, 3.0, N_CASES) if weighted else None
    features, heads = _solved(n_features, n_coordinates, weight)
    (kept,) = heads.coordinates
    n_all = min(n_features, N_CASES - 1)
    n_leading = min(n_coordinates, n_all)
    assert kept.n_leading == n_leading
    assert kept.of_cases.shape == (N_CASES, n_leading + (N_CLASSES if n_leading < n_all else 0))
    new = torch.as_tensor(np.random.default_rng(1).random((5, n_features)))
    for cases, coordinates in ((features, kept.of_cases), (new, None)):
        standard = (cases - heads.mean[0]) / heads.scale[0]
        mapped = standard @ kept.basis - kept.centre
        if coordinates is not None:
            torch.testing.assert_close(coordinates, mapped, rtol=0, atol=1e-9)
        margins = mapped @ kept.weights + kept.intercepts
        torch.testing.assert_close(margins, heads.margins(cases, 0), rtol=0, atol=1e-9)


@pytest.mark.parametrize("n_features", [6, 60])
def test_leading_coordinates_are_principal_components(n_features):
    features, heads = _solved(n_features, 3)
    standard = ((features - heads.mean[0]) / heads.scale[0]).numpy()
    _, sizes, directions = np.linalg.svd(standard, full_matrices=False)
    leading = heads.coordinates[0].of_cases[:, :3].numpy()
    np.testing.assert_allclose(np.abs(leading), np.abs(standard @ directions[:3].T), atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(leading, axis=0), sizes[:3], atol=1e-9)


@pytest.mark.parametrize("n_coordinates", [2, 100])
def test_more_cases_than_features_have_the_same_coordinates(monkeypatch, n_coordinates):
    monkeypatch.setattr("gdpd_sklearn.solver._batches._BATCH_CELLS", 6 * 5)
    features, heads = _solved(6, n_coordinates)
    y = torch.as_tensor(np.random.default_rng(0).integers(N_CLASSES, size=N_CASES))
    settings = RidgeSettings(n_coordinates=n_coordinates)
    batched = solve_in_batches(
        lambda cases, points: (features[cases] for _ in points),
        2, class_targets(y, N_CLASSES), settings=settings,
    )  # fmt: skip
    for kept in batched.coordinates:
        expected = heads.coordinates[0]
        # principal directions have no sign
        signs = torch.sign((kept.of_cases * expected.of_cases).sum(0))
        for name in ("of_cases", "basis", "centre"):
            found, want = getattr(kept, name), getattr(expected, name)
            torch.testing.assert_close(found * signs, want, rtol=0, atol=1e-9)
        torch.testing.assert_close(kept.weights * signs[:, None], expected.weights)
        torch.testing.assert_close(kept.intercepts, expected.intercepts)
