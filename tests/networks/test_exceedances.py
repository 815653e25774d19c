"""Counts of exceedances against a plain sum."""

import torch

from gdpd_sklearn.networks._exceedances import _by_numpy, _by_torch, add_exceedances


def test_counts_by_numpy_and_by_torch_are_sums_over_times():
    generator = torch.Generator().manual_seed(0)
    outputs = torch.randint(-3, 4, (2, 3, 11, 4, 7), generator=generator).float()
    biases = torch.randint(-3, 4, (5, 2, 21), generator=generator).float()
    start = torch.randint(0, 9, (4, 5, 2, 21), generator=generator, dtype=torch.int32)
    flat = outputs.permute(2, 3, 0, 1, 4).reshape(11, 4, 1, 2, 21)  # (t, n, 1, rows, kernels)
    expected = start + (flat > biases).sum(0)
    for add in (add_exceedances, _by_numpy, _by_torch):
        counts = start.clone()
        add(outputs, biases, counts)
        assert torch.equal(counts, expected.int())
