"""Which penalty left-out cases like best."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

__all__ = ["Answers"]


class Answers(NamedTuple):
    """What is known of some training cases in the eigenbasis of a prefix.

    Attributes
    ----------
    coordinates : Tensor of float64, shape (n, r)
    eigenvalues : Tensor of float64, shape (r,)
    right : Tensor of float64, shape (r, K)
        The right hand side of the normal equations of all cases.
    centre : Tensor of float64, shape (K,)
        Weighted mean of the targets of all cases.
    """

    coordinates: Tensor
    eigenvalues: Tensor
    right: Tensor
    centre: Tensor

    def least_error(
        self, targets: Tensor, weight: Tensor, share: Tensor, penalties: Tensor
    ) -> tuple[int, Tensor]:
        """Choose among penalties (G,): its number, and the left-out margins (n, K) by it."""
        inverses = 1.0 / (self.eigenvalues[:, None] + penalties)  # (r, G)
        kept = 1.0 - weight[:, None] * (self.coordinates.square() @ inverses) - share[:, None]
        best: tuple[float, int, Tensor] | None = None
        for number, inverse in enumerate(inverses.T):
            fitted = self.coordinates @ (inverse[:, None] * self.right) + self.centre
            left_out = targets - (targets - fitted) / kept[:, number, None]
            error = float(weight @ (targets - left_out).square().mean(1))
            if best is None or error < best[0]:
                best = error, number, left_out
        assert best is not None
        return best[1:]
