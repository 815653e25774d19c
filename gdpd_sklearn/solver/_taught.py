"""Cases without a label: a teacher's answers stand for it, and left-out margins stay exact.

A teacher in closed form and a student in closed form that is taught by it are a chain of two linear
maps. So the margin of a labelled case by *the student that learned from the teacher that both never
saw the case* is closed form too::

    student without i:  mᵢ = Σⱼ sᵢⱼ tⱼ      (its shares sᵢⱼ, sᵢᵢ = 0; labels and answers tⱼ)
    teacher without i:  f(u) − g(u, i) eᵢ   (its influence g, its left-out error eᵢ)

and the answers that enter the first line are those of the second. Without this correction a case's
label comes back to it through its unlabelled neighbours, and left-out margins flatter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import Tensor

from gdpd_sklearn.solver._ridge import RidgeHeads, RidgeSettings

__all__ = ["Lesson", "Taught", "solve_taught"]

# What unlabelled cases may weigh, against 1 of a labelled one.
_WEIGHTS = (0.3, 1.0)
# Left-out errors of a few labels are noisy: to stay without a teacher must be clearly better.
_CLEARLY = 0.8
# At so many prefixes the weight is chosen.
_N_TRIED = 4
# Shares that are kept for a weight of three or one, and answers in hand at once, in double
# precision: 512 and 32 MiB.
_MOST_CELLS = 2**26
_CHUNK_CELLS = 2**22


@dataclass(frozen=True)
class Lesson:
    """What a teacher of complete series says of the unlabelled ones.

    Attributes
    ----------
    logits : Tensor of float64, shape (U, K)
    influence : Tensor of float64, shape (U, I), or None
        What a labelled case's target counts in each answer; None where the teacher has no closed
        form.
    errors : Tensor of float64, shape (I, K), or None
        Left-out errors of the teacher on the labelled cases, in units of the logits.
    """

    logits: Tensor
    influence: Tensor | None = None
    errors: Tensor | None = None

    def __post_init__(self) -> None:
        if (self.influence is None) != (self.errors is None):
            raise ValueError("influence and errors belong together; one of them is None.")

    def __getstate__(self) -> dict[str, Any]:
        """Give the state as numpy, which opens wherever this package runs."""
        return {
            name: None if value is None else value.cpu().numpy()
            for name, value in vars(self).items()
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(vars(self.of_state(state)))

    @classmethod
    def of_state(cls, state: dict[str, Any]) -> Lesson:
        """Make a lesson of what :meth:`__getstate__` gave."""
        influence, errors = (
            None if state[name] is None else torch.from_numpy(state[name])
            for name in ("influence", "errors")
        )
        return cls(torch.from_numpy(state["logits"]), influence, errors)

    def without(self, cases: slice) -> Tensor:
        """Logits (i, U, K) of the teachers that are fitted without one of these labelled cases."""
        if self.influence is None or self.errors is None:
            return self.logits[None]
        change = self.influence.T[cases, :, None] * self.errors[cases, None]
        return self.logits - change

    def to(self, device: torch.device | str) -> Lesson:
        """Give the same lesson on a device."""
        if self.influence is None or self.errors is None:
            return Lesson(self.logits.to(device))
        return Lesson(self.logits.to(device), self.influence.to(device), self.errors.to(device))


class Taught(NamedTuple):
    """What the closed form gives of taught students.

    Attributes
    ----------
    heads : RidgeHeads
    left_out : Tensor of float64, shape (P, n, K)
        Margins of labelled cases by students whose teacher did not see them either, and of
        unlabelled cases by students that were not taught them.
    weight : float
        What an unlabelled case counts against a labelled one.
    """

    heads: RidgeHeads
    left_out: Tensor
    weight: float


@dataclass(frozen=True)
class Classroom:
    """Labelled and unlabelled cases of one training, and what stands for their targets.

    Attributes
    ----------
    labelled, unlabelled : Tensor of int64, shapes (I,) and (U,)
        Which of the n cases they are.
    labels : Tensor of shape (I, K)
        What left-out margins of labelled cases are judged by.
    targets : Tensor of shape (I, K)
        What they learn: labels, or what a method makes of them.
    lesson : Lesson
    teach : callable
        The lesson's logits (·, K) to targets (·, K), case by case.
    weight : Tensor of shape (n,)
        What cases count by their class.
    """

    labelled: Tensor
    unlabelled: Tensor
    labels: Tensor
    targets: Tensor
    lesson: Lesson
    teach: Callable[[Tensor], Tensor]
    weight: Tensor

    def all_targets(self) -> Tensor:
        """Targets (n, K) of all cases."""
        targets = self.targets.new_empty(len(self.weight), self.targets.shape[1])
        targets[self.labelled] = self.targets
        targets[self.unlabelled] = self.teach(self.lesson.logits)
        return targets

    def weight_at(self, weight: float) -> Tensor:
        """Weights (n,) of all cases where unlabelled ones have this share of theirs."""
        each = self.weight.clone()
        each[self.unlabelled] *= weight
        return each

    def error(self, heads: RidgeHeads) -> float:
        """Weighted sum over labelled cases of their mean squared left-out error."""
        left_out = self.left_out(heads)[:, self.labelled]
        squares = (left_out - self.labels).square().mean((0, 2))
        return float(squares @ self.weight[self.labelled])

    def left_out(self, heads: RidgeHeads) -> Tensor:
        """Margins (P, n, K) without the case, in the teacher too where it can leave it out."""
        margins = heads.left_out.clone()
        if heads.shares is None:
            return margins
        margins[:, self.labelled] = heads.shares[:, :, self.labelled] @ self.targets
        taught = heads.shares[:, :, self.unlabelled]  # (P, I, U)
        n_together = max(1, _CHUNK_CELLS // self.lesson.logits.numel())
        for start in range(0, len(self.labelled), n_together):
            some = slice(start, start + n_together)
            logits = self.lesson.without(some)
            answers = self.teach(logits.flatten(0, 1)).view(logits.shape)  # (i or 1, U, K)
            share = taught[:, some].transpose(0, 1) @ answers  # (i, P, K)
            margins[:, self.labelled[some]] += share.transpose(0, 1)
        return margins


HeadsOf: TypeAlias = Callable[
    [Sequence[int], Tensor, Sequence[Tensor | None], RidgeSettings], list[RidgeHeads]
]
"""Numbers of prefixes, targets, several weights of cases, settings → heads for each of the weights.

One read of the features does for all weights.
"""


def solve_taught(heads_of: HeadsOf, n_points: int, cases: Classroom) -> Taught:
    """Fit the heads of all prefixes to labels, and to a teacher's answers where there is none.

    Parameters
    ----------
    heads_of : callable
        Fits the heads of some prefixes.
    n_points : int
        Number P of prefixes.
    cases : Classroom

    Returns
    -------
    Taught

    Notes
    -----
    The weight of unlabelled cases is the one of 0.3 and 1 with the less left-out squared error on
    labelled cases, at up to four prefixes spread over all; it is 0 where labels alone have less
    than eight tenths of that error. So a teacher that knows nothing is not heard. Where shares of
    P · I · n numbers are more than 2^26, answers of the teacher stay those with the case: among so
    many labels one moves them little.
    """
    targets = cases.all_targets()
    n_known, n_cases = len(cases.labelled), len(targets)

    def solved(points: Sequence[int], weights: Sequence[float]) -> list[RidgeHeads]:
        exact = len(points) * n_known * n_cases <= _MOST_CELLS
        settings = RidgeSettings(explained=cases.labelled if exact else None)
        return heads_of(points, targets, [cases.weight_at(each) for each in weights], settings)

    tried = torch.linspace(0, n_points - 1, min(_N_TRIED, n_points)).round().int().tolist()
    weights = (0.0, *_WEIGHTS)
    errors = dict(zip(weights, map(cases.error, solved(tried, weights)), strict=True))
    weight = min(_WEIGHTS, key=errors.__getitem__)
    if errors[0.0] < _CLEARLY * errors[weight]:
        weight = 0.0
    (heads,) = solved(range(n_points), [weight])
    return Taught(heads, cases.left_out(heads), weight)
