"""Sets come from a folder, unequal series are stretched."""

import numpy as np
import pytest
from aeon.datasets.tsc_datasets import multivariate, univariate
from synthetic import make_series, write_split

from benchmarks._data import SUITES, UCR_12, load_split


def test_splits_come_from_a_folder(archive):
    X, y = load_split("Moves", "train", str(archive))
    expected, codes = make_series(16, 3, 12)
    np.testing.assert_allclose(X, expected)
    np.testing.assert_array_equal(y, codes.astype(str))
    with pytest.raises(FileNotFoundError, match=r"'Nothing'.*archive"):
        load_split("Nothing", "train", str(archive))


def test_unequal_series_are_stretched_to_the_longest_of_the_training_split(tmp_path):
    ramps = [np.linspace([0.0, 5.0], [1.0, 3.0], n, axis=1) for n in (4, 7, 5, 6)]
    for split, series in (("TRAIN", ramps), ("TEST", [ramps[0], ramps[2]])):
        write_split(tmp_path, "Ramps", split, series, np.arange(len(series)) % 2)
    for split, n_cases in (("train", 4), ("test", 2)):
        X, y = load_split("Ramps", split, str(tmp_path))
        assert X.shape == (n_cases, 2, 7)
        assert len(y) == n_cases
        np.testing.assert_allclose(X, np.broadcast_to(ramps[1], X.shape), atol=1e-12)


def test_suites_have_as_many_sets_as_they_say():
    sizes = {name: len(set(sets)) for name, sets in SUITES.items()}
    assert sizes == {
        "ucr12": 12, "uea12": 12, "dev8": 8, "mori45": 45, "ml_edm73": 73, "raw": 3,
    }  # fmt: skip
    assert [len(sets) for sets in SUITES.values()] == list(sizes.values())
    assert set(UCR_12) <= set(SUITES["mori45"])


def test_archives_have_the_sets_of_suites():
    for name in set(SUITES) - {"raw"}:
        assert set(SUITES[name]) <= {*univariate, *multivariate}, name
