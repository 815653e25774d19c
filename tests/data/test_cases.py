"""Cases on the device of a training."""

import numpy as np
import torch

from gdpd_sklearn.data import MappedSeries, select_cases, to_cases


def test_series_are_single_and_codes_are_integers():
    X, y = np.random.default_rng(0).normal(size=(4, 2, 5)), np.array([1, 0, 1, 1], dtype=np.int8)
    cases = to_cases(X, y, "cpu")
    assert len(cases) == 4
    assert cases.x.dtype == torch.float32
    assert cases.y.dtype == torch.int64
    np.testing.assert_array_equal(cases.x, X.astype(np.float32))
    assert cases.y.tolist() == [1, 0, 1, 1]


def test_series_of_a_file_stay_there(tmp_path):
    X = np.random.default_rng(0).normal(size=(6, 1, 5)).astype(np.float32)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    cases = to_cases(select_cases(mapped, np.array([4, 1, 3])), np.array([0, 1, 0]), "cpu")
    assert isinstance(cases.x, MappedSeries)
    np.testing.assert_array_equal(cases.x[torch.tensor([2, 0])], X[[3, 4]])
