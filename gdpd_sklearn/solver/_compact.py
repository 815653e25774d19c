"""A solved network's features in few numbers, for those who learn from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gdpd_sklearn.solver._solve import Solved

__all__ = ["CompactFeatures"]


@dataclass(frozen=True)
class CompactFeatures:
    """Leading coordinates of the features, and the answers that the head makes of them.

    Ten thousand features are too many to learn a prior of. The coordinates know nothing of labels,
    and answers can be left-out ones: so nothing in here has seen the label of a training case.

    Attributes
    ----------
    weights : Tensor of shape (r, F)
    biases : Tensor of shape (r,)
        From features to coordinates, whose mean square is 1.
    unit : float
        The size of logits, which are divided by it.
    """

    weights: Tensor
    biases: Tensor
    unit: float

    @classmethod
    def of(cls, solved: Solved, point: int = 0) -> CompactFeatures:
        """Take them from a solved network with coordinates."""
        heads = solved.heads
        kept = heads.coordinates[point]
        leading = slice(0, kept.n_leading)
        size = kept.of_cases[:, leading].square().mean().sqrt()
        basis = kept.basis[:, leading] / size if kept.n_leading else kept.basis[:, leading]
        weights = (basis / heads.scale[point][:, None]).T
        biases = -(weights @ heads.mean[point]) - kept.centre[leading] / size
        unit = float(solved.left_out[point].square().mean().sqrt())
        return cls(weights.float().cpu(), biases.float().cpu(), unit if unit > 0 else 1.0)

    def __getstate__(self) -> dict[str, Any]:
        """Give the state as numpy, which opens wherever this package runs."""
        return {
            "weights": self.weights.numpy(), "biases": self.biases.numpy(), "unit": self.unit
        }  # fmt: skip

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(vars(self.of_state(state)))

    @classmethod
    def of_state(cls, state: dict[str, Any]) -> CompactFeatures:
        """Make them of what :meth:`__getstate__` gave."""
        weights, biases = (torch.from_numpy(state[name]) for name in ("weights", "biases"))
        return cls(weights, biases, state["unit"])

    def __call__(self, features: Tensor, logits: Tensor) -> Tensor:
        """Features (N, F) and logits (N, K) → (N, r + K)."""
        weights, biases = (each.to(features) for each in (self.weights, self.biases))
        coordinates = torch.nn.functional.linear(features, weights, biases)
        return torch.cat([coordinates, logits / self.unit], 1)

    def with_logits(self, compact: Tensor, logits: Tensor) -> Tensor:
        """Put other logits (N, K) in their place."""
        return torch.cat([compact[:, : len(self.biases)], logits / self.unit], 1)
