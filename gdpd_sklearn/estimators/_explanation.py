"""What spoke for the class that was decided: time by time, value by value, kernel by kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_choice, check_int
from gdpd_sklearn.networks import (
    Contributions,
    PrefixModel,
    RocketFeatures,
    RocketNetwork,
    contributions,
)

__all__ = ["METHODS", "Asked", "Explanation", "Voters", "code_of", "explain"]

Floats = NDArray[np.float64]

METHODS = ("auto", "exact", "occlusion")
# Windows that are hidden one after the other, where no width is asked for.
_N_WINDOWS = 20


@dataclass(frozen=True)
class Explanation:
    """Why one series was given its label, and not another one.

    The margin is the logarithm of how many times as probable the label is as the other one, by
    calibrated probabilities. It is taken apart: ``margin == rest + values.sum()``, and with the
    method ``"exact"`` also ``rest + times.sum()`` and ``rest + kernels["contribution"].sum()``.

    Attributes
    ----------
    label : object
        The most probable class at the decision.
    against : object
        The class that it is held against.
    decided : bool
        False where the rule still waits; then it is about the last classification point so far.
    time : int
        Time points that the answer comes from. Nothing after them counts.
    margin : float
        Above 0 where ``label`` is more probable than ``against``.
    rest : float
        What no value accounts for. With ``"exact"``: the margin of a series on which each kernel
        exceeds its biases as often as on the training series. With ``"occlusion"``: the difference
        of the margin and all contributions.
    series : ndarray of shape (C, L)
        The series as the students see it: of their channels, and stretched where prefixes are
        counted by share.
    values : ndarray of shape (C, L)
        What each value counts: for the label above 0, against it below, 0 behind ``time``.
    times : ndarray of shape (L,), or None
        What the windows of kernels count that end at a time; None with ``"occlusion"``.
    kernels : pandas.DataFrame or None
        A row for each kernel, the weightiest first: ``reads`` ("values", "differences" or
        "level"), ``dilation``, ``twos`` (which three of its nine weights are 2), ``channels``
        (those that it sums) and ``contribution``. None with ``"occlusion"``.
    method : {"exact", "occlusion"}
    """

    label: Any
    against: Any
    decided: bool
    time: int
    margin: float
    rest: float
    series: NDArray[np.floating]
    values: Floats
    times: Floats | None
    kernels: pd.DataFrame | None
    method: str

    def __repr__(self) -> str:
        about = "decided" if self.decided else "undecided"
        return (
            f"<Explanation: {self.label!s} against {self.against!s}, {about} after {self.time} of "
            f"{self.series.shape[1]} time points, margin {self.margin:.3f}, {self.method}>"
        )


@dataclass(frozen=True)
class Voters:
    """What answers: models that vote, their calibration, and both together."""

    models: Sequence[PrefixModel]
    probabilities: Callable[[NDArray[np.floating], int], Floats]
    temperature: float = 1.0
    tilt: Sequence[float] | None = None

    @property
    def are_kernels(self) -> bool:
        """Whether contributions are exact."""
        return all(isinstance(model[0], RocketNetwork) for model in self.models)


@dataclass(frozen=True)
class Asked:
    """A series (C, L), and the point at which it was answered about, by number.

    ``padded`` is at least as long as the point, NaN behind the end of a series that is shorter.
    """

    series: NDArray[np.floating]
    padded: NDArray[np.floating]
    point: int
    time: int
    decided: bool


def explain(
    voters: Voters,
    asked: Asked,
    classes: NDArray[Any],
    against: int | None,
    method: str,
    width: int | None,
) -> Explanation:
    """Explain the answer about one series.

    Parameters
    ----------
    voters, asked
        See there.
    classes : ndarray of shape (K,)
    against : int or None
        Code of a class; None for the runner-up. The label itself is held against the runner-up too.
    method : {"auto", "exact", "occlusion"}
    width : int or None
        Points that are hidden together.
    """
    exact = voters.are_kernels if method == "auto" else method == "exact"
    if exact and not voters.are_kernels:
        raise ValueError(
            f"method={method!r} is for students of random kernels; this one has "
            f"{voters.models[0].architecture!r}, for which 'occlusion' works."
        )
    probabilities = voters.probabilities(asked.padded[None], asked.point)[0]
    order = np.argsort(-probabilities, kind="stable")
    code = int(order[0])
    if against is None or against == code:
        against = int(order[1])
    parts = _exact(voters, asked, code, against) if exact else None
    if parts is None:
        margin, values = _occluded(voters, asked, code, against, width)
        rest, times, kernels = margin - float(values.sum()), None, None
    else:
        rest, values, times = parts.rest, parts.values, parts.times
        margin = rest + float(values.sum())
        kernels = _kernel_table(voters, parts)
    length = asked.series.shape[1]
    return Explanation(
        classes[code], classes[against], asked.decided, asked.time, margin, rest, asked.series,
        _fitted_to(values, length), None if times is None else _fitted_to(times, length), kernels,
        "occlusion" if parts is None else "exact",
    )  # fmt: skip


def code_of(against: Any, classes: NDArray[Any]) -> int | None:
    """Give the code of a label; None for None.

    Raises
    ------
    ValueError
        If it is none of the classes.
    """
    if against is None:
        return None
    found = np.flatnonzero(classes == against)
    if len(found) != 1:
        raise ValueError(
            f"against={against!r} must be None or one of the classes {classes.tolist()}."
        )
    return int(found[0])


def check_method(method: str, width: int | None, length: int) -> None:
    """Refuse an unknown method, and a width that is none."""
    check_choice("method", method, METHODS)
    if width is not None:
        check_int("width", width, 1, length)


def _fitted_to(values: Floats, length: int) -> Floats:
    """Put zeros behind the point of decision; what stands behind the end is 0 already."""
    fitted = np.zeros((*values.shape[:-1], length))
    known = min(length, values.shape[-1])
    fitted[..., :known] = values[..., :known]
    return fitted


# random kernels -----------------------------------------------------------------------------------


def _exact(voters: Voters, asked: Asked, code: int, against: int) -> Contributions:
    """Mean over the models of what their kernels say, by calibrated logits."""
    share = 1.0 / (voters.temperature * len(voters.models))
    each = [_of_model(model, asked, code, against, share) for model in voters.models]
    tilt = 0.0 if voters.tilt is None else voters.tilt[code] - voters.tilt[against]
    return Contributions(
        tilt + sum(parts.rest for parts in each),
        np.sum([parts.times for parts in each], axis=0),
        np.sum([parts.values for parts in each], axis=0),
        np.concatenate([parts.kernels for parts in each]),
    )


@torch.no_grad()
def _of_model(
    model: PrefixModel, asked: Asked, code: int, against: int, share: float
) -> Contributions:
    network = model[asked.point]
    assert isinstance(network, RocketNetwork)
    length = model.lengths[asked.point]
    weight, bias = (each.double().cpu() for each in network.head_of(length))
    view = model.view
    x = view(view.receive(asked.padded[None, :, :length]).to(view.mean.dtype), asked.point)
    parts = contributions(
        _features(network), x[0].cpu(), share * (weight[code] - weight[against])
    )  # fmt: skip
    rest = parts.rest + share * float(bias[code] - bias[against])
    return Contributions(rest, parts.times, parts.values, parts.kernels)


def _features(network: RocketNetwork) -> RocketFeatures:
    features = network.backbone
    if features.dilations.device.type == "cpu":
        return features
    return deepcopy(features).cpu()


def _kernel_table(voters: Voters, parts: Contributions) -> pd.DataFrame:
    """Name the kernels, the weightiest first."""
    rows = []
    for model in voters.models:
        network = model[0]
        assert isinstance(network, RocketNetwork)
        features = _features(network)
        last = len(features.dilations) - 1
        n_each = parts.kernels.shape[1] // features.mixing.shape[1]
        for row, dilation in enumerate(features.dilations.tolist()):
            changes = bool(features.differenced[row])
            reads = "level" if row == last else "differences" if changes else "values"
            channels = [tuple(np.flatnonzero(m).tolist()) for m in features.mixing[row].numpy()]
            for number, weights in enumerate(features.kernels[row].numpy()):
                twos = tuple(np.flatnonzero(weights == 2).tolist())
                rows.append((reads, dilation, twos, channels[number // n_each]))
    table = pd.DataFrame(rows, columns=["reads", "dilation", "twos", "channels"])
    table["contribution"] = parts.kernels.ravel()
    order = np.argsort(-np.abs(parts.kernels.ravel()), kind="stable")
    return table.iloc[order].reset_index(drop=True)


# all other students -------------------------------------------------------------------------------


def _occluded(
    voters: Voters, asked: Asked, code: int, against: int, width: int | None
) -> tuple[float, Floats]:
    """Hide a window of a channel after the other, as if its values were missing.

    The margin, and what it loses, dealt evenly to the values of the window: (C, m).
    """
    length = voters.models[0].lengths[asked.point]
    x = np.array(asked.padded[:, :length], dtype=np.float64)
    n_channels = len(x)
    width = max(1, -(-length // _N_WINDOWS)) if width is None else min(width, length)
    starts = range(0, length, width)
    hidden = np.repeat(x[None], n_channels * len(starts), axis=0)
    places = [
        (channel, slice(start, start + width)) for channel in range(n_channels) for start in starts
    ]
    for each, place in zip(hidden, places, strict=True):
        each[place] = np.nan
    probabilities = voters.probabilities(np.concatenate([x[None], hidden]), asked.point)
    # a logarithm of 0 would leave nothing to compare
    odds = np.log(np.maximum(probabilities, np.finfo(float).tiny))
    margins = odds[:, code] - odds[:, against]
    values = np.zeros(x.shape)
    for place, margin in zip(places, margins[1:], strict=True):
        known = ~np.isnan(x[place])
        if known.any():
            values[place] += known * ((margins[0] - margin) / known.sum())
    return float(margins[0]), values
