r"""Soft-DTW (Cuturi & Blondel, ICML 2017, arXiv 1703.01541).

"Soft-DTW: a differentiable loss function for time-series", algorithm 1 (value) and algorithm 2
(gradient).

=====================  =====================================================================
name here              name there
=====================  =====================================================================
``cost``               :math:`\Delta`, costs :math:`\delta(x_i, y_j)`
``value``              :math:`r_{i,j}`
``moves``              :math:`a, b, c` of algorithm 2: shares of the three predecessors
``gradient``           :math:`e_{i,j}`
``gamma``              :math:`\gamma`
=====================  =====================================================================

Cells of one anti-diagonal ``k = i + j`` depend on the two before only, so that each is one vector
operation over all cases: n + m − 1 steps in Python, whatever the batch. For that the cost matrix is
skewed, cell (i, j) to (k, i), with the cases last, so that a piece of a diagonal is one block of
memory. The shares of the predecessors are kept from the forward pass; the gradient, which is exact,
is handed back along them and needs no exponential.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import pad

__all__ = ["soft_dtw"]


def soft_dtw(cost: Tensor, gamma: float) -> Tensor:
    """Soft minimum of the costs of all alignments, exactly differentiable once.

    Parameters
    ----------
    cost : Tensor of shape (B, L, L')
        Cost of aligning step i of the one with step j of the other.
    gamma : float
        Smoothing, positive; towards 0 the value becomes that of dynamic time warping.

    Returns
    -------
    Tensor of shape (B,)
        It may be negative: it lies below the cheapest alignment by at most γ times the logarithm
        of the number of alignments.

    Examples
    --------
    >>> import torch
    >>> soft_dtw(torch.tensor([[[1.0, 5.0], [5.0, 1.0]]]), gamma=0.01)
    tensor([2.])
    """
    value, _ = _SoftDTW.apply(cost, gamma)
    return value


def _skewed(matrix: Tensor) -> Tensor:
    """(B, n, m) → (n + m − 1, n, B): cell (i, j) goes to (i + j, i), the rest is 0."""
    n_cases, n, m = matrix.shape
    # rows that are one too long for the new shape shift each next row by one to the right
    flat = pad(matrix, (0, n)).reshape(n_cases, n * (n + m))[:, : n * (n + m - 1)]
    return flat.reshape(n_cases, n, n + m - 1).permute(2, 1, 0).contiguous()


def _straight(skewed: Tensor) -> Tensor:
    """Undo ``_skewed``."""
    n_diagonals, n, n_cases = skewed.shape
    flat = skewed.permute(2, 1, 0).reshape(n_cases, n * n_diagonals)
    return pad(flat, (0, n)).reshape(n_cases, n, n_diagonals + 1)[:, :, : n_diagonals - n + 1]


def _rows(k: int, n: int, m: int) -> tuple[int, int]:
    """Rows of the cells of diagonal k, first and one past the last."""
    return max(0, k - m + 1), min(n, k + 1)


class _SoftDTW(torch.autograd.Function):
    """Value (B,) and moves (n + m − 1, 3, n, B): shares of above, left and diagonal.

    Row i of a diagonal stands at index i + 1; index 0 is the border above the matrix.
    """

    @staticmethod
    def forward(cost: Tensor, gamma: float) -> tuple[Tensor, Tensor]:
        n_cases, n, m = cost.shape
        skewed = _skewed(cost)
        moves = cost.new_zeros((n + m - 1, 3, n, n_cases))
        previous = cost.new_full((n + 1, n_cases), torch.inf)
        # the start before cell (0, 0) is a border cell of diagonal −2
        before = previous.clone()
        before[0] = 0.0
        for k in range(n + m - 1):
            first, last = _rows(k, n, m)
            predecessors = torch.stack(
                [previous[first:last], previous[first + 1 : last + 1], before[first:last]]
            )
            # finite: of the predecessors of a cell at least one is a cell
            least = predecessors.amin(0)
            shares = predecessors.sub_(least).div_(-gamma).exp_()
            total = shares.sum(0)
            torch.div(shares, total, out=moves[k, :, first:last])
            value = torch.full_like(previous, torch.inf)
            value[first + 1 : last + 1] = skewed[k, first:last] + least - gamma * total.log()
            before, previous = previous, value
        return previous[n].clone(), moves

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        _, moves = output
        ctx.mark_non_differentiable(moves)
        ctx.save_for_backward(moves)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_value: Tensor, _: Tensor) -> tuple[Tensor, None]:
        (moves,) = ctx.saved_tensors
        n_diagonals, _, n, n_cases = moves.shape
        # diagonal k stands at index k + 2, so that those before the first have a place too
        gradient = moves.new_zeros((n_diagonals + 2, n + 1, n_cases))
        gradient[-1, n] = grad_value
        for k in range(n_diagonals - 1, 0, -1):
            first, last = _rows(k, n, n_diagonals - n + 1)
            above, left, diagonal = moves[k, :, first:last] * gradient[k + 2, first + 1 : last + 1]
            gradient[k + 1, first:last] += above
            gradient[k + 1, first + 1 : last + 1] += left
            gradient[k, first:last] += diagonal
        return _straight(gradient[2:, 1:]), None

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[int | None, ...], cost: Tensor, gamma: float
    ) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
        # P stacked batches are one larger batch
        assert in_dims[0] is not None
        cost = cost.movedim(in_dims[0], 0)
        value, moves = _SoftDTW.apply(cost.flatten(0, 1), gamma)
        shape = cost.shape[:2]
        return (value.unflatten(0, shape), moves.unflatten(3, shape)), (0, 3)
