"""Tables of a folder of cells: the early classifiers, and the stopping rules."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks._cells import load_results
from benchmarks._statistics import signed_rank_p
from benchmarks.early._compute import ALPHAS, cost_column
from benchmarks.early._plot import plot_accuracy_earliness
from benchmarks.early._published import published_rows
from benchmarks.early.contestants import CONTESTANTS
from gdpd_sklearn.triggers import TRIGGERS

__all__ = ["report", "report_triggers"]

_COSTS = {cost_column(alpha): alpha for alpha in ALPHAS}
_MEANS = [
    "harmonic_mean", "accuracy", "earliness", "oracle", *_COSTS, "fit_seconds", "score_seconds",
]  # fmt: skip

_CAPTION = """Means over sets (of means over seeds)

AvgCost is α · error + (1 − α) · earliness; its rule is fitted for each α on held-out cases, or one
for all. Classification points are every 5 % of the length, from so many time points on; published
figures, of others, have points of their own and are rounded to percents."""


def report(folder: Path) -> None:
    """Print mean and standard deviation over seeds, by set, and the means over sets."""
    results, order = _read(folder)
    by_seed = results.groupby(["contestant", "set"])["harmonic_mean"]
    spread = by_seed.std()
    shown = by_seed.mean().map("{:.3f}".format) + spread.map(" ± {:.3f}".format).where(
        spread.notna(), ""
    )
    print("\nHarmonic mean on the test split, mean ± standard deviation over seeds\n")
    print(shown.unstack("contestant")[order].fillna("").to_markdown())
    print(f"\n{_CAPTION}\n")
    print(_means(results).loc[order].round(3).to_markdown())
    _report_differences(by_seed.mean().unstack("contestant")[order])
    path = folder / "report" / "accuracy_earliness.png"
    path.parent.mkdir(exist_ok=True)
    figure = plot_accuracy_earliness(results.set_index("contestant").loc[order])
    figure.savefig(path, dpi=120, facecolor="white")
    print(f"\nwritten: {path}")


def _read(folder: Path) -> tuple[pd.DataFrame, list[str]]:
    """Give the cells, and the contestants' names in the order of the tables.

    Cells of other points are another contestant: they are not averaged over.
    """
    results = load_results(folder)
    results = results.reindex(columns=list(dict.fromkeys([*results, *_MEANS, "fits_rules"])))
    # cells of older runs do not say it: no point was under 9
    results["least_points"] = results.get("least_points", pd.Series(index=results.index)).fillna(9)
    several = results.groupby("contestant")["least_points"].transform("nunique") > 1
    place = {name: number for number, name in enumerate(CONTESTANTS)}
    results["place"] = results["contestant"].map(lambda name: place.get(name, len(place)))
    suffix = ", from " + results["least_points"].map("{:.0f}".format)
    results["contestant"] += suffix.where(several, "")
    if others := published_rows(results["set"], _COSTS):
        results = pd.concat([results, pd.DataFrame(others).assign(place=len(place) + 1)])
    results = results.sort_values(
        ["place", "contestant", "set", "seed"], kind="stable", ignore_index=True
    )
    return results, list(dict.fromkeys(results["contestant"]))


def _means(results: pd.DataFrame) -> pd.DataFrame:
    """Mean figures of each contestant over sets, with what they rest on."""
    means = results.groupby(["contestant", "set"])[_MEANS].mean().groupby(level=0).mean()
    by_contestant = results.groupby("contestant")
    rules = by_contestant["fits_rules"].first().map({True: "each α", False: "one"}).fillna("")
    means.insert(_MEANS.index(list(_COSTS)[-1]) + 1, "rule", rules)
    means = means.rename(columns={cost_column(alpha): f"AvgCost {alpha:g}" for alpha in ALPHAS})
    points = by_contestant["least_points"].first()
    means["points from"] = points.map("{:.0f}".format).where(points.notna(), "")
    means["sets"] = by_contestant["set"].nunique()
    means["seeds"] = by_contestant["seed"].nunique()
    return means


def report_triggers(folder: Path) -> None:
    """Print the harmonic mean of each rule, the mean over seeds, by set and over sets."""
    results = load_results(folder)
    print(f"\nHarmonic mean on the test split, mean over {results['seed'].nunique()} seeds\n")
    table = results.groupby("set")[[*TRIGGERS, "oracle"]].mean()
    table.loc["mean"] = table.mean()
    print(table.round(3).to_markdown())


def _report_differences(by_set: pd.DataFrame) -> None:
    """Print how the first contestant differs from the others, over the sets both have."""
    first, *others = by_set.columns
    print(f"\nDifference in harmonic mean, {first} minus another: mean over sets, sets ahead, p\n")
    for other in others:
        difference = (by_set[first] - by_set[other]).dropna()
        p = f"{signed_rank_p(difference):.2f}" if len(difference) > 1 else "-"
        print(
            f"{other}: {difference.mean():+.3f}, {(difference > 0).sum()} of {len(difference)}, "
            f"Wilcoxon signed-rank p = {p}"
        )
