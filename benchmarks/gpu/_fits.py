"""Fits and searches on the clock, beside what is aimed at."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks._markdown import markdown
from benchmarks.gpu._clock import spend
from benchmarks.speed._scale import write_series
from benchmarks.speed._workload import make_series
from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.model_selection import GDPDGridSearchCV

__all__ = ["fit_table"]

EARLINESS = (0.2, 0.4, 0.5, 0.6, 0.8, 1.0)


class Sizes(NamedTuple):
    """Sizes of the fits: cases and points of early fits, of the large one, of a search."""

    early: tuple[int, int]
    many: int
    n_train: int
    n_timepoints: int
    earliness: tuple[float, ...]
    n_seeds: int
    n_epochs: int | None
    n_epochs_paper: int


FULL = Sizes((135, 150), 100_000, 64, 100, EARLINESS, 5, None, 600)
"""The paper's grid for one set and one pair: 6 prefix lengths × 3 λ × 2 warm-ups × 5 seeds."""
QUICK = Sizes((24, 30), 300, 24, 20, (0.2, 0.6), 1, 4, 12)


class Fit(NamedTuple):
    """One row: what is fitted, how often, and what is aimed at (seconds)."""

    title: str
    run: Callable[[], Any]
    n_times: int
    target: float | None


def fit_table(device: torch.device, *, quick: bool) -> str:
    """Measure all fits and write a markdown table."""
    sizes = QUICK if quick else FULL
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for fit in _fits(device, sizes, Path(folder) / "series.npy"):
            spent = [spend(fit.run, device) for _ in range(fit.n_times)]
            seconds = [each.seconds for each in spent]
            rows.append(
                [
                    fit.title,
                    f"{seconds[0]:.3g} s",
                    f"{min(seconds[1:]):.3g} s" if len(seconds) > 1 else "–",
                    f"{fit.target:.0f} s" if fit.target else "–",
                    f"{max(each.mib for each in spent):.0f} MiB",
                ]
            )
            print(f"  {' | '.join(rows[-1])}", flush=True)
    head = ["fit", "first", "again, best of the rest", "target", "memory of the card"]
    return f"## Fits\n\n{markdown(head, rows)}"


def _fits(device: torch.device, sizes: Sizes, path: Path) -> Iterator[Fit]:
    settings: dict[str, Any] = {"device": str(device), "random_state": 0}
    short: dict[str, Any] = {"n_epochs": sizes.n_epochs}
    X, y = make_series(*sizes.early)
    shape = f"{sizes.early[0]} × {sizes.early[1]}"
    yield Fit(
        f"early, default (random kernels), {shape}",
        lambda: GDPDEarlyClassifier(**settings).fit(X, y), 4, 1.0,
    )  # fmt: skip
    yield Fit(
        f"early, convolutional (GDPD, 4 folds × 20 points), {shape}",
        lambda: GDPDEarlyClassifier(distiller="gdpd", **short, **settings).fit(X, y), 2, 4.0,
    )  # fmt: skip
    yield Fit(
        f"one prefix, convolutional (GDPD), {shape}",
        lambda: GDPDClassifier(distiller="gdpd", **short, **settings).fit(X, y), 2, None,
    )  # fmt: skip
    many = _many(path, sizes.many)
    yield Fit(
        f"early, random kernels, {sizes.many:,} × 100 in a file",
        lambda: GDPDEarlyClassifier(distiller="none", student="rocket", **settings).fit(*many),
        1, 20.0,
    )  # fmt: skip
    paper = {"n_epochs": sizes.n_epochs_paper, **settings}
    small = make_series(sizes.n_train, sizes.n_timepoints, noise=1.0)
    yield Fit(
        f"LSTM3-100 of the paper, {sizes.n_epochs_paper} epochs, {sizes.n_train} × "
        f"{sizes.n_timepoints}",
        lambda: GDPDClassifier.paper(**paper).fit(*small), 1, None,
    )  # fmt: skip
    for name, target in (("fcn", 30.0), ("lstm3-100", 120.0)):
        n_fits = len(sizes.earliness) * 6 * sizes.n_seeds
        yield Fit(
            f"grid of {n_fits} fits, {name}, {sizes.n_epochs_paper} epochs",
            partial(_search, name, sizes, paper), 1, target,
        )  # fmt: skip


def _many(path: Path, n_cases: int) -> tuple[NDArray[np.floating], NDArray[np.integer]]:
    X = write_series(path, n_cases)
    # labels that the series tell of, as far as noise does
    return np.load(path, mmap_mode="r"), (np.asarray(X[:, 0, :10]).sum(-1) > 0).astype(int)


def _search(name: str, sizes: Sizes, paper: dict[str, Any]) -> GDPDGridSearchCV:
    n_cases = sizes.n_train + 20
    X, codes = make_series(n_cases, sizes.n_timepoints, noise=1.0)
    fold = [(np.arange(sizes.n_train), np.arange(sizes.n_train, n_cases))]
    grid = {
        "prefix_length": list(sizes.earliness),
        "distiller__weight": [0.1, 1.0, 10.0],
        "distiller__warmup": [300 / 600, 350 / 600],
        "random_state": list(range(sizes.n_seeds)),
    }
    classifier = GDPDClassifier.paper(**{**paper, "student": name, "teacher": name})
    return GDPDGridSearchCV(
        classifier, grid, scoring="neg_log_loss", cv=fold, refit=False
    ).fit(X, codes)  # fmt: skip
