"""Early classifiers side by side: harmonic mean, accuracy, earliness, oracle, seconds.

``python -m benchmarks.early run --data-dir DIR`` fits contestants on the same splits and the same
classification points (k/20 of the length, none under 9 time points, which MiniRocket needs);
``python -m benchmarks.early triggers`` compares all stopping rules on the same students;
``python -m benchmarks.early report`` prints the tables and draws accuracy against earliness.
Nothing is chosen by the test split.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from aeon.classification.convolution_based import MiniRocketClassifier
from aeon.classification.early_classification import (
    TEASER,
    ProbabilityThresholdEarlyClassifier,
)
from aeon.classification.interval_based import QUANTClassifier
from matplotlib.figure import Figure

from benchmarks._cells import load_results, run_cells
from benchmarks._data import UCR_12, load_split
from benchmarks._non_myopic import NonMyopic
from benchmarks._options import RunOptions, add_run_options
from benchmarks._statistics import signed_rank_p
from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import harmonic_mean, oracle_score
from gdpd_sklearn.triggers import TRIGGERS

CONTESTANTS: Mapping[str, Callable[..., Any]] = {
    "GDPD": GDPDEarlyClassifier,
    "GDPD, shared": partial(GDPDEarlyClassifier, shared=True),
    "GDPD, one fit": partial(GDPDEarlyClassifier, refit=True),
    "no distillation": partial(GDPDEarlyClassifier, distiller="none"),
    "KD": partial(GDPDEarlyClassifier, distiller="kd"),
    "TEASER": TEASER,
    "TEASER, MiniRocket": partial(TEASER, estimator=MiniRocketClassifier()),
    "threshold, MiniRocket": partial(
        ProbabilityThresholdEarlyClassifier, estimator=MiniRocketClassifier()
    ),
    "threshold, QUANT": partial(ProbabilityThresholdEarlyClassifier, estimator=QUANTClassifier()),
    "NonMyopic": NonMyopic,
    # fixed beforehand: waiting for the whole series is as bad as an error
    "NonMyopic, length costs 1": partial(NonMyopic, waiting_cost=1.0),
}


def classification_points(n_timepoints: int) -> list[int]:
    """Twentieths of the length, none under 9 time points."""
    return sorted({p for k in range(1, 21) if (p := round(k * n_timepoints / 20)) >= 9})


def compute(cell: dict[str, Any], data_dir: str | None) -> dict[str, Any]:
    """Fit one contestant on one set, and score it on the test split."""
    X, y = load_split(cell["set"], "train", data_dir)
    X_test, y_test = load_split(cell["set"], "test", data_dir)
    points = classification_points(X.shape[2])
    classifier = CONTESTANTS[cell["contestant"]](
        classification_points=tuple(points), random_state=cell["seed"]
    )
    start = time.process_time()
    classifier.fit(X, y)
    fit_seconds = time.process_time() - start
    start = time.process_time()
    _, accuracy, earliness = classifier.score(X_test, y_test)
    figures = {
        # aeon's harmonic mean is NaN where both terms vanish
        "harmonic_mean": float(harmonic_mean(accuracy, earliness)),
        "accuracy": float(accuracy),
        "earliness": float(earliness),
        "fit_seconds": fit_seconds,
        "score_seconds": time.process_time() - start,
    }
    if isinstance(classifier, GDPDEarlyClassifier):
        figures["oracle"] = _oracle(classifier, X_test, y_test)
    return figures


def compute_triggers(cell: dict[str, Any], data_dir: str | None) -> dict[str, Any]:
    """Fit students on one set, then every stopping rule on their held-out probabilities."""
    X, y = load_split(cell["set"], "train", data_dir)
    X_test, y_test = load_split(cell["set"], "test", data_dir)
    points = classification_points(X.shape[2])
    classifier = GDPDEarlyClassifier(
        classification_points=tuple(points), random_state=cell["seed"]
    ).fit(X, y)
    figures = {"oracle": _oracle(classifier, X_test, y_test)}
    for name in TRIGGERS:
        figures[name] = float(classifier.fit_trigger(name).score(X_test, y_test))
    return figures


def _oracle(classifier: GDPDEarlyClassifier, X: Any, y: Any) -> float:
    """Harmonic mean with hindsight, on the classifier's own probabilities."""
    points = np.array(classifier.classification_points_)
    probabilities = classifier.engine_.probabilities_up_to(X, len(points))
    codes = np.searchsorted(classifier.classes_, y)
    return float(oracle_score(probabilities, codes, points / classifier.n_timepoints_))


def report_triggers(folder: Path) -> None:
    """Print the harmonic mean of each rule, the mean over seeds, by set and over sets."""
    results = load_results(folder)
    print(f"\nHarmonic mean on the test split, mean over {results['seed'].nunique()} seeds\n")
    table = results.groupby("set")[[*TRIGGERS, "oracle"]].mean()
    table.loc["mean"] = table.mean()
    print(table.round(3).to_markdown())


def report(folder: Path) -> None:
    """Print mean and standard deviation over seeds, by set, and the means over sets."""
    results = load_results(folder).sort_values(["contestant", "set", "seed"], ignore_index=True)
    order = [name for name in CONTESTANTS if name in set(results["contestant"])]
    by_seed = results.groupby(["contestant", "set"])["harmonic_mean"]
    shown = (
        by_seed.mean().map("{:.3f}".format) + " ± " + by_seed.std().fillna(0.0).map("{:.3f}".format)
    )
    print("\nHarmonic mean on the test split, mean ± standard deviation over seeds\n")
    print(shown.unstack("contestant")[order].fillna("").to_markdown())
    print("\nMeans over sets (of means over seeds)\n")
    figures = ["harmonic_mean", "accuracy", "earliness", "oracle", "fit_seconds", "score_seconds"]
    results = results.reindex(columns=[*results, *({"oracle"} - set(results))])
    means = results.groupby(["contestant", "set"])[figures].mean().groupby(level=0).mean()
    means["sets"] = results.groupby("contestant")["set"].nunique()
    means["seeds"] = results.groupby("contestant")["seed"].nunique()
    print(means.loc[order].round(3).to_markdown())
    _report_differences(by_seed.mean().unstack("contestant")[order])
    path = folder / "report" / "accuracy_earliness.png"
    path.parent.mkdir(exist_ok=True)
    figure = _plot_accuracy_earliness(results.set_index("contestant").loc[order])
    figure.savefig(path, dpi=120, facecolor="white")
    print(f"\nwritten: {path}")


def _plot_accuracy_earliness(results: pd.DataFrame) -> Figure:
    """Draw the mean of each contestant large, each set small, over lines of equal harmonic mean."""
    figure = Figure(figsize=(7.4, 4.6), layout="constrained")
    axis = figure.subplots()
    x, y = np.meshgrid(np.linspace(0.0, 1.0, 101), np.linspace(0.0, 1.0, 101))
    levels = np.arange(0.1, 1.0, 0.1)
    lines = axis.contour(
        x, y, harmonic_mean(y, x), levels=levels, colors="#bbbbbb", linewidths=0.7, zorder=0
    )
    axis.clabel(lines, fontsize=7)
    colours = matplotlib.color_sequences["tab20" if results.index.nunique() > 10 else "tab10"]
    for contestant, colour in zip(results.index.unique(), colours, strict=False):
        sets = results.loc[[contestant]].groupby("set")[["earliness", "accuracy"]].mean()
        axis.scatter(sets["earliness"], sets["accuracy"], s=12, color=colour, alpha=0.45, lw=0)
        mean, label = sets.mean(), f"{contestant} ({len(sets)} sets)"
        axis.scatter(
            mean["earliness"], mean["accuracy"], s=90, color=colour, edgecolor="white", label=label
        )
    axis.set(
        xlabel="earliness (share of the series seen at the decision)", ylabel="accuracy",
        xlim=(0, 1), ylim=(max(0.0, results["accuracy"].min() - 0.05), 1.005),
        title="means over seeds: small, a set; large, over sets; lines, harmonic mean",
    )  # fmt: skip
    axis.title.set_fontsize(9)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)
    return figure


def _report_differences(by_set: pd.DataFrame) -> None:
    """Print how the first contestant differs from the others, over the sets both have."""
    first, *others = by_set.columns
    print(f"\nDifference in harmonic mean, {first} minus another: mean over sets, sets ahead, p\n")
    for other in others:
        difference = (by_set[first] - by_set[other]).dropna()
        p = f"{signed_rank_p(difference):.2f}" if len(difference) > 1 else "-"
        print(
            f"{other}: {difference.mean():+.3f}, {(difference > 0).sum()} of {len(difference)}, "
            f"Wilcoxon signed-rank p = {p}"
        )


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.early", description=__doc__)
    parser.add_argument("action", choices=["run", "triggers", "report"])
    parser.add_argument("--sets", nargs="+", default=UCR_12)
    parser.add_argument(
        "--contestants", nargs="+", default=["GDPD"], choices=CONTESTANTS, metavar="NAME",
        help=f"of {list(CONTESTANTS)}",
    )  # fmt: skip
    parser.add_argument("--seeds", type=int, default=5)
    add_run_options(parser, "results/early")
    args = parser.parse_args(arguments)
    options = RunOptions.read(parser, args)
    if args.action == "run":
        cells = [
            {"set": name, "contestant": contestant, "seed": seed}
            for contestant in args.contestants
            for seed in range(args.seeds)
            for name in args.sets
        ]
        run_cells(
            partial(compute, data_dir=options.data_dir), cells, options.out, **options.how
        )  # fmt: skip
    if args.action == "triggers":
        cells = [{"set": name, "seed": seed} for seed in range(args.seeds) for name in args.sets]
        folder = options.out / "triggers"
        run_cells(
            partial(compute_triggers, data_dir=options.data_dir), cells, folder, **options.how
        )  # fmt: skip
        report_triggers(folder)
    else:
        report(options.out)


if __name__ == "__main__":
    main()
