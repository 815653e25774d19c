import math
import warnings

import numpy as np
import pytest
import torch

from gdpd_sklearn.distillers import soft_dtw

LENGTHS = [(1, 1), (1, 4), (4, 1), (3, 3), (5, 7), (7, 5)]


def loop(cost, gamma):
    """Algorithm 1 of the paper, cell by cell."""
    n, m = len(cost), len(cost[0])
    r = [[math.inf] * (m + 1) for _ in range(n + 1)]
    r[0][0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            before = [r[i - 1][j - 1], r[i - 1][j], r[i][j - 1]]
            least = min(before)
            soft = least - gamma * math.log(sum(math.exp((least - b) / gamma) for b in before))
            r[i][j] = cost[i - 1][j - 1] + soft
    return r[n][m]


def alignments(n, m):
    """All monotone paths from (0, 0) to (n − 1, m − 1)."""

    def from_cell(i, j):
        if (i, j) == (n - 1, m - 1):
            yield [(i, j)]
        for di, dj in ((1, 0), (0, 1), (1, 1)):
            if i + di < n and j + dj < m:
                for rest in from_cell(i + di, j + dj):
                    yield [(i, j), *rest]

    return list(from_cell(0, 0))


@pytest.mark.parametrize(("n", "m"), LENGTHS)
@pytest.mark.parametrize("gamma", [0.01, 1.2])
def test_value_equals_the_plain_recursion(draw, n, m, gamma):
    cost = draw(3, n, m).square()
    expected = [loop(case, gamma) for case in cost.tolist()]
    torch.testing.assert_close(
        soft_dtw(cost, gamma), torch.tensor(expected, dtype=torch.float64), rtol=1e-10, atol=1e-10
    )


@pytest.mark.parametrize(("n", "m"), [(1, 3), (3, 3), (4, 3)])
def test_value_and_gradient_equal_the_definition(draw, n, m):
    cost, gamma = draw(1, n, m).square().requires_grad_(), 0.7
    paths = alignments(n, m)
    costs = [sum(float(cost[0, i, j].detach()) for i, j in path) for path in paths]
    weights = [math.exp(-value / gamma) for value in costs]
    value = soft_dtw(cost, gamma)
    assert float(value.detach()) == pytest.approx(-gamma * math.log(sum(weights)), rel=1e-10)
    (gradient,) = torch.autograd.grad(value.sum(), cost)
    expected = np.zeros((n, m))
    for path, weight in zip(paths, weights, strict=True):
        for i, j in path:
            expected[i, j] += weight / sum(weights)
    np.testing.assert_allclose(gradient[0].numpy(), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("n", "m"), LENGTHS)
@pytest.mark.parametrize("gamma", [0.1, 1.2])
def test_gradient(draw, assert_gradient, n, m, gamma):
    assert_gradient(lambda cost: soft_dtw(cost, gamma), draw(2, n, m).square())


def test_small_gamma_is_dynamic_time_warping(draw):
    cost = draw(1, 4, 5).square()
    least = min(sum(float(cost[0, i, j]) for i, j in path) for path in alignments(4, 5))
    assert float(soft_dtw(cost, 1e-6)) == pytest.approx(least, rel=1e-4)


def test_large_costs_stay_finite():
    cost = torch.full((2, 30, 40), 1e6, requires_grad=True)
    value = soft_dtw(cost, 1.2)
    (gradient,) = torch.autograd.grad(value.sum(), cost)
    assert torch.isfinite(value).all()
    # an alignment has between 40 and 69 cells, each of weight 1
    assert ((gradient.sum((1, 2)) >= 39.9) & (gradient.sum((1, 2)) <= 69.1)).all()


def test_vmap_equals_a_loop(draw):
    cost = draw(4, 3, 5, 6).square().requires_grad_()
    for in_dim in (0, 1):
        stacked = torch.vmap(lambda c: soft_dtw(c, 1.2), in_dims=in_dim)(cost)
        looped = torch.stack([soft_dtw(c, 1.2) for c in cost.unbind(in_dim)])
        torch.testing.assert_close(stacked, looped)
        weights = draw(*looped.shape)
        (of_stacked,) = torch.autograd.grad((weights * stacked).sum(), cost)
        (of_looped,) = torch.autograd.grad((weights * looped).sum(), cost)
        torch.testing.assert_close(of_stacked, of_looped)


def test_second_derivative_is_refused(draw):
    cost = draw(1, 3, 3).requires_grad_()
    (gradient,) = torch.autograd.grad(soft_dtw(cost, 1.0).sum(), cost, create_graph=True)
    with pytest.raises(RuntimeError, match=r"once_differentiable|does not require grad"):
        gradient.sum().backward()


@pytest.mark.slow  # numba compiles for seconds; the recomputations above run always
def test_agrees_with_tslearn(draw):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        metrics = pytest.importorskip("tslearn.metrics")
    x, y = draw(5, 2), draw(7, 2)
    cost = torch.cdist(x, y).square()[None]
    expected = metrics.soft_dtw(x.numpy(), y.numpy(), gamma=1.2)
    assert float(soft_dtw(cost, 1.2)) == pytest.approx(expected, rel=1e-10)
