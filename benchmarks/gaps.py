"""Accuracy against the share of missing values, for student families and for a rival that imputes.

``python -m benchmarks.gaps --data-dir DIR`` leaves values out of training and test series of the
development sets, at random, or in blocks with ``--blocks``. Each student reads them as they are, or
behind aeon's ``SimpleImputer`` in a pipeline. The imputer takes the mean of a series, so that it
would tell a prefix of its future: both see prefixes alone. The table is in ``docs/messy.md``.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from aeon.datasets import load_classification
from aeon.pipeline import make_pipeline
from aeon.transformations.collection import SimpleImputer
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks._data import find_folder, load_split
from benchmarks._options import add_sets_option, sets_of
from benchmarks._threads import one_thread
from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier

__all__ = ["leave_out", "leave_out_blocks", "run_cell", "table", "vowels"]

SHARES = (0.0, 0.1, 0.3, 0.5)
WAYS = ("as they are", "imputed")


def leave_out(
    X: NDArray[np.floating], share: float, random: np.random.Generator
) -> NDArray[np.floating]:
    """Make so large a share of all values missing, each independently."""
    return np.where(random.random(X.shape) < share, np.nan, X)


def leave_out_blocks(
    X: NDArray[np.floating], share: float, random: np.random.Generator
) -> NDArray[np.floating]:
    """Make a block of each channel of each case missing, of so large a share of its length."""
    n_points = X.shape[2]
    size = round(share * n_points)
    start = random.integers(n_points - size + 1, size=X.shape[:2])[..., None]
    time_points = np.arange(n_points)
    return np.where((time_points >= start) & (time_points < start + size), np.nan, X)


def run_cell(cell: Mapping[str, Any], data_dir: str | None) -> dict[str, Any]:
    """Fit on series with gaps, score on others."""
    random = np.random.default_rng([cell["seed"], round(100 * cell["share"])])
    spoil = leave_out_blocks if cell["blocks"] else leave_out
    splits = {}
    for split in ("train", "test"):
        X, y = load_split(cell["set"], split, data_dir)
        X = X[:, :, : round(cell["earliness"] * X.shape[2])]
        splits[split] = spoil(X, cell["share"], random), y
    student = None if cell["student"] == "rocket" else cell["student"]
    clf: Any = GDPDClassifier(
        prefix_length=1.0, student=student, distiller="none", random_state=cell["seed"]
    )
    if cell["way"] == "imputed":
        clf = make_pipeline(SimpleImputer(), clf)
    start = time.process_time()
    with one_thread():
        clf.fit(*splits["train"])
        seconds = time.process_time() - start
        X_test, y_test = splits["test"]
        accuracy = 100 * float(np.mean(clf.predict(X_test) == y_test))
    return {**cell, "accuracy": accuracy, "seconds": seconds}


def table(results: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracy over sets and seeds, and what missing values cost with its standard error.

    The cost is against the same student and way without missing values, set by set.
    """
    keys = ["student", "way", "earliness"]
    per_set = results.groupby([*keys, "share", "set"], sort=False)["accuracy"].mean()
    wide = per_set.unstack("share")
    rows = {}
    for key, part in wide.groupby(level=keys, sort=False):
        shares = sorted(results["share"].unique())
        row = {f"{share:g}": f"{part[share].mean():.1f}" for share in shares}
        for share in shares[1:]:
            cost = part[shares[0]] - part[share]
            row[f"cost of {share:g}"] = f"{cost.mean():.1f} ± {cost.sem():.1f}"
        rows[key] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(keys)


def vowels(data_dir: str | None) -> pd.DataFrame:
    """Score early classifiers on JapaneseVowels, whose series are of unequal lengths."""
    folder = find_folder("JapaneseVowels", data_dir)
    train, test = (
        load_classification("JapaneseVowels", split=split, extract_path=folder)
        for split in ("train", "test")
    )
    rows = {}
    for by in ("time", "share"):
        with one_thread():
            early = GDPDEarlyClassifier(prefix_by=by, random_state=0).fit(*train)
            score = early.score(*test)
        rows[by] = {
            "harmonic mean": float(score), "accuracy": score.accuracy, "earliness": score.earliness
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("prefix_by")


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gaps", description=__doc__)
    add_sets_option(parser, ["dev8"])
    parser.add_argument("--students", nargs="+", default=["rocket"])
    parser.add_argument("--shares", nargs="+", type=float, default=SHARES)
    parser.add_argument("--earliness", nargs="+", type=float, default=[0.5, 1.0])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--blocks", action="store_true", help="one block in place of single values")
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--vowels", action="store_true", help="unequal lengths in place of gaps")
    parser.add_argument("--data-dir")
    parser.add_argument("--csv", help="write every cell's figures here")
    args = parser.parse_args()
    if args.vowels:
        print(vowels(args.data_dir).round(3).to_string())
        return
    sets = sets_of(parser, args.sets, args.data_dir)
    names = ("student", "way", "earliness", "share", "set", "seed")
    values = (args.students, args.ways, args.earliness, args.shares, sets, range(args.seeds))
    cells = [dict(zip(names, each, strict=True)) for each in itertools.product(*values)]
    jobs = [
        delayed(run_cell)({**cell, "blocks": args.blocks}, args.data_dir)
        for cell in cells
        # where nothing is missing there is nothing to impute
        if cell["share"] > 0 or cell["way"] == WAYS[0]
    ]
    rows = list(
        tqdm(
            Parallel(n_jobs=args.n_jobs, return_as="generator")(jobs),
            total=len(jobs), unit="fit", mininterval=10,
        )
    )  # fmt: skip
    whole = [{**row, "way": way} for row in rows if row["share"] == 0 for way in args.ways[1:]]
    results = pd.DataFrame(rows + whole)
    if args.csv:
        results.to_csv(args.csv, index=False)
    print(table(results).to_string())


if __name__ == "__main__":
    main()
