"""Steps of banks: time, launches, and the share of the time in which kernels run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.speed._calls import markdown
from benchmarks.speed._workload import make_series
from gdpd_sklearn.data import PrefixView, to_cases
from gdpd_sklearn.distillers import DISTILLERS
from gdpd_sklearn.networks import ARCHITECTURES, NetworkOutput
from gdpd_sklearn.recipes import TrainingPlan
from gdpd_sklearn.training import Run, Source, _trainer, train

__all__ = ["step_table"]

N_CLASSES = 2
_LAUNCHES = ("cudaLaunchKernel", "cuLaunchKernel", "cudaGraphLaunch", "cudaMemcpy", "cudaMemset")


class Bank(NamedTuple):
    """Members of a bank, and its method: students of 20 prefixes and so many sources."""

    student: str
    distiller: str
    n_sources: int
    n_points: int


FULL = (
    Bank("fcn", "none", 1, 20), Bank("fcn", "none", 4, 20), Bank("fcn", "gdpd", 4, 20),
    Bank("lstm1-8", "none", 4, 20), Bank("lstm3-100", "none", 1, 20),
    Bank("lstm3-100", "none", 4, 20), Bank("lite", "none", 4, 20), Bank("fcn", "none", 1, 1),
)  # fmt: skip
QUICK = (Bank("fcn", "none", 2, 2), Bank("lstm1-8", "gdpd", 1, 2))


class Steps(NamedTuple):
    """What a training says of its steps: seconds of one, launches of one, share, MiB."""

    seconds: float
    launches: float
    busy: float
    mib: float


def step_table(device: torch.device, *, quick: bool) -> str:
    """Measure all banks, replayed and launched one by one, and write a markdown table."""
    rows = []
    for bank in QUICK if quick else FULL:
        with one_by_one():
            plain = _measure(bank, device, quick=quick)
        replayed = _measure(bank, device, quick=quick)
        rows.append(
            [
                f"{bank.n_sources * bank.n_points} × {bank.student}, {bank.distiller}",
                f"{1e3 * plain.seconds:.3g} ms",
                f"{1e3 * replayed.seconds:.3g} ms",
                f"{plain.launches:.0f}",
                f"{replayed.launches:.1f}",
                f"{plain.busy:.0%}",
                f"{replayed.busy:.0%}",
                f"{replayed.mib:.0f} MiB",
            ]
        )
        print(f"  {' | '.join(rows[-1])}", flush=True)
    head = [
        "bank", "step, launched", "step, replayed", "launches a step", "replayed",
        "kernels run", "replayed", "memory",
    ]  # fmt: skip
    return (
        "## Steps\n\nTraining steps with batches of 16 series of 100 points, in epochs of 8 steps: "
        "the median epoch, with all that stands between two steps. Launches are calls that start "
        "something on the card; kernels run is the share of the time, of which a profiler makes a "
        f"little more.\n\n{markdown(head, rows)}"
    )


@contextmanager
def one_by_one() -> Iterator[None]:
    """Let trainings launch every kernel by itself, as they do where nothing can be recorded."""
    with mock.patch.object(_trainer, "recorder_for", return_value=None):
        yield


def _measure(bank: Bank, device: torch.device, *, quick: bool) -> Steps:
    n_cases, n_timepoints, n_steps = (16, 20, 1) if quick else (128, 100, 8)
    sources = [_source(bank, s, n_cases, n_timepoints, device) for s in range(bank.n_sources)]
    n_epochs = 6 if quick else 16
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    times = _train(bank, sources, n_epochs)
    seconds = float(np.median(np.diff(times)[n_epochs // 3 :])) / n_steps
    if device.type != "cuda":
        return Steps(seconds, float("nan"), float("nan"), float("nan"))
    mib = torch.cuda.max_memory_allocated(device) / 2**20
    activities = [ProfilerActivity.CPU, ProfilerActivity.CUDA]
    with profile(activities=activities) as profiler:
        marks = _train(bank, sources, n_epochs, mark=True)
    launches, busy = _read(profiler, n_epochs // 3, n_steps)
    del marks
    return Steps(seconds, launches, busy, mib)


def _train(bank: Bank, sources: Sequence[Source], n_epochs: int, mark: bool = False) -> list[float]:
    """Train, and give the time at which each epoch began."""
    times: list[float] = []

    def on_epoch(number: int) -> None:
        if mark:
            with torch.profiler.record_function("epoch begins"):
                pass
        times.append(time.perf_counter())

    plan = TrainingPlan(
        n_epochs=n_epochs, batch_size=16, learning_rate=1e-3, optimizer="adam", weight_decay=0.0,
        schedule="one_cycle", max_gradient_norm=1.0, patience=None,
    )  # fmt: skip
    # the second half of a warm-up, so that students learn through the prior from the start
    distiller = DISTILLERS[bank.distiller]()
    if "warmup" in distiller.get_params():
        distiller.set_params(warmup=0)
    runs = [Run(s, p, distiller) for s in range(len(sources)) for p in range(bank.n_points)]
    train(ARCHITECTURES[bank.student](), sources, runs, N_CLASSES, plan, on_epoch=on_epoch)
    return times


def _source(bank: Bank, seed: int, n_cases: int, n_timepoints: int, device: torch.device) -> Source:
    X, y = make_series(n_cases, n_timepoints, seed=seed)
    lengths = np.linspace(min(4, n_timepoints), n_timepoints, bank.n_points).astype(int)
    view = PrefixView.fit(X, lengths.tolist(), n_timepoints, "standard").to(device)
    teacher = None
    if DISTILLERS[bank.distiller]().uses_teacher:
        generator = torch.Generator().manual_seed(seed)
        pooled = torch.randn(n_cases, 16, generator=generator).to(device)
        logits = torch.randn(n_cases, N_CLASSES, generator=generator).to(device)
        teacher = NetworkOutput(pooled[..., None], pooled, logits)
    return Source(view, to_cases(view.receive(X), y, device), None, teacher, seed)


def _read(profiler: Any, first: int, n_steps: int) -> tuple[float, float]:
    """Read launches of a step, and the share of the time that kernels run, from some epoch on."""
    events = profiler.events()
    marks = sorted(e.time_range.start for e in events if e.name == "epoch begins")
    begin, end = marks[first], marks[-1]
    kernels = sorted(
        (max(e.time_range.start, begin), min(e.time_range.end, end))
        for e in events
        if e.device_type.name == "CUDA" and e.name != "epoch begins"
        and e.time_range.end > begin and e.time_range.start < end
    )  # fmt: skip
    busy, until = 0.0, begin
    for low, high in kernels:
        busy += max(0.0, high - max(low, until))
        until = max(until, high)
    launches = sum(
        e.name.startswith(_LAUNCHES) and begin <= e.time_range.start < end for e in events
    )
    return launches / ((len(marks) - 1 - first) * n_steps), busy / (end - begin)
