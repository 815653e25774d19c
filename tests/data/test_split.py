"""The validation part, and folds."""

import numpy as np
import pytest

from gdpd_sklearn.data import stratified_folds, stratified_holdout


def _labels(*counts):
    y = np.repeat(np.arange(len(counts)), counts)
    return np.random.default_rng(0).permutation(y)


@pytest.mark.parametrize("counts", [(10, 10), (50, 3), (2, 2, 2), (7, 1, 30), (1, 2)])
@pytest.mark.parametrize("fraction", [0.01, 0.2, 0.5, 0.99])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_parts_are_disjoint_complete_and_sorted(counts, fraction, seed):
    y = _labels(*counts)
    train, validation = stratified_holdout(y, fraction, seed)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, validation])), np.arange(len(y)))
    assert (np.diff(train) > 0).all()
    assert (np.diff(validation) > 0).all()


@pytest.mark.parametrize("counts", [(10, 10), (50, 3), (2, 2, 2), (7, 1, 30), (1, 2)])
@pytest.mark.parametrize("fraction", [0.01, 0.2, 0.5, 0.99])
def test_each_class_gives_its_share_and_stays_in_training(counts, fraction):
    y = _labels(*counts)
    train, validation = stratified_holdout(y, fraction, 0)
    for label, count in enumerate(counts):
        held = int((y[validation] == label).sum())
        assert (y[train] == label).sum() >= 1
        if count == 1:
            assert held == 0
        else:
            assert 1 <= held <= count - 1
            assert held in (1, count - 1) or abs(held - fraction * count) <= 0.5


def test_a_fraction_of_nothing_holds_nothing_out():
    train, validation = stratified_holdout(_labels(5, 5), 0, 0)
    np.testing.assert_array_equal(train, np.arange(10))
    assert len(validation) == 0


def test_classes_of_one_case_alone_leave_no_validation():
    train, validation = stratified_holdout(np.arange(4), 0.5, 0)
    assert len(train) == 4
    assert len(validation) == 0


def test_the_seed_decides_and_another_differs():
    y = _labels(40, 40)
    one, same, other = (stratified_holdout(y, 0.25, seed)[1] for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_every_case_can_be_held_out():
    y = _labels(6, 6)
    seen = np.concatenate([stratified_holdout(y, 0.2, seed)[1] for seed in range(80)])
    assert set(seen) == set(range(12))


@pytest.mark.parametrize("counts", [(10, 10), (7, 2), (2, 2, 2), (3, 1, 20), (2, 2, 2, 2, 1)])
@pytest.mark.parametrize("n_folds", [2, 3, 5])
def test_folds_are_even_and_leave_every_class_in_training(counts, n_folds):
    y = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    folds = stratified_folds(y, n_folds, 0)
    sizes = np.bincount(folds[folds >= 0], minlength=n_folds)
    assert sizes.max() - sizes.min() <= 1
    for label, count in enumerate(counts):
        mine = folds[y == label]
        if count == 1:
            assert mine.tolist() == [-1]
            continue
        per_fold = np.bincount(mine, minlength=n_folds)
        assert per_fold.sum() == count
        assert per_fold.max() - per_fold.min() <= 1
        assert (count - per_fold >= 1).all()


def test_the_seed_decides_on_folds():
    y = np.arange(40) % 2
    one, same, other = (stratified_folds(y, 4, seed).tolist() for seed in (0, 0, 1))
    assert one == same != other
