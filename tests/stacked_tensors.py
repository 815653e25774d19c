"""Tensors in double precision for layers of several members, and a comparison of gradients."""

import torch

P, B, T = 7, 3, 11
"""Members, cases, time points."""


def tensor(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator, requires_grad=True)


def assert_same_gradients(found, expected, tensors):
    weights = torch.randn_like(expected)
    for mine, other in zip(
        torch.autograd.grad((found * weights).sum(), tensors),
        torch.autograd.grad((expected * weights).sum(), tensors),
        strict=True,
    ):
        torch.testing.assert_close(mine, other, rtol=1e-10, atol=1e-10)
