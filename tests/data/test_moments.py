"""Moments of training series, with and without gaps."""

import numpy as np
import pytest
from synthetic import make_series

from gdpd_sklearn.data import MappedSeries, PrefixView
from gdpd_sklearn.data import _moments as moments_module
from gdpd_sklearn.data._moments import mean_from, moments


def _mapped(X, path):
    np.save(path, X)
    return np.load(path, mmap_mode="r")


def test_moments_are_numpys_whatever_the_chunks(tmp_path, monkeypatch):
    X = make_series(11, 3)[0].astype(np.float32)
    mean, std = X.mean((0, 2), dtype=np.float64), X.std((0, 2), dtype=np.float64)
    found = moments(X)
    assert np.array_equal(found[0], mean)
    assert np.array_equal(found[1], std)
    monkeypatch.setattr(moments_module, "_CHUNK", 4)
    series = MappedSeries(_mapped(X, tmp_path / "X.npy"), np.arange(11))
    for one, other in zip(moments(X), moments(series), strict=True):
        assert np.array_equal(one, other)
    np.testing.assert_allclose(moments(series)[:2], (mean, std), rtol=1e-14)
    view = PrefixView.fit(series, [5], 20, "standard")
    np.testing.assert_allclose(view.std[:, 0], std, rtol=1e-6)


@pytest.mark.parametrize("chunk", [3, 100])
def test_gaps_do_not_count(monkeypatch, chunk):
    monkeypatch.setattr(moments_module, "_CHUNK", chunk)
    X = make_series(11, 3)[0]
    X[np.random.default_rng(0).random(X.shape) < 0.4] = np.nan
    X[4] = np.nan
    mean, std, squares = moments(X)
    for channel in range(3):
        known = [each[~np.isnan(each)] for each in X[:, channel]]
        values = np.concatenate(known)
        np.testing.assert_allclose(mean[channel], values.mean())
        np.testing.assert_allclose(std[channel], values.std())
        for case, each in enumerate(known):
            square = values.var() if case == 4 else np.square(each - values.mean()).mean()
            np.testing.assert_allclose(squares[case, channel], square)
    np.testing.assert_allclose(mean_from(X, np.ones(3)), mean - 1)


def test_a_channel_without_values_has_moments_all_the_same():
    X = make_series(6, 2)[0]
    X[:, 1] = np.nan
    mean, std, _ = moments(X)
    assert mean[1] == std[1] == 0
    np.testing.assert_allclose(std[0], X[:, 0].std())


def test_long_series_are_read_in_parts(monkeypatch):
    X = make_series(11, 3)[0]
    sizes = []
    chunks = MappedSeries.chunks
    monkeypatch.setattr(MappedSeries, "chunks", lambda self, n: sizes.append(n) or chunks(self, n))
    monkeypatch.setattr(moments_module, "_CHUNK_VALUES", 3 * 20 * 4)
    np.testing.assert_allclose(
        moments(MappedSeries(X, np.arange(11)))[0], X.mean((0, 2)), atol=1e-12
    )
    assert set(sizes) == {4}
