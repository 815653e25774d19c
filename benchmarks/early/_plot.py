"""Pictures of the early benchmark: costs, ranks, operating points, critical differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from aeon.visualisation import create_multi_comparison_matrix, plot_critical_difference
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.early._costs import ALPHAS
from benchmarks.early._figures import cost_column
from benchmarks.early._ranks import complete, hypervolumes, mean_ranks, over_seeds
from gdpd_sklearn.metrics import harmonic_mean

__all__ = ["write_plots"]

_AT = (0.2, 0.5, 0.8)
_MOST = 12
_MARKERS = "os^Dv<>Ph*Xp"


def write_plots(
    rivals: pd.DataFrame, rows: pd.DataFrame, folder: Path, slug: str
) -> Iterator[Path]:
    """Draw a group of sets, and give each file.

    Parameters
    ----------
    rivals : DataFrame
        Rows of the contestants; each is drawn with its cheapest rule, if it has all sets.
    rows : DataFrame
        Those, and their anchors.
    folder : Path
    slug : str
        Begins the name of each file.
    """
    names = _drawn(rivals, _MOST)
    shown = rivals[rivals["contestant"].isin(names)]
    looks = {name: _look(number) for number, name in enumerate(names)}
    figures = {
        "costs": _costs(shown, rows, looks), "points": _points(shown, looks),
    }  # fmt: skip
    scores = complete(over_seeds(shown, cost_column("linear", 0.5)))
    if min(scores.shape) > 1:
        figures["ranks"] = _ranks(shown, looks)
    for name, figure in figures.items():
        path = folder / f"{slug}_{name}.png"
        figure.savefig(path, dpi=120, facecolor="white")
        yield path
    if scores.shape[0] > 4 and scores.shape[1] > 2:
        yield from _tests(shown, folder, slug)


def _drawn(rows: pd.DataFrame, most: int) -> list[str]:
    """Name who is drawn, in the order of the rows: of each entry the cheapest rule over all α.

    Whoever lacks a set is left out, unless all do: means over other sets would not compare.
    """
    costs = pd.concat(
        [over_seeds(rows, cost_column("linear", alpha)) for alpha in ALPHAS], keys=list(ALPHAS)
    )
    complete_ones = complete(costs)
    means = (costs if complete_ones.empty else complete_ones).mean()
    entries = rows.drop_duplicates("contestant").set_index("contestant")["entry"]
    cheapest = means.groupby(entries.reindex(means.index)).idxmin()
    kept = set(means[cheapest].nsmallest(most).index)
    return [name for name in dict.fromkeys(rows["contestant"]) if name in kept]


def _look(number: int) -> dict[str, Any]:
    """Give the first one more weight."""
    heavy = {"linewidth": 2.4, "markersize": 5, "zorder": 3}
    light = {"linewidth": 1.1, "markersize": 4, "zorder": 2}
    colours = (*matplotlib.color_sequences["tab10"], "black", "#999933")
    return {
        "color": colours[number], "marker": _MARKERS[number], **(light if number else heavy),
    }  # fmt: skip


def _costs(rows: pd.DataFrame, anchored: pd.DataFrame, looks: dict[str, dict[str, Any]]) -> Figure:
    """Draw the mean cost at each α beyond what hindsight would have cost."""
    figure = Figure(figsize=(9.2, 4.8), layout="constrained")
    axis = figure.subplots()
    anchors = anchored[(anchored["anchor"] != "") & (anchored["entry"] == "default")]
    base = _over_alphas(anchors[anchors["anchor"] == "hindsight"])
    floor = base.iloc[0] if len(base) else pd.Series(0.0, index=list(ALPHAS))
    for name, costs in _over_alphas(rows).iterrows():
        axis.plot(list(ALPHAS), costs - floor, label=name, **looks[str(name)])
    for anchor, style in (("as soon as possible", ":"), ("as late as possible", "--")):
        for _, costs in _over_alphas(anchors[anchors["anchor"] == anchor]).iterrows():
            axis.plot(list(ALPHAS), costs - floor, style, color="black", lw=1, label=anchor)
    top = (_over_alphas(rows) - floor).to_numpy()[:, 1:-1].max() if len(rows) else 1.0
    axis.set(
        xlabel="α, the weight of an error (1 − α: of waiting for the whole series)",
        ylabel="mean cost" + (" beyond hindsight" if len(base) else ""),
        ylim=(-0.04 * top, 1.15 * top),
    )
    _finish(axis, figure)
    return figure


def _over_alphas(rows: pd.DataFrame) -> pd.DataFrame:
    """Give mean costs over sets, (n_contestants, n_alphas)."""
    if rows.empty:
        return pd.DataFrame(columns=list(ALPHAS))
    columns = {a: over_seeds(rows, cost_column("linear", a)).mean() for a in ALPHAS}
    return pd.DataFrame(columns).loc[list(dict.fromkeys(rows["contestant"]))]


def _ranks(rows: pd.DataFrame, looks: dict[str, dict[str, Any]]) -> Figure:
    """Draw the mean rank at each α, for both settings of costs."""
    figure = Figure(figsize=(11.5, 4.6), layout="constrained")
    titles = {"linear": "an error costs 1, time f", "rare": "rarest class costs 100, time 100^f"}
    axes = figure.subplots(1, 2, sharey=True)
    for axis, (setting, title) in zip(axes, titles.items(), strict=True):
        for name, ranks in mean_ranks(rows, setting).iterrows():
            axis.plot(list(ALPHAS), ranks, label=name, **looks[str(name)])
        axis.set(xlabel="α, the weight of an error", title=title)
    axes[0].set_ylabel("mean rank by cost (1 is best)")
    axes[0].invert_yaxis()
    _finish(axes, figure, legend_of=axes[0])
    return figure


def _points(rows: pd.DataFrame, looks: dict[str, dict[str, Any]]) -> Figure:
    """Draw mean accuracy against mean earliness over α, on lines of equal harmonic mean."""
    figure = Figure(figsize=(9.2, 4.8), layout="constrained")
    axis = figure.subplots()
    x, y = np.meshgrid(np.linspace(0.0, 1.0, 101), np.linspace(0.0, 1.0, 101))
    levels = np.arange(0.1, 1.0, 0.05)
    lines = axis.contour(
        x, y, harmonic_mean(y, x), levels=levels, colors="#cccccc", linewidths=0.7, zorder=0
    )
    axis.clabel(lines, fontsize=7)
    least, volumes = 1.0, hypervolumes(rows).mean()
    for name, look in looks.items():
        own = rows[rows["contestant"] == name]
        at = {
            figure: [over_seeds(own, cost_column("linear", a, figure)).mean().iloc[0]
                     for a in ALPHAS[1:]]
            for figure in ("earliness", "accuracy")
        }  # fmt: skip
        label = f"{name} ({volumes[name]:.3f})"
        axis.plot(at["earliness"], at["accuracy"], label=label, **look)
        least = min(least, *at["accuracy"])
    axis.set(
        xlabel="earliness (share of the series seen at the decision), α from 0.1 to 1",
        ylabel="accuracy", title="means over sets; grey: equal harmonic mean; (hypervolume)",
        xlim=(0, 1), ylim=(max(0.0, least - 0.03), 1.005),
    )  # fmt: skip
    _finish(axis, figure)
    return figure


def _tests(rows: pd.DataFrame, folder: Path, slug: str) -> Iterator[Path]:
    """Draw critical differences of costs at some α, and the matrix of comparisons at the last."""
    for alpha in _AT:
        costs = complete(over_seeds(rows, cost_column("linear", alpha)))
        figure, axis = plot_critical_difference(
            costs.to_numpy(), list(costs), lower_better=True, test="wilcoxon", correction="holm",
            alpha=0.05, width=9.0,
        )  # fmt: skip
        axis.set_title(
            f"mean rank by cost at α = {alpha:g}, {len(costs)} sets; a bar joins whom Wilcoxon's "
            "test with Holm's correction does not part (5 %)", fontsize=8,
        )  # fmt: skip
        path = folder / f"{slug}_critical_difference_{alpha:g}.png"
        figure.savefig(path, dpi=120, facecolor="white", bbox_inches="tight")
        yield path
    matrix = create_multi_comparison_matrix(
        costs, higher_stat_better=False, statistic_name=f"cost at α = {_AT[-1]:g}",
        pvalue_test_params={"zero_method": "wilcox", "alternative": "two-sided"},
    )  # fmt: skip
    path = folder / f"{slug}_comparisons_{_AT[-1]:g}.png"
    matrix.savefig(path, dpi=110, facecolor="white", bbox_inches="tight")
    yield path


def _finish(axes: Axes | Sequence[Axes], figure: Figure, legend_of: Axes | None = None) -> None:
    """Take the spines away and put the legend beside the axes."""
    for axis in np.atleast_1d(np.asarray(axes, dtype=object)):
        axis.spines[["top", "right"]].set_visible(False)
    first = legend_of or np.atleast_1d(np.asarray(axes, dtype=object))[0]
    handles, labels = first.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center", frameon=False, fontsize=8)
