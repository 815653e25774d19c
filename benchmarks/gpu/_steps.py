"""Steps of banks: time, launches, and the share of the time in which kernels run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks._markdown import markdown
from benchmarks.speed._workload import make_series
from gdpd_sklearn.data import PrefixView, to_cases
from gdpd_sklearn.distillers import DISTILLERS
from gdpd_sklearn.networks import ARCHITECTURES, NetworkOutput
from gdpd_sklearn.recipes import TrainingPlan
from gdpd_sklearn.training import Run, Source, _trainer, train

__all__ = ["step_table"]

N_CLASSES = 2
N_EPOCHS, N_WATCHED = 7, 3
_LAUNCHES = ("cudaLaunchKernel", "cuLaunchKernel", "cudaGraphLaunch", "cudaMemcpy", "cudaMemset")


class Bank(NamedTuple):
    """Members of a bank, and its method: students of 20 prefixes and so many sources."""

    student: str
    distiller: str
    n_sources: int
    n_points: int


FULL = (
    Bank("fcn", "none", 1, 1), Bank("fcn", "none", 1, 20), Bank("fcn", "none", 4, 20),
    Bank("fcn", "gdpd", 4, 20), Bank("lstm1-8", "none", 4, 20), Bank("lstm3-100", "none", 4, 20),
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
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    times: list[float] = []
    _train(bank, sources, lambda number: times.append(time.perf_counter()))
    # epochs begin when the figures of the one before are there
    seconds = float(np.median(np.diff(times)[1:])) / n_steps
    if device.type != "cuda":
        return Steps(seconds, float("nan"), float("nan"), float("nan"))
    mib = torch.cuda.max_memory_allocated(device) / 2**20
    watch = _Watch(device)
    _train(bank, sources, watch)
    return Steps(seconds, watch.launches() / (N_WATCHED * n_steps), watch.busy(), mib)


class _Watch:
    """Profiles some epochs of a training: what is launched, and how long kernels run."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._profile = profile(activities=[ProfilerActivity.CUDA])
        self._seconds = 0.0

    def __call__(self, number: int) -> None:
        if number == N_EPOCHS - N_WATCHED - 1:
            torch.cuda.synchronize(self._device)
            self._profile.start()
            self._seconds = -time.perf_counter()
        elif number == N_EPOCHS - 1:
            torch.cuda.synchronize(self._device)
            self._seconds += time.perf_counter()
            self._profile.stop()

    def _events(self) -> Any:
        assert self._profile.profiler is not None
        assert self._profile.profiler.kineto_results is not None
        return self._profile.profiler.kineto_results.events()

    def launches(self) -> int:
        return sum(event.name().startswith(_LAUNCHES) for event in self._events())

    def busy(self) -> float:
        # on one stream, so that no two of them run at a time
        on_card = (e for e in self._events() if e.device_type().name == "CUDA")
        return sum(event.duration_ns() for event in on_card) / (1e9 * self._seconds)


def _train(bank: Bank, sources: Sequence[Source], on_epoch: Callable[[int], None]) -> None:
    plan = TrainingPlan(
        n_epochs=N_EPOCHS, batch_size=16, learning_rate=1e-3, optimizer="adam", weight_decay=0.0,
        schedule="one_cycle", max_gradient_norm=1.0, patience=None,
    )  # fmt: skip
    distiller = DISTILLERS[bank.distiller]()
    if "warmup" in distiller.get_params():  # students learn through the prior from the start
        distiller.set_params(warmup=0)
    runs = [Run(s, p, distiller) for s in range(len(sources)) for p in range(bank.n_points)]
    train(ARCHITECTURES[bank.student](), sources, runs, N_CLASSES, plan, on_epoch=on_epoch)


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
