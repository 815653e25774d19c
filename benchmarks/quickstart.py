"""Quickstart: early decisions beside aeon's, then what students of prefixes reach.

``python -m benchmarks.quickstart`` trains on data sets that aeon bundles. The first table has early
classifiers: this package's default, and aeon's. The second has students of a share of the series:
the default, and convolutional ones alone and with GDPD (``--methods`` adds plain distillation,
``kd``). Written are ``early.csv``, ``results.csv`` and ``results.png``. The test split is used once
per fit, to report.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pandas as pd
from joblib import Memory, Parallel, delayed
from sklearn.base import clone
from tqdm import tqdm

from benchmarks._data import load_split
from benchmarks._options import add_sets_option, sets_of
from benchmarks._statistics import difference_over_sets
from benchmarks._threads import one_thread
from benchmarks.early._compute import contestant_cells
from benchmarks.early._points import classification_points
from benchmarks.early.contestants import CONTESTANTS
from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.data import LEAST_POINTS
from gdpd_sklearn.metrics import auc_prc, harmonic_mean

METHODS: Mapping[str, dict[str, Any]] = {
    "default": {},
    "none": {"student": "fcn", "distiller": "none"},
    "kd": {"student": "fcn", "distiller": "kd"},
    "gdpd": {"student": "fcn", "distiller": "gdpd"},
}
"""Name to parameters of the partial classifier."""
LABELS = {
    "default": "default (random kernels)", "none": "FCN alone", "kd": "FCN, distilled (KD)",
    "gdpd": "FCN, GDPD",
}  # fmt: skip
COLOURS = {"default": "#1b9e77", "none": "#777777", "kd": "#d95f02", "gdpd": "#1b6ca8"}
EARLY = ("default", "threshold, MiniRocket")
_EARLY_FIGURES = ["harmonic_mean", "accuracy", "earliness", "fit_seconds"]


def run_early(args: argparse.Namespace) -> pd.DataFrame:
    """Fit early classifiers on every set, and score each on the test split.

    All compute in this process, so that seconds can be compared; an untimed fit before each
    contestant's first one lets numba compile aeon's transforms.
    """
    cells = contestant_cells(args.contestants, args.sets, args.seeds, args.least_points)
    rows, warm = [], set()
    with one_thread():
        for cell in tqdm(cells, unit="early fit", mininterval=1.0):
            if cell["contestant"] not in warm:
                _early_figures(cell, args.data_dir)
                warm.add(cell["contestant"])
            rows.append(cell | _early_figures(cell, args.data_dir))
    return pd.DataFrame(rows)[["set", "contestant", "seed", *_EARLY_FIGURES]]


def _early_figures(cell: dict[str, Any], data_dir: str | None) -> dict[str, float]:
    X, y = load_split(cell["set"], "train", data_dir)
    contestant = clone(CONTESTANTS[cell["contestant"]])
    start = time.process_time()
    contestant.fit(X, y, classification_points(X.shape[2], cell["least_points"]), cell["seed"])
    seconds = time.process_time() - start
    X_test, y_test = load_split(cell["set"], "test", data_dir)
    labels, stop_times = contestant.decide(X_test)
    accuracy, earliness = (labels == y_test).mean(), (stop_times / X_test.shape[2]).mean()
    figures = harmonic_mean(accuracy, earliness), accuracy, earliness, seconds
    return dict(zip(_EARLY_FIGURES, map(float, figures), strict=True))


def print_early(results: pd.DataFrame) -> None:
    """Print the early classifiers by set, means over seeds, and their means over sets."""
    order = list(dict.fromkeys(results["contestant"]))
    by_set = results.groupby(["set", "contestant"], sort=False)[_EARLY_FIGURES].mean()
    by_set = by_set.sort_index(level="set", sort_remaining=False)
    over_sets = by_set.groupby("contestant").mean().loc[order]
    over_sets.index = pd.MultiIndex.from_product([["mean"], order])
    n_seeds = results["seed"].nunique()
    print(f"\nEarly classifiers on the test split, mean over {n_seeds} seeds\n")
    print(
        pd.concat([by_set, over_sets])
        .round(3)
        .reset_index(names=["set", "contestant"])
        .to_markdown(index=False)
    )


def run_cell(
    name: str, earliness: float, method: str, seed: int, memory: str, data_dir: str | None
) -> list[dict[str, Any]]:
    """Fit one student, and report it on the test split; the teacher too where there is one."""
    X, y = load_split(name, "train", data_dir)
    X_test, y_test = load_split(name, "test", data_dir)
    clf = GDPDClassifier(
        prefix_length=earliness,
        memory=Memory(memory, verbose=0),
        keep_teacher=True,
        random_state=seed,
        **METHODS[method],
    ).fit(X, y)
    cell = {"data set": name, "seed": seed}
    rows = [cell | {"earliness": earliness, "method": method} | _figures(clf, X_test, y_test)]
    if hasattr(clf, "teacher_"):
        probabilities = clf.teacher_.model.predict_proba(X_test)
        rows.append(
            cell
            | {"earliness": 1.0, "method": "teacher"}
            | {
                "auc_prc": auc_prc(y_test, probabilities),
                "accuracy": (clf.classes_[probabilities.argmax(1)] == y_test).mean(),
            }
        )
    return rows


def _figures(clf: GDPDClassifier, X: Any, y: Any) -> dict[str, float]:
    probabilities = clf.predict_proba(X)
    predicted = clf.classes_[probabilities.argmax(1)]
    return {"auc_prc": auc_prc(y, probabilities), "accuracy": float((predicted == y).mean())}


def run_all(args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Run every cell, the first of each teacher before the others, with a progress bar."""
    first: list[tuple[Any, ...]] = []
    later: list[tuple[Any, ...]] = []
    for name in args.sets:
        for seed in range(args.seeds):
            for e in args.earliness:
                for method in args.methods:
                    # a cell that trains the teacher comes first; the rest find it remembered
                    trains = method == args.methods[-1] and e == args.earliness[0]
                    (first if trains else later).append((name, e, method, seed))
    with (
        tempfile.TemporaryDirectory() as memory,
        tqdm(total=len(first) + len(later), unit="fit", mininterval=1.0, smoothing=0.1) as bar,
    ):
        for cells in (first, later):
            jobs = (delayed(run_cell)(*cell, memory, args.data_dir) for cell in cells)
            results = Parallel(n_jobs=args.n_jobs, return_as="generator_unordered")(jobs)
            for rows in results:
                bar.update()
                yield from rows


def summarise(results: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation over seeds."""
    grouped = results.groupby(["data set", "earliness", "method"])[["auc_prc", "accuracy"]]
    summary = grouped.agg(["mean", "std"]).round(4)
    summary.columns = [" ".join(column) for column in summary.columns]
    return summary.reset_index()


def print_table(summary: pd.DataFrame, n_seeds: int) -> None:
    """Print AUC-PRC and accuracy, mean ± standard deviation, in percent."""
    table = summary.copy()
    for figure in ("auc_prc", "accuracy"):
        mean, std = 100 * table[f"{figure} mean"], 100 * table[f"{figure} std"].fillna(0.0)
        table[figure] = [f"{m:5.1f} ± {s:4.1f}" for m, s in zip(mean, std, strict=True)]
    shown = table.pivot(
        index=["data set", "earliness"], columns="method", values=["auc_prc", "accuracy"]
    ).fillna("")
    order = [method for method in (*LABELS, "teacher") if method in set(table["method"])]
    shown = shown.reindex(columns=order, level="method")
    print(
        "\nStudents of a share of the series, test figures in percent: mean ± standard deviation "
        f"over {n_seeds} seeds\n"
    )
    print(shown.to_string())


def print_differences(results: pd.DataFrame) -> None:
    """Print the mean difference in AUC-PRC of each pair of methods, over (set, share) cells.

    See :func:`benchmarks._statistics.difference_over_sets`.
    """
    cells = results.groupby(["data set", "earliness", "method"])["auc_prc"].mean().unstack()
    methods = [method for method in LABELS if method in cells]
    print(
        "\nDifference in AUC-PRC, percentage points, mean over sets [95 % interval], p over cells\n"
    )
    for first, second in combinations(reversed(methods), 2):
        differences = 100 * (cells[first] - cells[second]).dropna()
        mean, half, p, by_set = difference_over_sets(differences, "data set")
        print(
            f"{first} - {second}: {mean:+.2f} [{mean - half:+.2f}, {mean + half:+.2f}], "
            f"p = {p:.2f} ({len(by_set)} sets, {len(differences)} cells)"
        )


def plot(summary: pd.DataFrame, path: Path) -> None:
    """Draw AUC-PRC against earliness, a panel per data set."""
    names = summary["data set"].unique()
    figure, axes = plt.subplots(
        1, len(names), figsize=(4.2 * len(names), 3.9), squeeze=False, layout="constrained"
    )
    for axis, name in zip(axes[0], names, strict=True):
        here = summary[summary["data set"] == name]
        methods = [method for method in LABELS if method in set(here["method"])]
        for number, method in enumerate(methods):
            rows = here[here["method"] == method]
            shift, label = 0.008 * (number - (len(methods) - 1) / 2), LABELS[method]
            axis.errorbar(
                rows["earliness"] + shift, 100 * rows["auc_prc mean"],
                100 * rows["auc_prc std"].fillna(0.0), label=label, color=COLOURS[method],
                marker="o", markersize=4, capsize=3,
            )  # fmt: skip
        teacher = here[here["method"] == "teacher"]["auc_prc mean"]
        if len(teacher):
            axis.axhline(
                100 * teacher.iloc[0], color="black", linestyle=":", label="teacher, full series"
            )
        axis.set_title(name)
        axis.set_xlabel("share of the series seen")
        axis.grid(alpha=0.3)
    axes[0, 0].set_ylabel("AUC-PRC on the test split, %")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def report_students(results: pd.DataFrame, path: Path) -> None:
    """Print the tables of students of prefixes, and draw them."""
    summary = summarise(results)
    print_table(summary, results["seed"].nunique())
    print_differences(results)
    plot(summary, path)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quickstart", description=__doc__)
    sets = ["GunPoint", "ItalyPowerDemand", "ArrowHead"]
    add_sets_option(parser, sets)
    parser.add_argument("--contestants", nargs="*", default=EARLY, choices=CONTESTANTS)
    parser.add_argument("--least-points", type=int, default=LEAST_POINTS)
    parser.add_argument("--earliness", nargs="+", type=float, default=[0.2, 0.5])
    parser.add_argument(
        "--methods", nargs="*", default=["default", "none", "gdpd"], choices=METHODS
    )
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--data-dir", help="folder with further sets in .ts files")
    parser.add_argument("--out", type=Path, default=Path("quickstart_results"))
    parser.add_argument("--report", action="store_true", help="only report what is in --out")
    args = parser.parse_args()
    if not args.report:
        args.sets = sets_of(parser, args.sets, args.data_dir)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.contestants:
        path = args.out / "early.csv"
        if not args.report:
            run_early(args).to_csv(path, index=False)
        print_early(pd.read_csv(path))
    if args.methods:
        path = args.out / "results.csv"
        if not args.report:
            columns = ["data set", "earliness", "method", "seed"]
            results = pd.DataFrame(run_all(args)).drop_duplicates(columns).sort_values(columns)
            results.to_csv(path, index=False)
        report_students(pd.read_csv(path), args.out / "results.png")
    print(f"\nwritten: {', '.join(map(str, sorted(args.out.glob('*.*'))))}")


if __name__ == "__main__":
    main()
