"""Options of the command, and what it does with them."""

from __future__ import annotations

import argparse
import logging
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gdpd_sklearn._version import __version__
from gdpd_sklearn.command._read import Cases, Split, read_split
from gdpd_sklearn.metrics import DecisionCost, Objective, harmonic_mean

__all__ = ["main"]

_EXAMPLES = """\
examples:
  an archive's folder, with GunPoint_TRAIN.ts and GunPoint_TEST.ts in it:
    python -m gdpd_sklearn data/GunPoint --out results
  a wide table, a row for each case and a column for each time point:
    python -m gdpd_sklearn machines.csv --label state --test-share 0.3
  a long table, a row for each measurement, on a grid of five minutes:
    python -m gdpd_sklearn stays.csv --case patient --time when --label outcome --step 5min
  deciding matters more than waiting: being a whole series late costs a tenth of an error:
    python -m gdpd_sklearn machines.csv --label state --delay-cost 0.1

A classifier that was kept answers in Python:
    early = GDPDEarlyClassifier.load("results/early.safetensors")
    early.predict_early(X), early.stream()
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; give its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        0, or 2 where data or options are not as they should be: the reason goes to stderr.
    """
    options = _parser().parse_args(arguments)
    if options.verbose:
        logging.basicConfig(level=logging.INFO, format="%(message)s")
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            chosen = _chosen(options.classifiers)
            split = read_split(options)
            sys.stdout.write(f"{_about(split)}\n")
            if options.out is not None:  # told before anything is fitted
                Path(options.out).mkdir(parents=True, exist_ok=True)
            rows = [_COMMANDS[name](split, options) for name in chosen]
        except (ValueError, TypeError, OSError) as error:
            sys.stderr.write(f"gdpd_sklearn: error: {error}\n")
            return 2
    figures = ["accuracy", "earliness", "harmonic mean"]
    sys.stdout.write(_table(rows, [*figures, "cost"] if options.delay_cost else figures))
    if options.out is not None:
        sys.stdout.write(f"kept in {options.out}: {', '.join(_kept(rows))}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gdpd_sklearn",
        description="Fit early and partial classifiers of time series on data of your own, score "
        "them on cases that they did not see, and keep them.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("data", help="folder with NAME_TRAIN.ts and NAME_TEST.ts, a .ts file, or a CSV")
    add("--version", action="version", version=f"gdpd_sklearn {__version__}")
    add("--out", help="folder for fitted classifiers and reports; made where it is not there")
    add("--verbose", action="store_true", help="tell what is done, and how long it takes")
    _add_data(parser.add_argument_group("data"))
    _add_classifiers(parser.add_argument_group("classifiers"))
    return parser


# fmt: off
def _add_data(group: Any) -> None:
    add = group.add_argument
    add("--test", help="file of test cases; by default NAME_TEST.ts, or a share of the cases")
    add("--test-share", type=float, default=0.3, metavar="SHARE",
        help="share of the cases to test on, where there is no file of them (default: 0.3)")
    add("--label", metavar="COLUMN",
        help="column of labels; by default label, class, target or y, or without a header the "
             "first")
    add("--case", metavar="COLUMN", help="long table: column that says which series a row is of")
    add("--time", metavar="COLUMN", help="long table: column of times, numbers or dates")
    add("--channels", metavar="A,B",
        help="long table: columns of measurements (default: all other numbers)")
    add("--step", type=_step,
        help="long table: puts times on a grid, such as 5min or 0.5 (default: as they are)")
    add("--id", metavar="COLUMN", help="wide table: column of names of the cases")
    add("--sep", help="what parts the columns (default: comma, in .tsv a tab)")
    add("--no-header", action="store_true", help="the table has no names of columns")
# fmt: on


# fmt: off
def _add_classifiers(group: Any) -> None:
    add = group.add_argument
    add("--classifiers", default="early,partial", metavar="A,B",
        help="which to fit: early, partial or both (default)")
    add("--prefix", type=_share_or_count, default=0.5,
        help="what the partial one sees: a share such as 0.5, or a number of time points such as "
             "40 (default: 0.5)")
    add("--points", type=int, default=20, help="points of time at which the early one may decide")
    add("--trigger", default="falling_threshold", help="rule of the early one, by name")
    add("--delay-cost", type=float, metavar="COST",
        help="cost of waiting for a whole series, an error being 1; the rule is then chosen for "
             "the least cost (default: for the harmonic mean)")
    add("--student", help="network of both, by name (default: random kernels, in closed form)")
    add("--distiller", default="auto", help="method that trains a student (default: auto)")
    add("--epochs", type=int, help="epochs of students that are trained")
    add("--seed", type=int, default=0, help="of fits and of the split (default: 0)")
# fmt: on


def _step(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _share_or_count(text: str) -> float | int:
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no share such as 0.5 and no number of time points such as 40"
        ) from None


def _chosen(text: str) -> list[str]:
    chosen = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in chosen if name not in _COMMANDS]
    if unknown or not chosen:
        raise ValueError(f"--classifiers {text!r} must name some of {sorted(_COMMANDS)}.")
    return chosen


def _about(split: Split) -> str:
    X, y = split.train.X, split.train.y
    lengths = sorted({series.shape[-1] for series in X})
    long = f"{lengths[0]}" if len(lengths) == 1 else f"{lengths[0]} to {lengths[-1]}"
    labels, counts = np.unique(y, return_counts=True)
    shown = ", ".join(f"{k} ({n})" for k, n in list(zip(labels, counts, strict=True))[:8])
    n_channels = X[0].shape[0]
    channels = "1 channel" if n_channels == 1 else f"{n_channels} channels"
    more = ", …" if len(labels) > 8 else ""
    return (
        f"{len(y)} cases to learn from, {channels}, {long} time points; "
        f"{split.about}\n{len(labels)} classes: {shown}{more}\n"
    )


Row = dict[str, Any]


def _early(split: Split, options: argparse.Namespace) -> Row:
    from gdpd_sklearn.estimators import GDPDEarlyClassifier

    cost = options.delay_cost
    objective: Objective = "harmonic_mean" if cost is None else DecisionCost(delay=cost)
    clf = GDPDEarlyClassifier(
        options.points, trigger=options.trigger, objective=objective, **_common(options)
    )
    seconds = _fit(clf, split.train)
    score = clf.score(split.test.X, split.test.y)
    report = clf.report(_complete(split.test.X, clf.n_timepoints_))
    kept = _keep(clf, report, split.test, "early", options.out)
    return {
        "classifier": "early", "accuracy": score.accuracy, "earliness": score.earliness,
        "harmonic mean": float(score), "cost": _cost(score.accuracy, score.earliness, cost),
        "seconds": seconds, "kept": kept,
    }  # fmt: skip


def _partial(split: Split, options: argparse.Namespace) -> Row:
    from gdpd_sklearn.estimators import GDPDClassifier

    clf = GDPDClassifier(options.prefix, **_common(options))
    seconds = _fit(clf, split.train)
    X = _complete(split.test.X, clf.prefix_length_)
    accuracy = clf.score(X, split.test.y)
    probabilities = clf.predict_proba(X)
    report = pd.DataFrame({
        "label": clf.classes_[probabilities.argmax(axis=1)],
        "confidence": probabilities.max(axis=1),
    })  # fmt: skip
    earliness = clf.prefix_length_ / clf.n_timepoints_
    kept = _keep(clf, report, split.test, "partial", options.out)
    return {
        "classifier": f"partial, {clf.prefix_length_} points", "accuracy": accuracy,
        "earliness": earliness, "harmonic mean": float(harmonic_mean(accuracy, earliness)),
        "cost": _cost(accuracy, earliness, options.delay_cost), "seconds": seconds, "kept": kept,
    }  # fmt: skip


def _cost(accuracy: float, earliness: float, delay: float | None) -> float:
    """Give the average cost of a case, an error being 1."""
    return 1.0 - accuracy + (delay or 0.0) * earliness


_COMMANDS = {"early": _early, "partial": _partial}


def _common(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "student": options.student, "distiller": options.distiller, "n_epochs": options.epochs,
        "random_state": options.seed,
    }  # fmt: skip


def _fit(clf: Any, train: Cases) -> float:
    start = time.perf_counter()
    clf.fit(train.X, train.y)
    return time.perf_counter() - start


def _complete(X: Any, length: int) -> Any:
    """Put NaN behind series that ended, as whole series of a file have."""
    from gdpd_sklearn.data import pad_series

    return pad_series([np.asarray(each, dtype=np.float64) for each in X], length)


def _keep(clf: Any, report: pd.DataFrame, test: Cases, name: str, out: str | None) -> list[str]:
    """Write the classifier and its report; give the names of the files."""
    if out is None:
        return []
    folder = Path(out)
    clf.save(folder / f"{name}.safetensors")
    report = report.reset_index(drop=True)
    report.insert(0, "case", test.names)
    report.insert(1, "true_label", test.y)
    report.insert(2, "right", report["label"].to_numpy() == test.y)
    report.to_csv(folder / f"{name}.csv", index=False)
    return [f"{name}.safetensors", f"{name}.csv"]


def _kept(rows: Sequence[Row]) -> list[str]:
    return [name for row in rows for name in row["kept"]]


def _table(rows: Sequence[Row], figures: Sequence[str]) -> str:
    """Lay out the figures in columns."""
    cells = [["classifier", *figures, "seconds"]]
    for row in rows:
        cells.append(
            [row["classifier"], *(f"{row[name]:.3f}" for name in figures), f"{row['seconds']:.1f}"]
        )
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])
        for line in cells
    ]
    return "\n".join(lines) + "\n"


def _show_warning(message: Any, *_: Any, **__: Any) -> None:
    sys.stderr.write(f"gdpd_sklearn: warning: {message}\n")
