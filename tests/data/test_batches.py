"""Batches of an epoch."""

from itertools import chain

import pytest
import torch

from gdpd_sklearn._seeding import torch_generator
from gdpd_sklearn.data import count_batches, epoch_batches

N_CASES = [*range(1, 40), 64, 65, 100, 129]


def _batches(n_cases, batch_size, seed=0):
    return [batch.tolist() for batch in epoch_batches(n_cases, batch_size, torch_generator(seed))]


@pytest.mark.parametrize("batch_size", [2, 3, 4, 8, 64])
def test_an_epoch_is_a_permutation_in_nearly_equal_parts(batch_size):
    for n_cases in N_CASES:
        batches = _batches(n_cases, batch_size)
        assert sorted(chain.from_iterable(batches)) == list(range(n_cases))
        sizes = [len(batch) for batch in batches]
        assert max(sizes) - min(sizes) <= 1
        # a batch of two with an odd number of cases is the one that may be exceeded, by one
        assert max(sizes) <= batch_size + (batch_size == 2 and n_cases % 2)
        assert len(batches) == count_batches(n_cases, batch_size)


@pytest.mark.parametrize("batch_size", [2, 3, 4, 8, 64])
def test_no_case_is_alone_unless_it_is_the_only_one(batch_size):
    for n_cases in N_CASES:
        smallest = min(len(batch) for batch in _batches(n_cases, batch_size))
        assert smallest >= min(2, n_cases)


@pytest.mark.parametrize(
    ("n_cases", "batch_size", "expected"), [(64, 64, 1), (65, 64, 2), (9, 4, 3)]
)
def test_no_more_batches_than_needed(n_cases, batch_size, expected):
    assert len(_batches(n_cases, batch_size)) == expected


def test_the_generator_decides_the_order():
    assert _batches(50, 8, seed=1) == _batches(50, 8, seed=1)
    assert _batches(50, 8, seed=1) != _batches(50, 8, seed=2)


def test_each_epoch_is_shuffled_anew():
    generator = torch_generator(0)
    first, second = (torch.cat(list(epoch_batches(50, 8, generator))) for _ in range(2))
    assert not torch.equal(first, second)


def test_every_case_comes_to_every_place():
    firsts = {_batches(10, 5, seed)[0][0] for seed in range(100)}
    assert firsts == set(range(10))
