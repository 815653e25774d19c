"""Fits of the early classifier in closed form, from few cases to very many."""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks._markdown import markdown
from benchmarks.speed._scale import N_TIMEPOINTS, peak_memory, write_series
from benchmarks.speed._turns import Spread, in_child
from benchmarks.speed._workload import make_series
from gdpd_sklearn import GDPDEarlyClassifier

__all__ = ["fit_table", "long_table"]


class Size(NamedTuple):
    """How many series of how many points, how often fitted, and what is aimed at (seconds)."""

    n_cases: int
    n_timepoints: int
    n_fits: int
    target: float | None = None
    mapped: bool = False
    n_channels: int = 1
    missing: float = 0.0

    def __str__(self) -> str:
        channels = f" × {self.n_channels} channels" if self.n_channels > 1 else ""
        gaps = f", {self.missing:.0%} missing" if self.missing else ""
        return (
            f"{self.n_cases:,} × {self.n_timepoints:,}{channels}{gaps}{', in a file' * self.mapped}"
        )


SIZES = (
    Size(135, 150, 5, 3),
    Size(1000, 500, 1, 40),
    Size(100_000, N_TIMEPOINTS, 1, 600, mapped=True),
)
LONG = (
    Size(500, 20_000, 1),
    Size(500, 20_000, 1, missing=0.1),
    Size(100, 1000, 1, n_channels=300),
    Size(100, 1000, 1, n_channels=300, missing=0.1),
)
QUICK = (Size(20, 40, 1, 3), Size(800, N_TIMEPOINTS, 1, 600, mapped=True))
QUICK_LONG = (Size(20, 60, 1, n_channels=3, missing=0.1),)


class Fit(NamedTuple):
    """CPU seconds, peak of memory (MiB) beyond file and libraries, and features of a fit."""

    seconds: float
    mib: float
    n_features: int


def fit_table(quick: bool) -> str:
    """Fit random kernels at 20 points, each fit in a process of its own."""
    return _table(QUICK if quick else SIZES, quick)


def long_table(quick: bool) -> str:
    """Measure the same of long series, and of many channels, with gaps and without."""
    return _table(QUICK_LONG if quick else LONG, quick)


def _table(sizes: tuple[Size, ...], quick: bool) -> str:
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "series.npy"
            if size.mapped:
                write_series(path, size.n_cases)
            fits = [in_child(partial(_fit, size, path, quick)) for _ in range(size.n_fits)]
        low, median, high = Spread.of([fit.seconds for fit in fits])
        rows.append(
            [
                str(size),
                f"{median:.3g} s",
                f"{low:.3g} – {high:.3g}" if len(fits) > 1 else "one fit",
                "–" if size.target is None else f"{size.target:.0f} s",
                f"{max(fit.mib for fit in fits):.0f} MiB",
                f"{fits[0].n_features:,}",
            ]
        )
    head = ["series × points", "fit", "quartiles", "target", "memory", "features"]
    return (
        f'## Fits in closed form\n\n`GDPDEarlyClassifier(distiller="none")`, random kernels, 20 '
        f"classification points, two classes. CPU time; memory of the process beyond the file and "
        f"what it held before.\n\n{markdown(head, rows)}"
    )


def _fit(size: Size, path: Path, quick: bool) -> Fit:
    X, y = _series(size, path)
    student = {"student__n_features": 400} if quick else {}
    clf = GDPDEarlyClassifier(student="rocket", distiller="none", device="cpu", random_state=0)
    clf.set_params(**student)
    clf.fit(X[:12], y[:12])  # imports, and what libraries make when they are first asked
    start = time.process_time()
    with peak_memory() as peak:
        clf.fit(X, y)
    seconds = time.process_time() - start
    return Fit(seconds, peak[0], clf.models_[0][0].n_features)


def _series(size: Size, path: Path) -> tuple[NDArray[np.floating], NDArray[np.integer]]:
    if size.mapped:
        X = np.load(path, mmap_mode="r")
        # labels that the series tell of, as far as noise does
        return X, (np.asarray(X[:, 0, :10]).sum(-1) > 0).astype(int)
    X, y = make_series(size.n_cases, size.n_timepoints)
    random = np.random.default_rng(0)
    if size.n_channels > 1:  # the first of them tells the classes apart
        noise = random.normal(size=(size.n_cases, size.n_channels - 1, size.n_timepoints))
        X = np.concatenate([X, noise.astype(X.dtype)], axis=1)
    if size.missing:
        X = np.where(random.random(X.shape) < size.missing, np.nan, X)
    return X, y
