"""A solved student as one that any distillation method can train, and back.

1. *Unfold*: coordinates of the features that the solver has computed become the series of a small
   student ``head(P z)`` for each prefix. P starts as the identity, the head as the ridge solution.
2. Whoever trains it needs no feature again: the students of all prefixes are one matrix product.
3. *Fold*: map, head and basis are linear, so they become the heads of the network itself. In use
   nothing tells it from a network that was solved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from gdpd_sklearn.data import Cases, PrefixView
from gdpd_sklearn.networks import CoordinateMap, LinearBackbone, Network
from gdpd_sklearn.solver._coordinates import Coordinates
from gdpd_sklearn.solver._ridge import RidgeHeads
from gdpd_sklearn.solver._solve import Solved

__all__ = ["CoordinateView", "Unfolded", "unfold"]


class CoordinateView(PrefixView):
    """View of "series" (N, r, P) whose time point p holds the coordinates at prefix number p.

    Parameters
    ----------
    n_points, n_coordinates : int
        P and r.
    """

    def __init__(self, n_points: int, n_coordinates: int) -> None:
        super().__init__(
            range(1, n_points + 1), 1, "none", np.zeros(n_coordinates), np.ones(n_coordinates)
        )

    def forward(self, x: Tensor, point: int = 0) -> Tensor:
        """View one prefix: (B, r, P) → (B, r, 1)."""
        return x[..., point : point + 1]

    def all_points(self, x: Tensor) -> Tensor:
        """View all prefixes: (B, r, P) → (P, B, r, 1)."""
        return x.permute(2, 0, 1)[..., None]


@dataclass(frozen=True)
class Unfolded:
    """What a trainer needs of a solved student.

    Attributes
    ----------
    solved : Solved
    view : CoordinateView
    train, validation : Cases
        "Series" of coordinates, in units in which they are about 1.
    students : list of Network, length P
        To start from, on the CPU; of one width, beyond which some prefixes have zeros.
    units : Tensor of float64, shape (P, r)
    learned : Tensor of int64
        Which cases of the solver these are: those that it had a class for.
    """

    solved: Solved
    view: CoordinateView
    train: Cases
    validation: Cases | None
    students: list[Network]
    units: Tensor
    learned: Tensor

    def fold(self, students: Sequence[Network]) -> Solved:
        """Put trained students (P of them) into the heads of the network.

        Returns
        -------
        Solved
            Its ``left_out`` stay the exact ones of the heads from which the training started. What
            training adds is small, and unlike these it has seen the case: with that added, by any
            correction tried, the rule of an early classifier trusts too early (docs/research.md).
        """
        heads = self.solved.heads
        weights, intercepts = [], []
        each = zip(students, heads.coordinates, self.units, strict=True)
        for student, kept, unit in each:
            assert isinstance(student.backbone, LinearBackbone)
            folded = (part.to(unit.device) for part in student.backbone.folded(student.head))
            of_units, intercept = folded
            r = kept.basis.shape[1]
            of_coordinates = (of_units[:, :r] / unit[:r]).T
            weights.append(kept.basis @ of_coordinates)
            intercepts.append(intercept - kept.centre @ of_coordinates)
        trained = replace(heads, weights=torch.stack(weights), intercepts=torch.stack(intercepts))
        self.solved.network.set_heads(*trained.linear())
        return self.solved


def unfold(solved: Solved, view: PrefixView, validation: Cases | None, n_classes: int) -> Unfolded:
    """Make the students that a trainer goes on with.

    Parameters
    ----------
    solved : Solved
        With coordinates.
    view : PrefixView
    validation : Cases or None
        As the student was solved with.
    n_classes : int
    """
    heads = solved.heads
    width = max(1, *(each.basis.shape[1] for each in heads.coordinates))
    units = torch.stack([_units(each, width) for each in heads.coordinates])
    learned = (solved.codes >= 0).nonzero()[:, 0]
    x = _series((each.of_cases[learned] for each in heads.coordinates), units)
    unseen = None
    if validation is not None:
        series = validation.x[torch.arange(len(validation))]
        features = solved.network.along(view.scale(series), view.lengths)
        unseen = Cases(
            _series(_coordinates_of(features, heads), units), validation.y, validation.weight
        )
    students = []
    for kept, unit in zip(heads.coordinates, units, strict=True):
        student = CoordinateMap().build(width, 1, n_classes, seed=0)
        r = kept.basis.shape[1]
        with torch.no_grad():
            student.head.weight.zero_()
            student.head.weight[:, :r] = solved.sharpness * (kept.weights * unit[:r, None]).T
            student.head.bias.copy_(solved.sharpness * kept.intercepts)
        students.append(student)
    points = CoordinateView(len(heads.coordinates), width).to(x.device)
    weight = None if solved.weight is None else solved.weight[learned]
    cases = Cases(x, solved.codes[learned], weight)
    return Unfolded(solved, points, cases, unseen, students, units, learned)


def _units(kept: Coordinates, width: int) -> Tensor:
    """Size of each coordinate, (width,): one for all leading ones, which keeps their angles."""
    size = kept.of_cases.square().mean(0)
    size[: kept.n_leading] = size[: kept.n_leading].mean()
    units = size.new_ones(width)
    units[: len(size)] = torch.where(size > 0, size.sqrt(), torch.ones_like(size))
    return units


def _coordinates_of(features: Iterator[Tensor], heads: RidgeHeads) -> Iterator[Tensor]:
    each = zip(features, heads.mean, heads.scale, heads.coordinates, strict=True)
    for of_cases, mean, scale, kept in each:
        yield ((of_cases.double() - mean) / scale) @ kept.basis - kept.centre


def _series(coordinates: Iterator[Tensor], units: Tensor) -> Tensor:
    """Coordinates (N, ≤ r) of one prefix after the other → (N, r, P), in their units."""
    width = units.shape[1]
    padded = (
        torch.nn.functional.pad(each, (0, width - each.shape[1])) / unit
        for each, unit in zip(coordinates, units, strict=True)
    )
    return torch.stack([each.float() for each in padded], -1)
