"""Students with a fixed backbone: features once, heads in closed form.

1. The backbone is prepared on the scaled training series, and gives the features of all prefixes in
   one pass.
2. Each prefix gets a head by ridge regression, which knows what every training case would be told
   by the head fitted without it (:mod:`gdpd_sklearn.solver`).
3. One scale for all prefixes turns margins into logits, by the likelihood of left-out cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from gdpd_sklearn._progress import phase
from gdpd_sklearn._seeding import stream_seed
from gdpd_sklearn.data import Cases, MappedSeries, PrefixView
from gdpd_sklearn.distillers import Distiller
from gdpd_sklearn.networks import Architecture, Network
from gdpd_sklearn.solver._batches import sample_cases, solve_in_batches
from gdpd_sklearn.solver._ridge import RidgeHeads, RidgeSettings, class_targets, solve_ridge_each
from gdpd_sklearn.solver._sharpness import fit_sharpness
from gdpd_sklearn.solver._taught import Classroom, HeadsOf, Lesson, solve_taught

__all__ = ["Solved", "solve"]


class Solved(NamedTuple):
    """What the closed form gives.

    Attributes
    ----------
    network : Network
        With a head for each prefix length.
    architecture : Architecture
        What it was built from: for many cases a smaller one than was asked for.
    left_out : Tensor of float64, shape (P, N, K)
        Logits of each training case by the heads fitted without it.
    history : pandas.DataFrame
        A row for each prefix length: penalty, and loss and accuracy of left-out cases.
    codes : Tensor of int64, shape (N,)
        The classes that cases were learned as: their label, or what the teacher says in place of
        it; −1 for cases that were not learned.
    lesson : Lesson or None
        What the last prefix says of unlabelled cases, where it teaches.
    heads : RidgeHeads
        Behind the network's heads, which are ``sharpness`` times as large.
    sharpness : float
    weight : Tensor of shape (N,), or None
        What cases count, whatever their class.
    """

    network: Network
    architecture: Architecture
    left_out: Tensor
    history: pd.DataFrame
    codes: Tensor
    lesson: Lesson | None
    heads: RidgeHeads
    sharpness: float
    weight: Tensor | None = None


@phase("closed form")
def solve(
    architecture: Architecture,
    distiller: Distiller,
    view: PrefixView,
    train: Cases,
    validation: Cases | None,
    teacher: Tensor | None,
    n_classes: int,
    seed: int,
    *,
    class_weight: Tensor | None = None,
    lesson: Lesson | None = None,
    teaches: bool = False,
    n_coordinates: int = 0,
) -> Solved:
    """Fit the heads of a fixed backbone.

    Without a ``lesson``, cases without a label (code −1) only count for biases and scale.

    Parameters
    ----------
    architecture, distiller
        Of a fixed backbone, and of a method that has a closed form.
    view : PrefixView
        That does not stretch; on the device, as all tensors here.
    train, validation : Cases
        Complete series. Nothing is chosen by the validation part, it is only reported.
    teacher : Tensor of shape (N, K) or None
        Logits for the training cases, left out where the teacher knows them.
    n_classes, seed : int
        Kernels and biases follow from the seed.
    class_weight : Tensor of shape (K,), optional
    lesson : Lesson, optional
        What the teacher says of the unlabelled cases, in their order.
    teaches : bool, default=False
        Whether the last prefix shall say what unlabelled cases are.
    n_coordinates : int, default=0
        See :class:`RidgeSettings`.

    Returns
    -------
    Solved
    """
    architecture = architecture.for_cases(len(train))
    network = _prepared(architecture, view, train, n_classes, seed)
    weight = _weights(train, class_weight, n_classes, lesson)
    heads_of = partial(_solve_heads, network, view, train.x, n_coordinates)
    learned = _learn(
        heads_of, distiller, view, train.y, n_classes, teacher, weight, lesson, teaches
    )
    heads, sharpness = learned.heads, _sharpness(learned, weight)
    network.set_heads(*(sharpness * each for each in heads.linear()))
    left_out = sharpness * learned.left_out
    own = _own_lesson(heads, left_out[-1], train.y, sharpness) if teaches else None
    history = _history(network, view, learned, left_out, train, validation)
    return Solved(
        network.eval(), architecture, left_out, history, learned.codes, own, heads, sharpness,
        train.weight,
    )  # fmt: skip


def _prepared(
    architecture: Architecture, view: PrefixView, train: Cases, n_classes: int, seed: int
) -> Network:
    """Build a network, take what its backbone takes from series, and make room for heads."""
    some = view.scale(train.x[sample_cases(len(train))])
    network = architecture.build(
        some.shape[1], view.input_length, n_classes, stream_seed(seed, "weights 0")
    ).to(some.device)
    # what a student of the first m points is built on must not be later than these
    architecture.prepare(network, some[..., : view.lengths[-1]], stream_seed(seed, "backbone"))
    network.answer_at(view.lengths)
    return network


class _Learned(NamedTuple):
    """Heads, left-out margins (P, N, K), what cases were learned as, weight of taught ones."""

    heads: RidgeHeads
    left_out: Tensor
    codes: Tensor
    taught_weight: float | None = None


def _learn(
    heads_of: HeadsOf,
    distiller: Distiller,
    view: PrefixView,
    y: Tensor,
    n_classes: int,
    teacher: Tensor | None,
    weight: Tensor | None,
    lesson: Lesson | None,
    teaches: bool,
) -> _Learned:
    """Fit the heads to labels, and to what a teacher says where there is none."""
    labels = class_targets(y.clamp(min=0), n_classes)
    known, unknown = (y >= 0).nonzero()[:, 0], (y < 0).nonzero()[:, 0]
    if lesson is None:
        targets = distiller.targets(labels, teacher)
        settings = RidgeSettings(explained=unknown if teaches else None)
        (heads,) = heads_of(range(len(view.lengths)), targets, [weight], settings)
        return _Learned(heads, heads.left_out, y)
    assert weight is not None
    told = distiller.targets(labels[known], None if teacher is None else teacher[known])
    cases = Classroom(
        known, unknown, labels[known], told, lesson, partial(_teach, distiller), weight
    )
    heads, left_out, taught_weight = solve_taught(heads_of, len(view.lengths), cases)
    codes = y.masked_scatter(y < 0, lesson.logits.argmax(1)) if taught_weight > 0 else y
    return _Learned(heads, left_out, codes, taught_weight)


def _sharpness(learned: _Learned, weight: Tensor | None) -> float:
    """Find the scale by the cases that were learned."""
    counted = learned.codes >= 0
    by_case = None if weight is None else weight[counted]
    return fit_sharpness(learned.left_out[:, counted], learned.codes[counted], by_case)


def _own_lesson(heads: RidgeHeads, logits: Tensor, y: Tensor, sharpness: float) -> Lesson:
    """Say what left-out logits (N, K) of the last prefix say of cases without a label."""
    known, unknown = y >= 0, y < 0
    if heads.shares is None:  # not of more cases than features: there one moves little
        return Lesson(logits[unknown])
    labels = class_targets(y[known], logits.shape[1])
    return Lesson(logits[unknown], heads.shares[-1][:, known], sharpness * labels - logits[known])


def _weights(
    train: Cases, class_weight: Tensor | None, n_classes: int, lesson: Lesson | None
) -> Tensor | None:
    """Say what cases count by themselves and by their class (N,); None where all are equal."""
    y, unknown = train.y, train.y < 0
    if class_weight is None and not unknown.any():
        return None if train.weight is None else train.weight.double()
    by_class = torch.ones(n_classes, device=y.device) if class_weight is None else class_weight
    weight = by_class[y.clamp(min=0)].double()
    if lesson is None:
        weight = weight.masked_fill(unknown, 0.0)
    else:
        weight = weight.masked_scatter(unknown, lesson.logits.softmax(-1) @ by_class.double())
    return weight if train.weight is None else weight * train.weight


def _teach(distiller: Distiller, logits: Tensor) -> Tensor:
    """Give targets (·, K) of cases whose label is what the teacher says."""
    return distiller.targets(2.0 * logits.softmax(-1) - 1.0, logits)


def _solve_heads(
    network: Network,
    view: PrefixView,
    x: Tensor | MappedSeries,
    n_coordinates: int,
    points: Sequence[int],
    targets: Tensor,
    weights: Sequence[Tensor | None],
    settings: RidgeSettings,
) -> list[RidgeHeads]:
    """Fit the heads of some prefixes, in batches where there are more cases than features.

    In batches each of the weights reads the features: products of features cost far more there,
    and those of several weights would not fit into memory side by side.
    """

    def read(cases: Tensor, some: range) -> Iterator[Tensor]:
        lengths = [view.lengths[points[number]] for number in some]
        return network.along(view.scale(x[cases]), lengths)

    everything = range(len(points))
    settings = replace(settings, n_coordinates=n_coordinates)
    if len(x) > network.n_features:
        return [solve_in_batches(read, len(points), targets, each, settings) for each in weights]
    return solve_ridge_each(read(torch.arange(len(x)), everything), targets, weights, settings)


def _history(
    network: Network,
    view: PrefixView,
    learned: _Learned,
    left_out: Tensor,
    train: Cases,
    validation: Cases | None,
) -> pd.DataFrame:
    """Make a row for each prefix length: penalty, and how held-out cases fare."""
    known = train.y >= 0
    rows = [
        {
            "prefix_length": length,
            "penalty": float(learned.heads.penalties[point]),
            **_figures("left_out", left_out[point][known], train.y[known]),
        }
        for point, length in enumerate(view.lengths)
    ]
    if validation is not None:
        seen = view.scale(validation.x[torch.arange(len(validation))])
        each = zip(rows, network.along(seen, view.lengths), view.lengths, strict=True)
        for row, features, length in each:
            with torch.no_grad():
                logits = network.head_at(length, features)
            row |= _figures("validation", logits, validation.y)
    history = pd.DataFrame(rows)
    if learned.taught_weight is not None:
        history["taught_weight"] = learned.taught_weight
    return history


def _figures(name: str, logits: Tensor, y: Tensor) -> dict[str, float]:
    right = (logits.argmax(-1) == y).float().mean()
    loss = cross_entropy(logits.float(), y)
    return {f"{name}_loss": float(loss), f"{name}_accuracy": float(right)}
