"""Which family of classifiers knows best what unlabelled complete series are.

``python -m benchmarks.research.teachers --data-dir DIR`` hides all but a few labels of the training
split of each development set and asks teachers of complete series about the others. Accuracy on
these bounds what students of prefixes can be taught. Test splits are never opened.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from aeon.distances import dtw_pairwise_distance, msm_pairwise_distance
from aeon.transformations.collection.convolution_based import (
    HydraTransformer,
    MiniRocket,
    MultiRocket,
)
from aeon.transformations.collection.interval_based import QUANTTransformer
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.ensemble import ExtraTreesClassifier

from benchmarks._cells import Cell, load_results, run_cells
from benchmarks._options import RunOptions, add_run_options, add_sets_option, sets_of
from benchmarks.labels._draws import UNLABELLED, draw_labels, load_draw
from gdpd_sklearn.data import PrefixView
from gdpd_sklearn.networks import Rocket
from gdpd_sklearn.solver import class_targets, solve_ridge

__all__ = ["TEACHERS", "compute", "report"]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def _own(X: Floats) -> Floats:
    """Features of the default teacher, random kernels of complete series."""
    n_timepoints = X.shape[2]
    view = PrefixView.fit(X, [n_timepoints], n_timepoints, "standard", False)
    series = view.scale(view.receive(X))
    network = Rocket().build(X.shape[1], n_timepoints, 2, 0)
    Rocket().prepare(network, series, 0)
    (features,) = network.along(series, [n_timepoints])
    return features.double().numpy()


def _standard(features: Any) -> Floats:
    """Features of unit variance, so that families count alike beside each other."""
    each = np.asarray(features, dtype=np.float64)
    spread = each.std(0)
    each = ((each - each.mean(0)) / np.where(spread > 0, spread, 1.0))[:, spread > 0]
    return each / each.shape[1] ** 0.5


FAMILIES: Mapping[str, Callable[[Floats], Any]] = {
    "random kernels": _own,
    "MiniRocket": lambda X: MiniRocket(random_state=0).fit_transform(X),
    "MultiRocket": lambda X: MultiRocket(random_state=0).fit_transform(X),
    "Hydra": lambda X: HydraTransformer(random_state=0).fit_transform(X),
    "QUANT": lambda X: QUANTTransformer().fit_transform(X),
}
"""Name of a family to the features that it makes of series (N, C, L)."""

JOINED = (
    ("random kernels", "Hydra"),
    ("random kernels", "QUANT"),
    ("random kernels", "MiniRocket", "Hydra"),
)
"""Families whose features one ridge regression reads side by side."""

DISTANCES: Mapping[str, Callable[[Floats], Floats]] = {
    "nearest neighbour, DTW": partial(dtw_pairwise_distance, window=0.1),
    "nearest neighbour, MSM": partial(msm_pairwise_distance, window=0.2),
}


def _ridge(features: Floats, y: Codes, n_classes: int) -> Floats:
    """Probabilities (N, K) of the closed form fitted to labelled cases."""
    known = torch.as_tensor(y != UNLABELLED)
    targets = class_targets(torch.as_tensor(np.maximum(y, 0)), n_classes)
    heads = solve_ridge([torch.as_tensor(features)], targets, known.double())
    # of a case that does not count, the left-out margin is the margin
    return np.asarray(softmax(2.0 * heads.left_out[0].numpy(), axis=1))


def _nearest(distances: Floats, y: Codes, n_classes: int) -> Floats:
    """Probabilities (N, K) that fall with the distance to the nearest case of each class."""
    of_class = np.stack([distances[:, y == code].min(1) for code in range(n_classes)], axis=1)
    return np.asarray(softmax(-3.0 * of_class / np.median(of_class.min(1)), axis=1))


def _answers(
    features: Mapping[str, Floats], distances: Mapping[str, Floats], y: Codes, seed: int
) -> dict[str, Floats]:
    """Ask each teacher about all cases, from the labelled ones: (N, K) each."""
    n_classes = int(y.max()) + 1
    said = {name: _ridge(each, y, n_classes) for name, each in features.items()}
    for names in JOINED:
        side_by_side = np.concatenate([features[name] for name in names], axis=1)
        said[" and ".join(names)] = _ridge(side_by_side, y, n_classes)
    known = y != UNLABELLED
    trees = ExtraTreesClassifier(200, max_features=0.1, criterion="entropy", random_state=seed)
    quant = features["QUANT"]
    said["QUANT, extra trees"] = trees.fit(quant[known], y[known]).predict_proba(quant)
    said |= {name: _nearest(each, y, n_classes) for name, each in distances.items()}
    votes = ("random kernels", "QUANT, extra trees", "nearest neighbour, MSM")
    said["vote: kernels, QUANT, MSM"] = np.stack([said[name] for name in votes]).sum(0)
    return said


TEACHERS = (
    *FAMILIES, *(" and ".join(names) for names in JOINED), "QUANT, extra trees", *DISTANCES,
    "vote: kernels, QUANT, MSM",
)  # fmt: skip
"""Names of the rows; the first is the default."""


def compute(cell: Cell, data_dir: str | None) -> dict[str, Any]:
    """Accuracy on unlabelled training cases, in percent, mean over draws of the labels."""
    draw = load_draw(cell["set"], None, 0, None, data_dir)
    X = draw.X.astype(np.float64)
    features = {name: _standard(make(X)) for name, make in FAMILIES.items()}
    distances = {name: measure(X) for name, measure in DISTANCES.items()}
    right: dict[str, list[float]] = {name: [] for name in TEACHERS}
    for seed in range(cell["draws"]):
        y = draw_labels(draw.truth, cell["per_class"], seed)
        unknown = y == UNLABELLED
        if not unknown.any():
            continue
        for name, said in _answers(features, distances, y, seed).items():
            hits = said[unknown].argmax(1) == draw.truth[unknown]
            right[name].append(100 * float(hits.mean()))
    return {name: float(np.mean(each)) for name, each in right.items() if each}


def report(folder: Path) -> None:
    """Print the mean over sets, and the difference to the first teacher with its error."""
    results = load_results(folder).dropna(subset=[TEACHERS[0]])
    for per_class, group in results.groupby("per_class"):
        print(f"\n{per_class} labels in each class, {len(group)} sets\n")
        print("| teacher | accuracy on unlabelled series | minus the first |\n|:--|--:|--:|")
        for name in TEACHERS:
            change = (group[name] - group[TEACHERS[0]]).to_numpy(dtype=float)
            spread = change.std(ddof=1) / len(change) ** 0.5
            print(f"| {name} | {group[name].mean():.1f} | {change.mean():+.1f} ± {spread:.1f} |")


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.research.teachers", description=__doc__
    )
    add_sets_option(parser, ["dev8"])
    parser.add_argument("--per-class", nargs="+", type=int, default=[3, 5])
    parser.add_argument("--draws", type=int, default=8)
    add_run_options(parser, "results/teachers")
    args = parser.parse_args(arguments)
    options = RunOptions.read(parser, args)
    sets = sets_of(parser, args.sets, options.data_dir)
    cells = [
        {"benchmark": "teachers", "set": name, "per_class": per_class, "draws": args.draws}
        for per_class in args.per_class
        for name in sets
    ]
    run_cells(partial(compute, data_dir=options.data_dir), cells, options.out, **options.how)
    report(options.out)


if __name__ == "__main__":
    main()
