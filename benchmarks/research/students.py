"""Which student the partial classifier should have, asked inside training splits alone.

``python -m benchmarks.research.students --data-dir DIR`` fits students on some cases of the
training split of each development set, drawn by the seed, and scores them on the rest of it. Test
splits are never opened. The table is in ``docs/defaults.md``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedShuffleSplit

from benchmarks._cells import Cell, load_results, run_cells
from benchmarks._data import load_split
from benchmarks._options import RunOptions, add_run_options, add_sets_option, sets_of
from benchmarks._statistics import difference_over_sets
from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.metrics import auc_prc

__all__ = ["STUDENTS", "compute", "report"]

STUDENTS: Mapping[str, dict[str, Any]] = {
    "rocket": {"student": "rocket"},
    "rocket, kd": {"student": "rocket", "teacher": "rocket", "distiller": "kd"},
    "fcn, none": {"student": "fcn", "distiller": "none"},
    "fcn, gdpd": {"student": "fcn", "teacher": "fcn", "distiller": "gdpd"},
}
"""Name to parameters of the classifier; the first is compared with the others."""


def compute(cell: Cell, data_dir: str | None) -> dict[str, Any]:
    """Fit on ``n_train`` cases of a training split, two thirds at most; AUC-PRC on the others."""
    X, y = load_split(cell["set"], "train", data_dir)
    n_train = min(cell["n_train"], 2 * len(y) // 3)
    parts = StratifiedShuffleSplit(
        1, train_size=n_train, test_size=len(y) - n_train, random_state=cell["seed"]
    )
    ((train, held),) = parts.split(X, y)
    classifier = GDPDClassifier(
        prefix_length=cell["earliness"], random_state=cell["seed"], **STUDENTS[cell["student"]]
    )
    start = time.process_time()
    classifier.fit(X[train], y[train])
    seconds = time.process_time() - start
    probabilities = classifier.predict_proba(X[held])
    right = classifier.classes_[probabilities.argmax(1)] == y[held]
    return {
        "auc_prc": 100 * auc_prc(y[held], probabilities),
        "accuracy": 100 * float(np.mean(right)),
        "seconds": seconds,
    }


def report(folder: Path) -> None:
    """Print AUC-PRC by share and by set, and how the first student differs from each other one.

    Draws that some student lacks are left out, so that all are compared on the same cases.
    """
    results = load_results(folder)
    names = [name for name in STUDENTS if name in set(results["student"])]
    level = ["set", "earliness", "seed", "student"]
    draws = results.set_index(level)[["auc_prc", "accuracy", "seconds"]].unstack("student").dropna()
    cells = draws.groupby(level=["set", "earliness"]).mean()
    auc = cells["auc_prc"][names]
    n_sets, n_draws = (draws.index.unique(name).size for name in ("set", "seed"))
    print(f"\nAUC-PRC inside training splits: {n_sets} sets, up to {n_draws} draws of cases\n")
    by_share = auc.groupby(level="earliness").mean().rename("at {:g}".format).T
    table = by_share.assign(
        mean=auc.mean(), accuracy=cells["accuracy"].mean(), seconds=cells["seconds"].mean()
    )
    print(table.loc[names].to_markdown(floatfmt=".2f"))
    print("\nMean over shares, by set\n")
    print(auc.groupby(level="set").mean().to_markdown(floatfmt=".1f"))
    first, *others = names
    print(f"\n{first} minus another: mean over sets ± half of a 95 % interval, p over cells\n")
    for other in others:
        print(_difference((auc[first] - auc[other]).dropna(), other))


def _difference(differences: pd.Series, other: str) -> str:
    mean, half, p, by_set = difference_over_sets(differences, "set")
    ahead = f"{(by_set > 0).sum()} of {len(by_set)}"
    return f"{other}: {mean:+.2f} ± {half:.2f}, p = {p:.3f}, sets ahead {ahead}"


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.research.students", description=__doc__
    )
    add_sets_option(parser, ["dev8"])
    parser.add_argument(
        "--students", nargs="+", default=list(STUDENTS), choices=STUDENTS, metavar="NAME",
        help=f"of {list(STUDENTS)}",
    )  # fmt: skip
    parser.add_argument("--earliness", nargs="+", type=float, default=[0.2, 0.4, 0.5, 0.6, 0.8])
    parser.add_argument("--n-train", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=2)
    add_run_options(parser, "results/students")
    args = parser.parse_args(arguments)
    options = RunOptions.read(parser, args)
    sets = sets_of(parser, args.sets, options.data_dir)
    cells = [
        {"benchmark": "students", "set": name, "student": student, "earliness": earliness,
         "n_train": args.n_train, "seed": seed}
        for seed in range(args.seeds)
        for student in args.students
        for name in sets
        for earliness in args.earliness
    ]  # fmt: skip
    run_cells(partial(compute, data_dir=options.data_dir), cells, options.out, **options.how)
    report(options.out)


if __name__ == "__main__":
    main()
