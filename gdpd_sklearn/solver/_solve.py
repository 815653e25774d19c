"""Students with a fixed backbone: features once, heads in closed form.

1. The backbone is prepared on the scaled training series, and gives the features of all prefixes in
   one pass.
2. Each prefix gets a head by ridge regression, which knows what every training case would be told
   by the head fitted without it (:mod:`gdpd_sklearn.solver`).
3. One scale for all prefixes turns margins into logits, by the likelihood of left-out cases.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from gdpd_sklearn._seeding import stream_seed
from gdpd_sklearn.data import Cases, MappedSeries, PrefixView
from gdpd_sklearn.distillers import Distiller
from gdpd_sklearn.networks import Architecture, Network
from gdpd_sklearn.solver._ridge import RidgeHeads, RidgeSettings, class_targets, solve_ridge
from gdpd_sklearn.solver._sharpness import fit_sharpness

__all__ = ["Solved", "complete_series", "solve"]


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
    heads : RidgeHeads
        Behind the network's heads, which are ``sharpness`` times as large.
    sharpness : float
    """

    network: Network
    architecture: Architecture
    left_out: Tensor
    history: pd.DataFrame
    heads: RidgeHeads
    sharpness: float


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
    n_coordinates: int = 0,
) -> Solved:
    """Fit the heads of a fixed backbone.

    Parameters
    ----------
    architecture : Architecture
        Of a fixed backbone.
    distiller : Distiller
        Whose method has a closed form.
    view : PrefixView
        That does not stretch; on the device, as all tensors here.
    train, validation : Cases
        Complete series. Nothing is chosen by the validation part, it is only reported.
    teacher : Tensor of shape (N, K) or None
        Logits for the training cases, left out where the teacher knows them.
    n_classes : int
    seed : int
        Kernels and biases follow from it.
    class_weight : Tensor of shape (K,), optional
        A case weighs what its class does.
    n_coordinates : int, default=0
        How many coordinates of each prefix to keep; see :class:`RidgeSettings`.

    Returns
    -------
    Solved
    """
    architecture = architecture.for_cases(len(train))
    x = view.scale(complete_series(train))
    network = architecture.build(
        x.shape[1], view.input_length, n_classes, stream_seed(seed, "weights 0")
    ).to(x.device)
    # what a student of the first m points is built on must not be later than these
    architecture.prepare(network, x[..., : view.lengths[-1]], stream_seed(seed, "backbone"))
    network.answer_at(view.lengths)
    targets = distiller.targets(class_targets(train.y, n_classes), teacher)
    weight = None if class_weight is None else class_weight[train.y]
    settings = RidgeSettings(n_coordinates=n_coordinates)
    heads = solve_ridge(network.along(x, view.lengths), targets, weight, settings)
    sharpness = fit_sharpness(heads.left_out, train.y, weight)
    network.set_heads(*(sharpness * each for each in heads.linear()))
    left_out = sharpness * heads.left_out
    history = _history(network, view, heads, left_out, train, validation)
    return Solved(network.eval(), architecture, left_out, history, heads, sharpness)


def _history(
    network: Network,
    view: PrefixView,
    heads: RidgeHeads,
    left_out: Tensor,
    train: Cases,
    validation: Cases | None,
) -> pd.DataFrame:
    """Make a row for each prefix length: penalty, and how held-out cases fare."""
    rows = [
        {
            "prefix_length": length,
            "penalty": float(heads.penalties[point]),
            **_figures("left_out", left_out[point], train.y),
        }
        for point, length in enumerate(view.lengths)
    ]
    if validation is not None:
        seen = view.scale(complete_series(validation))
        each = zip(rows, network.along(seen, view.lengths), view.lengths, strict=True)
        for row, features, length in each:
            with torch.no_grad():
                logits = network.head_at(length, features)
            row |= _figures("validation", logits, validation.y)
    return pd.DataFrame(rows)


def complete_series(cases: Cases) -> Tensor:
    """Series as one tensor, read from their file where they are in one: (N, C, L)."""
    x = cases.x
    return x[torch.arange(len(cases))] if isinstance(x, MappedSeries) else x


def _figures(name: str, logits: Tensor, y: Tensor) -> dict[str, float]:
    right = (logits.argmax(-1) == y).float().mean()
    loss = cross_entropy(logits.float(), y)
    return {f"{name}_loss": float(loss), f"{name}_accuracy": float(right)}
