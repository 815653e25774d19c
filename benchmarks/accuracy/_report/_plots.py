"""Figures of the report; each function returns a matplotlib figure that pyplot does not hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from aeon.visualisation import plot_critical_difference
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from benchmarks.accuracy._report import _published
from gdpd_sklearn.distillers import DISTILLERS

__all__ = ["bars", "critical_difference", "curves", "earliness_curves", "scatter", "weight_curve"]

PALETTE = {
    "none": "#777777", "kd": "#d95f02", "fitnets": "#1b9e77", "gdpd": "#1b6ca8",
}  # fmt: skip
OTHERS = ("#7570b3", "#e7298a", "#66a61e", "#e6ab02", "#a6761d", "#17becf", "#8c564b", "#bcbd22")
MARKERS = "osD^vP*X<>"


def colour(method: str) -> str:
    """Give a method its colour, the same in each figure."""
    if method in PALETTE:
        return PALETTE[method]
    rest = [name for name in DISTILLERS if name not in PALETTE]
    position = rest.index(method) if method in rest else len(rest) + sum(map(ord, method))
    return OTHERS[position % len(OTHERS)]


def marker(method: str) -> str:
    """Give a method its mark, the same in each figure."""
    position = list(DISTILLERS).index(method) if method in DISTILLERS else len(DISTILLERS)
    return MARKERS[position % len(MARKERS)]


def _axes(width: float = 5.6, height: float = 3.9, columns: int = 1) -> tuple[Figure, list[Axes]]:
    layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1)
    figure = Figure(figsize=(width * columns, height), layout=layout)
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for axis in axes:
        axis.set_axisbelow(True)
        axis.grid(alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    return figure, list(axes)


def critical_difference(scores: pd.DataFrame) -> Figure:
    """Draw aeon's diagram of average ranks; bars join what Nemenyi's test does not tell apart.

    Cliques by Wilcoxon tests, which aeon offers too, were rejected: with tied scores on a dozen
    sets scipy goes through all sign patterns for each test, and one diagram of twelve methods
    takes ten seconds. The signed-rank tests stand in the table beside it.
    """
    longest = max(map(len, scores.columns))
    figure, _ = plot_critical_difference(
        scores.to_numpy(), list(scores.columns), test="nemenyi", alpha=0.05,
        textspace=max(1.2, 0.12 * longest),
    )  # fmt: skip
    plt.close(figure)
    return figure


def scatter(scores: Mapping[float, pd.DataFrame], first: str, second: str) -> Figure:
    """Draw the scores of two methods against each other, a mark for each set and earliness."""
    figure, (axis,) = _axes(4.8, 4.6)
    shades = matplotlib.colormaps["viridis"](np.linspace(0.0, 0.85, len(scores)))
    values = np.concatenate(
        [table[[first, second]].to_numpy().ravel() for table in scores.values()]
    )
    low, high = values.min(), values.max()
    margin = 0.04 * max(high - low, 1.0)
    limits = (low - margin, high + margin)
    axis.plot(limits, limits, color="#999999", lw=1)
    for (earliness, table), shade, mark in zip(
        sorted(scores.items()), shades, (MARKERS * 3)[: len(scores)], strict=True
    ):
        axis.plot(
            table[first], table[second], linestyle="", marker=mark, ms=5.5, color=shade,
            markeredgecolor="white", markeredgewidth=0.5, label=f"{earliness:g}",
        )  # fmt: skip
    above = sum(int((table[second] > table[first]).sum()) for table in scores.values())
    below = sum(int((table[second] < table[first]).sum()) for table in scores.values())
    axis.text(0.03, 0.97, f"{second} better: {above}", transform=axis.transAxes, va="top")
    axis.text(0.97, 0.09, f"{first} better: {below}", transform=axis.transAxes, ha="right")
    axis.set(
        xlim=limits, ylim=limits, aspect="equal", xlabel=f"AUC-PRC × 100, {first}",
        ylabel=f"AUC-PRC × 100, {second}",
    )  # fmt: skip
    axis.legend(
        title="earliness", loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8
    )
    return figure


def earliness_curves(
    summaries: Mapping[float, pd.DataFrame], teacher: Mapping[float, float], suite: str
) -> Figure:
    """Draw the averages of each method against earliness, the paper's beside them."""
    table = pd.DataFrame({e: s["average"] for e, s in sorted(summaries.items())}).T
    spread = pd.DataFrame({e: s["std"] for e, s in sorted(summaries.items())}).T
    published = suite == "UCR-12"
    figure, axes = _axes(columns=2 if published else 1)
    curves_on(axes[0], table, spread)
    level = pd.Series(teacher).sort_index()
    if level.notna().any():
        axes[0].plot(
            level.index, level, color="black", ls=":", lw=1.2, label="teacher, full series"
        )
    axes[0].set(xlabel="share of the series seen", ylabel="AUC-PRC × 100, average over sets")
    axes[0].set_title("here", fontsize=10)
    if published:
        paper = pd.DataFrame(dict(_published.AVERAGES)).T.drop(index=0.5)
        paper = paper[[name for name in PALETTE if name in paper]]
        curves_on(axes[1], paper, None)
        axes[1].set(xlabel="share of the series seen")
        axes[1].set_title("paper (LSTM3-100, chosen on test)", fontsize=10)
        low = min(axes[0].get_ylim()[0], axes[1].get_ylim()[0])
        high = max(axes[0].get_ylim()[1], axes[1].get_ylim()[1])
        for axis in axes:
            axis.set_ylim(low, high)
    legend_below(figure, axes[0])
    return figure


def curves(panels: Sequence[tuple[pd.DataFrame, str]], xlabel: str) -> Figure:
    """Draw tables side by side: the index along x, a line for each column, a label for each y."""
    figure, axes = _axes(5.6 if len(panels) <= 2 else 3.8, columns=len(panels))
    for axis, (table, label) in zip(axes, panels, strict=True):
        curves_on(axis, table, None)
        axis.set(xlabel=xlabel, ylabel=label)
    legend_below(figure, axes[0])
    return figure


def curves_on(axis: Axes, table: pd.DataFrame, spread: pd.DataFrame | None) -> None:
    """Draw a line for each column of ``table``, a tick for each row."""
    axis.set_xticks(list(table.index), [f"{value:g}" for value in table.index])
    for name in table:
        method = str(name)
        line = table[method].dropna()
        axis.plot(
            line.index, line, marker=marker(method), ms=4.5, lw=1.4, color=colour(method),
            label=method,
        )  # fmt: skip
        if spread is not None:
            width = spread[method].reindex(line.index).fillna(0.0)
            axis.fill_between(
                line.index, line - width, line + width, color=colour(method), alpha=0.12, lw=0
            )


def weight_curve(ours: pd.Series, paper: Mapping[float, float] | None, label: str) -> Figure:
    """Draw scores by weight on a logarithmic axis that begins at 0."""
    figure, (axis,) = _axes(5.6, 3.9)
    axis.plot(ours.index, ours, "o-", color=PALETTE["gdpd"], label=label)
    if paper is not None:
        axis.plot(
            list(paper), list(paper.values()), "s--", color="#999999", ms=4,
            label="paper (one set, not named)",
        )  # fmt: skip
    axis.set_xscale("symlog", linthresh=0.01)
    axis.set(xlabel="weight", ylabel="AUC-PRC × 100", xlim=(-0.002, None))
    ticks = sorted({*ours.index, *(paper or {})})
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    legend_below(figure, axis)
    return figure


def bars(values: pd.Series, label: str) -> Figure:
    """Draw a horizontal bar for each method, the first on top."""
    figure, (axis,) = _axes(5.6, 0.9 + 0.3 * len(values))
    axis.barh(values.index, values, color=[colour(str(name)) for name in values.index], height=0.7)
    for position, value in enumerate(values):
        axis.text(value, position, f" {value:.2f}", va="center", fontsize=8)
    axis.invert_yaxis()
    axis.grid(axis="y", alpha=0.0)
    axis.set(xlabel=label, xlim=(0, 1.12 * values.max()))
    return figure


def legend_below(figure: Figure, axis: Any) -> None:
    """Put the legend of ``axis`` under the figure."""
    handles, labels = axis.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=min(len(labels), 6), frameon=False,
        fontsize=9,
    )  # fmt: skip
