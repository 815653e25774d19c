"""Learning curves: what is gained by labels, and what by unlabelled series."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from benchmarks.labels._ways import WAYS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_learning_curves"]


def plot_learning_curves(results: pd.DataFrame) -> Figure:
    """Draw, for each task and student, the mean over sets against the labels in each class."""
    import matplotlib.pyplot as plt

    parts = list(results.groupby(["task", "student"], sort=False))
    figure, axes = plt.subplots(
        1, len(parts), figsize=(4.6 * len(parts), 3.8), squeeze=False, layout="constrained"
    )
    for axis, ((task, student), part) in zip(axes[0], parts, strict=True):
        early = task == "early"
        columns = [name for name in map(str, part) if name.startswith("accuracy_")]
        value = part["harmonic_mean"] if early else part[columns].mean(axis=1)
        by_set = value.groupby([part["way"], part["per_class"], part["set"]]).mean()
        means = by_set.groupby(level=[0, 1]).mean().unstack("per_class")
        order = sorted(means.columns, key=lambda n: float("inf") if n == "all" else n)
        for way in WAYS:
            if way in means.index:
                dash = "--" if way == "true labels" else "-"
                axis.plot(
                    [f"{n:g}" if n != "all" else "all" for n in order], means.loc[way, order],
                    dash, marker="o", markersize=4, label=way,
                )  # fmt: skip
        axis.set_xlabel("labels in each class")
        axis.set_ylabel("harmonic mean" if early else "accuracy, mean over shares / %")
        axis.set_title(f"{task}, {student}", fontsize=10)
        axis.grid(alpha=0.3)
    axes[0, 0].legend(fontsize=8)
    return figure
