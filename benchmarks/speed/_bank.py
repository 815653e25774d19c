"""What it brings to train several students as one: a stacked bank beside a looped one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple
from unittest import mock

import numpy as np
import torch

from benchmarks.speed._turns import Spread, Train, measure_pair
from benchmarks.speed._workload import Workload, make_series
from gdpd_sklearn.data import PrefixView
from gdpd_sklearn.distillers import NoDistillation
from gdpd_sklearn.networks import ARCHITECTURES

__all__ = ["bank_room"]


class Settings(NamedTuple):
    """Sizes of the measurement with one architecture (by name)."""

    student: str
    n_students: int
    n_cases: int
    n_timepoints: int
    batch_size: int
    n_repeats: int
    n_rounds: int


FULL = (
    Settings("fcn", 20, 32, 24, 16, n_repeats=3, n_rounds=8),
    Settings("fcn", 20, 32, 100, 16, n_repeats=3, n_rounds=8),
    Settings("causal_fcn", 20, 32, 100, 16, n_repeats=3, n_rounds=8),
    Settings("lite", 20, 32, 24, 16, n_repeats=3, n_rounds=6),
    Settings("lite", 20, 32, 100, 16, n_repeats=3, n_rounds=4),
    Settings("lstm1-8", 20, 32, 24, 16, n_repeats=3, n_rounds=8),
    Settings("lstm1-8", 20, 32, 100, 16, n_repeats=3, n_rounds=8),
    Settings("lstm2-32", 20, 32, 24, 16, n_repeats=3, n_rounds=6),
    Settings("lstm2-32", 20, 32, 100, 16, n_repeats=3, n_rounds=4),
    Settings("lstm3-100", 4, 32, 100, 16, n_repeats=3, n_rounds=3),
)
QUICK = (
    Settings("fcn", 3, 8, 12, 4, n_repeats=1, n_rounds=1),
    Settings("lstm1-8", 3, 8, 12, 4, n_repeats=1, n_rounds=1),
)


def bank_room(quick: bool) -> str:
    """Measure all settings and write a markdown table.

    Stacked is in units of looped. The last column says what a fit does on a CPU.
    """
    head = [
        "students",
        "points",
        "looped step",
        "quartiles",
        "stacked / looped",
        "quartiles",
        "fit",
    ]
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    for settings in QUICK if quick else FULL:
        architecture = ARCHITECTURES[settings.student]()
        chosen = "stacked" if architecture.stacks_on(torch.device("cpu")) else "looped"
        ratios, seconds = _compare(settings)
        lines.append(
            [
                f"{settings.n_students} × {settings.student}", str(settings.n_timepoints),
                f"{1e3 * seconds.median:.3g} ms", f"{1e3 * seconds.low:.3g} – "
                f"{1e3 * seconds.high:.3g}",
                f"{ratios.median:.2f}", f"{ratios.low:.2f} – {ratios.high:.2f}", chosen,
            ]
        )  # fmt: skip
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _compare(settings: Settings) -> tuple[Spread, Spread]:
    """Spread of the ratios, and of the CPU seconds of a looped step."""
    workload = Workload.prepare(
        ARCHITECTURES[settings.student](),
        settings.n_cases,
        settings.n_timepoints,
        settings.batch_size,
    )
    lengths = np.linspace(2, settings.n_timepoints, settings.n_students).astype(int)
    X, _ = make_series(settings.n_cases, settings.n_timepoints)
    view = PrefixView.fit(X, lengths.tolist(), settings.n_timepoints, "standard")
    workload = replace(workload, view=view)
    ratios, seconds = measure_pair(
        _train(workload, stacked=True), _train(workload, stacked=False),
        settings.n_repeats, settings.n_rounds,
    )  # fmt: skip
    n_steps = workload.plan.n_batches(settings.n_cases)
    return Spread.of(ratios), Spread.of([epoch / n_steps for epoch in seconds])


def _train(workload: Workload, stacked: bool) -> Train:
    def train(n_epochs: int, on_epoch: Callable[[int], None]) -> None:
        with mock.patch.object(workload.architecture, "stacks_on", return_value=stacked):
            workload.train(NoDistillation(), n_epochs, on_epoch)

    return train
