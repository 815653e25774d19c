"""Whether a variant of distillation beats a student alone, and plain distillation.

``python -m benchmarks.research run`` trains students of few cases on development sets, which are
outside the suites of ``benchmarks.accuracy``; ``report`` prints differences with their spread.
With ``--teacher well-informed`` the teacher has seen the test cases too: a diagnosis of how much a
better teacher could give at all, never a result.
"""

from __future__ import annotations

import argparse
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from benchmarks._cells import load_results, run_cells
from benchmarks._data import load_split
from benchmarks._options import RunOptions, add_run_options, add_sets_option, sets_of
from benchmarks._statistics import difference_over_sets
from benchmarks.research._variants import VARIANTS
from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.metrics import auc_prc

TEACHERS = ("own", "well-informed")


def compute(cell: dict[str, Any], data_dir: str | None, memory: str) -> dict[str, Any]:
    """Fit one variant on few cases of one set; AUC-PRC on cases that it has not seen."""
    X, y = few_cases(cell["set"], "train", cell["n_train"], data_dir)
    X_test, y_test = few_cases(cell["set"], "test", cell["n_test"], data_dir)
    classifier = GDPDClassifier(
        prefix_length=cell["earliness"], teacher="fcn", student=cell["student"], memory=memory,
        random_state=cell["seed"], **VARIANTS[cell["variant"]],
    )  # fmt: skip
    if cell["teacher"] == "well-informed" and cell["variant"] != "none":
        everything = np.concatenate([X, X_test]), np.concatenate([y, y_test])
        classifier.set_params(teacher=classifier.fit_teacher(*everything))
    start = time.process_time()
    classifier.fit(X, y)
    return {
        "auc_prc": 100 * auc_prc(y_test, classifier.predict_proba(X_test)),
        "seconds": time.process_time() - start,
    }


def few_cases(
    name: str, split: str, n_cases: int, data_dir: str | None
) -> tuple[NDArray[np.floating], NDArray[Any]]:
    """Load a split, or a stratified part of so many cases, always the same."""
    X, y = load_split(name, split, data_dir)
    if len(y) <= n_cases:
        return X, y
    chosen, _ = train_test_split(
        np.arange(len(y)), train_size=n_cases, stratify=y, random_state=0
    )  # fmt: skip
    return X[np.sort(chosen)], y[np.sort(chosen)]


def report(folder: Path) -> None:
    """Print each variant beside ``none`` and ``kd``: mean difference over sets, and its spread."""
    for (student, teacher), results in load_results(folder).groupby(["student", "teacher"]):
        cells = results.pivot_table(
            index=["set", "earliness"], columns="variant", values="auc_prc", aggfunc="mean"
        )
        print(
            f"\n{student} students, teacher {teacher}: {results['set'].nunique()} sets, earliness "
            f"{sorted(map(float, results['earliness'].unique()))}, up to "
            f"{results['seed'].nunique()} seeds\n"
        )
        names = [name for name in VARIANTS if name in cells]
        table = pd.DataFrame([_row(cells, name) for name in names], index=names)
        print(table.to_markdown(floatfmt=".2f"))
        _print_details(results, cells[names])


def _print_details(results: pd.DataFrame, cells: pd.DataFrame) -> None:
    """Print the cells, and where a variant is ahead of ``none``: by share and by set."""
    figures = results.groupby(["set", "earliness", "variant"])["auc_prc"]
    spread = figures.agg(lambda each: f"{each.mean():.1f} ± {each.std(ddof=0):.1f}").unstack()
    print("\nMean and deviation over seeds\n")
    print(spread[list(cells)].reset_index().to_markdown(index=False))
    if "none" in cells:
        differences = cells.drop(columns="none").sub(cells["none"], axis=0)
        print("\nMinus none, by share and by set")
        for level in ("earliness", "set"):
            by_level = differences.groupby(level=level).mean()
            print(f"\n{by_level.to_markdown(floatfmt=('g', *['.1f'] * by_level.shape[1]))}")


def _row(cells: pd.DataFrame, name: str) -> dict[str, Any]:
    row: dict[str, Any] = {"AUC-PRC": cells[name].mean()}
    for reference in ("none", "kd"):
        if reference not in cells:
            continue
        differences = (cells[name] - cells[reference]).dropna()
        mean, half, p, by_set = difference_over_sets(differences, "set")
        row[f"minus {reference}"] = mean
        row[f"± (95 %, sets) {reference}"] = half
        row[f"p {reference}"] = p
        row[f"sets ahead of {reference}"] = f"{(by_set > 0).sum()} of {len(by_set)}"
    return row


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.research", description=__doc__)
    parser.add_argument("action", choices=["run", "report"])
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=VARIANTS)
    add_sets_option(parser, ["dev8"])
    parser.add_argument("--students", nargs="+", default=["fcn"])
    parser.add_argument("--teacher", choices=TEACHERS, default="own")
    parser.add_argument("--earliness", nargs="+", type=float, default=[0.2, 0.5, 0.8])
    parser.add_argument("--n-train", type=int, default=60)
    parser.add_argument("--n-test", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=3)
    add_run_options(parser, "results/research")
    args = parser.parse_args(arguments)
    options = RunOptions.read(parser, args)
    if args.action == "run":
        sets = sets_of(parser, args.sets, options.data_dir)
        cells = [
            {"set": name, "variant": variant, "student": student, "teacher": args.teacher,
             "earliness": earliness, "n_train": args.n_train, "n_test": args.n_test, "seed": seed}
            for seed in range(args.seeds)
            for student in args.students
            for name in sets
            for earliness in args.earliness
            for variant in args.variants
        ]  # fmt: skip
        memory = str(options.out / "teachers")
        run_cells(
            partial(compute, data_dir=options.data_dir, memory=memory), cells, options.out,
            **options.how,
        )  # fmt: skip
    report(options.out)


if __name__ == "__main__":
    main()
