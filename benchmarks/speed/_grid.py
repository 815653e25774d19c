"""A search over prefix lengths, λ, warm-ups and seeds: trained together, and one fit after another.

Three searches take turns: scikit-learn's ``GridSearchCV``, the same with ``memory`` (teachers are
remembered), and ``GDPDGridSearchCV``. They have one fold and no refit, so that each trains every
candidate once. ``python -m benchmarks.speed._grid --full`` measures the paper's grid.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import GridSearchCV, ParameterGrid

from benchmarks._markdown import markdown
from benchmarks.speed._turns import Spread, in_child
from benchmarks.speed._workload import make_series
from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.model_selection import GDPDGridSearchCV

__all__ = ["FULL", "REDUCED", "TINY", "GridSize", "grid_room", "grid_table"]

EARLINESS = (0.2, 0.4, 0.5, 0.6, 0.8, 1.0)


class GridSize(NamedTuple):
    """Sizes of a search; λ ∈ {0.1, 1, 10} and warm-ups of 300 and 350 of 600 epochs throughout."""

    earliness: tuple[float, ...]
    n_seeds: int
    n_train: int
    n_timepoints: int
    n_epochs: int
    n_repeats: int

    def grid(self) -> dict[str, list[Any]]:
        """Give scikit-learn's ``param_grid``."""
        return {
            "prefix_length": list(self.earliness),
            "distiller__weight": [0.1, 1.0, 10.0],
            "distiller__warmup": [300 / 600, 350 / 600],
            "random_state": list(range(self.n_seeds)),
        }


FULL = GridSize(EARLINESS, n_seeds=5, n_train=64, n_timepoints=100, n_epochs=100, n_repeats=1)
"""The paper's grid for one set and one pair: 180 fits."""
REDUCED = GridSize((0.2, 0.6), n_seeds=2, n_train=64, n_timepoints=100, n_epochs=14, n_repeats=3)
TINY = GridSize((0.5,), n_seeds=1, n_train=12, n_timepoints=12, n_epochs=2, n_repeats=1)


def grid_room(quick: bool) -> str:
    """Measure a small part of the paper's grid."""
    return f"## A search\n\n{grid_table(TINY if quick else REDUCED)}"


def grid_table(size: GridSize) -> str:
    """Measure the searches and write a markdown table."""
    seconds: dict[str, list[float]] = {name: [] for name in ("plain", "memory", "together")}
    apart: list[float] = []
    for _ in range(size.n_repeats):
        scores = {}
        for name, search in _searches(size).items():
            spent, scores[name] = in_child(search)
            seconds[name].append(spent)
        apart.append(float(np.abs(scores["together"] - scores["plain"]).max()))
    rows = []
    titles = {
        "plain": "`GridSearchCV`",
        "memory": "`GridSearchCV` with `memory`",
        "together": "`GDPDGridSearchCV`",
    }
    for name, own in seconds.items():
        ratios = np.divide(seconds["plain"], own)
        rows.append(
            [
                titles[name],
                f"{Spread.of(own).median:.3g} s",
                f"{np.median(ratios):.2f}",
                f"{ratios.min():.2f} – {ratios.max():.2f}",
            ]
        )
    head = ["search", "CPU time", "time of `GridSearchCV` ÷ its own", "range"]
    n_fits = len(ParameterGrid(size.grid()))
    return (
        f"{n_fits} fits ({len(size.earliness)} prefix lengths × 3 λ × 2 warm-ups × {size.n_seeds} "
        f"seeds), FCNs taught by FCNs, {size.n_train} series of {size.n_timepoints} points, "
        f"{size.n_epochs} epochs, in {size.n_repeats} turns. Largest difference between the log "
        f"losses of `GDPDGridSearchCV` and `GridSearchCV`: {max(apart):.1e}."
        f"\n\n{markdown(head, rows)}"
    )


def _searches(size: GridSize) -> dict[str, Callable[[], tuple[float, NDArray[np.float64]]]]:
    """Give searches that return CPU seconds and scores."""
    n_cases = size.n_train + 20
    X, codes = make_series(n_cases, size.n_timepoints, noise=1.0)
    fold = [(np.arange(size.n_train), np.arange(size.n_train, n_cases))]

    def search_with(
        kind: type[GridSearchCV], memory: str | None, n_epochs: int
    ) -> NDArray[np.float64]:
        classifier = GDPDClassifier(
            student="fcn", distiller="gdpd", n_epochs=n_epochs, device="cpu", memory=memory
        )
        search = kind(classifier, size.grid(), scoring="neg_log_loss", cv=fold, refit=False)
        scores: NDArray[np.float64] = search.fit(X, codes).cv_results_["mean_test_score"]
        return scores

    def run(kind: type[GridSearchCV], memory: str | None) -> tuple[float, NDArray[np.float64]]:
        # torch loads parts of itself at their first use: about two seconds for stacked networks
        search_with(kind, memory, n_epochs=2)
        started = time.process_time()
        scores = search_with(kind, memory, size.n_epochs)
        return time.process_time() - started, scores

    def remembered() -> tuple[float, NDArray[np.float64]]:
        with TemporaryDirectory() as folder:
            return run(GridSearchCV, folder)

    return {
        "plain": lambda: run(GridSearchCV, None),
        "memory": remembered,
        "together": lambda: run(GDPDGridSearchCV, None),
    }


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed._grid", description=__doc__)
    parser.add_argument("--full", action="store_true", help="the paper's grid: 180 fits, a while")
    size = FULL if parser.parse_args().full else REDUCED
    torch.set_num_threads(1)
    print(grid_table(size))


if __name__ == "__main__":
    main()
