"""Raw sets: what is drawn has its published shape, and draws disturb nobody."""

import random

import numpy as np
import pytest
from seglearn import load_watch

from benchmarks import _raw
from benchmarks._data import load_split
from benchmarks._raw import cylinder_bell_funnel


def test_cylinders_bells_and_funnels_have_the_published_shapes():
    X, y = cylinder_bell_funnel(3000, np.random.default_rng(0))
    assert X.shape == (3000, 1, 128)
    means = [X[y == code, 0].mean(0) for code in range(3)]
    for mean in means:  # before 16 nothing has begun, after 128 all would be over
        np.testing.assert_allclose(mean[:15], 0.0, atol=0.15)
    # from 32 to 48 every plateau stands: its mean is 6
    np.testing.assert_allclose(means[0][32:47], 6.0, atol=0.3)
    # the mean of the shape over its own length is 1, a half and a half of the height
    sums = np.array([mean.sum() for mean in means])
    np.testing.assert_allclose(sums, 6.0 * np.array([65.0, 32.5, 32.5]), rtol=0.05)
    half = slice(0, 64)
    assert means[1][half].sum() < 0.6 * means[2][half].sum()  # a bell rises, a funnel falls
    assert X[:, 0, :15].std() == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("name", _raw.SETS)
def test_a_set_has_the_same_classes_in_both_splits_and_is_not_normalised(name):
    X, y = load_split(name, "train", None)
    X_test, y_test = load_split(name, "test", "any folder")
    shape = {"RawCBF": (30, 1, 128), "MNIST1D": (400, 1, 40), "Watch": (84, 6, 180)}[name]
    assert X.shape == shape
    assert X_test.shape[1:] == shape[1:]
    assert (len(X), len(X_test)) == (len(y), len(y_test))
    np.testing.assert_array_equal(np.unique(y), np.unique(y_test))
    for part in (X, X_test):
        assert np.isfinite(part).all()
        assert part.std(axis=-1).std() > 0.01
    np.testing.assert_array_equal(load_split(name, "train", None)[0], X)


@pytest.mark.parametrize("name", ["RawCBF", "MNIST1D"])
def test_another_seed_draws_other_series_and_leaves_global_randomness_alone(name):
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    expected = random.random(), np.random.random()  # noqa: NPY002
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    (X, _), _ = _raw.load(name, 3)
    assert (random.random(), np.random.random()) == expected  # noqa: NPY002
    assert not np.array_equal(X, _raw.load(name)[0][0])


def test_no_subject_of_the_watch_is_in_both_splits():
    data = load_watch()
    (X, y), (X_test, y_test) = _raw.load("Watch")
    of_subject = {}
    for series, code, subject in zip(data["X"], data["y"], data["subject"], strict=True):
        first = tuple(np.round(series[:5].mean(axis=0), 9))
        of_subject[first] = (subject, data["y_labels"][int(code)])
    found = [[of_subject[tuple(np.round(each[:, 0], 9))] for each in part] for part in (X, X_test)]
    subjects = [{subject for subject, _ in part} for part in found]
    assert [len(part) for part in subjects] == [6, 4]
    assert not subjects[0] & subjects[1]
    assert [label for _, label in found[0] + found[1]] == [*y, *y_test]


def test_a_package_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setitem(_raw.SETS, "Far", _raw.RawSet(_raw._cbf, "nowhere_at_all"))
    with pytest.raises(FileNotFoundError, match="'Far' needs the package nowhere_at_all"):
        load_split("Far", "train", None)
