"""Accuracy against earliness, as a figure."""

from __future__ import annotations

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gdpd_sklearn.metrics import harmonic_mean

__all__ = ["plot_accuracy_earliness"]


def plot_accuracy_earliness(results: pd.DataFrame) -> Figure:
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
