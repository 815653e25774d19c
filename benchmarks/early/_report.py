"""Tables of the early benchmark, by groups of sets, from cells or from stored figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from benchmarks._data import SUITES
from benchmarks._markdown import markdown_of
from benchmarks.early._costs import ALPHAS
from benchmarks.early._figures import cost_column, with_published
from benchmarks.early._plot import write_plots
from benchmarks.early._ranks import complete, differences, hypervolumes, mean_ranks, over_seeds

__all__ = ["chosen", "report", "sections"]

_OWN_RULES = "default, each rule"

_SECTIONS = {
    "UCR-12": ("ucr12",),
    "UCR-12 and development sets": ("ucr12", "dev8"),
    "UEA-12": ("uea12",),
    "raw series": ("raw",),
}
_SHOWN = (0.3, 0.5, 0.8)
_RANKED = ALPHAS[1:-1]
_SIGNIFICANT = 0.05

_ABOUT = """AvgCost α is α · error + (1 − α) · earliness. Where `rule` says "each α", the rule was
fitted for each α on held-out cases; else it is one for all. `hypervolume` is the share of the unit
square that is no better than the points of some α. Seconds are those of the processor. Published
figures, of others, have points of their own and are rounded to percents."""


def sections(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give each group of sets that has two of its sets, with its rows; what is left comes last."""
    here = set(rows["set"])
    told: set[str] = set()
    for title, suites in _SECTIONS.items():
        parts = [here & set(SUITES[suite]) for suite in suites]
        sets = set().union(*parts)
        if all(parts) and len(sets) > 1:
            told |= sets
            yield title, rows[rows["set"].isin(sets)]
    if rest := here - told:
        yield "other sets" if told else "all sets", rows[rows["set"].isin(rest)]


def report(rows: pd.DataFrame, folder: Path, *, first: str | None = None) -> None:
    """Print the tables and write the plots into ``folder``.

    Parameters
    ----------
    rows : DataFrame
        As :mod:`benchmarks.early._figures` has them.
    folder : Path
        Made where it is not there.
    first : str, optional
        The contestant that others are compared with; by default the first one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    first = first or rows["contestant"].iloc[0]
    for title, group in sections(rows):
        group = with_published(group)
        print(f"\n## {title}: {group['set'].nunique()} sets\n")
        _print_by_set(group)
        print(f"\n{_ABOUT}\n")
        print(markdown_of(_means(group)))
        rivals = _without_own_rules(group)
        _print_ranks(rivals, title)
        for entry, own in group[group["rule"] != ""].groupby("entry", sort=False):
            _print_ranks(own, f"{title}, rules on {entry}", prefix=f"{entry}, ")
        if first in set(rivals["contestant"]):
            _print_differences(rivals, first)
        slug = title.lower().replace(" ", "_")
        for path in write_plots(rivals, group, folder, slug):
            print(f"\nwritten: {path}")


def _without_own_rules(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out anchors, and the package's other rules: its default stands for it."""
    return rows[(rows["anchor"] == "") & (rows["entry"] != _OWN_RULES)]


def _print_by_set(rows: pd.DataFrame, most: int = 7) -> None:
    """Print the harmonic mean by set, of so many contestants as a page can hold."""
    shown = list(dict.fromkeys(_without_own_rules(rows)["contestant"]))[:most]
    by_seed = rows[rows["contestant"].isin(shown)].groupby(["contestant", "set"])["harmonic_mean"]
    spread = by_seed.std()
    text = by_seed.mean().map("{:.3f}".format)
    text += spread.map(" ± {:.3f}".format).where(spread.notna(), "")
    print("Harmonic mean on the test split, mean ± standard deviation over seeds\n")
    print(markdown_of(text.unstack("contestant")[shown]))


def _means(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean figures of each contestant over sets, with what they rest on."""
    order = list(dict.fromkeys(rows["contestant"]))
    by_contestant = rows.groupby("contestant")
    columns = {
        "harmonic mean": "harmonic_mean", "accuracy": "accuracy", "earliness": "earliness",
        **{f"AvgCost {alpha:g}": cost_column("linear", alpha) for alpha in _SHOWN},
        "fit, s": "fit_seconds", "score, s": "score_seconds",
    }  # fmt: skip
    means = pd.DataFrame(
        {
            name: over_seeds(rows, column).mean() if column in rows else float("nan")
            for name, column in columns.items()
        }
    ).loc[order]
    means.insert(3, "hypervolume", hypervolumes(rows).mean())
    fits = by_contestant["linear fits"].first().map({True: "each α", False: "one"})
    means.insert(list(means).index("fit, s"), "rule", fits)
    points = by_contestant["least_points"].first()
    means["points from"] = points.map("{:.0f}".format).where(points.notna())
    if by_contestant["set"].nunique().nunique() > 1:
        means["sets"] = by_contestant["set"].nunique()
    means["seeds"] = by_contestant["seed"].nunique().map("{:d}".format)
    return means


def _print_ranks(rows: pd.DataFrame, title: str, prefix: str = "") -> None:
    """Print the mean ranks by cost, for both settings, of who has all sets of the group."""
    ranked = list(complete(over_seeds(rows, cost_column("linear", 0.5))))
    if len(ranked) < 2:
        return
    left_out = [name for name in dict.fromkeys(rows["contestant"]) if name not in ranked]
    names = {"linear": "an error costs 1, the series 1", "rare": "the rarest class costs 100"}
    for setting, meaning in names.items():
        ranks = mean_ranks(rows, setting)[list(_RANKED)]
        ranks.insert(0, "mean", ranks.mean(axis=1))
        ranks = ranks.sort_values("mean", kind="stable")
        ranks.index = ranks.index.str.removeprefix(prefix)
        if setting == "rare" and ranks.empty:
            continue
        print(f"\n### {title}: mean rank by cost at α, where {meaning}\n")
        print(markdown_of(ranks, 2))
    if left_out:
        print(f"\nNot ranked, since they lack a set: {', '.join(left_out)}.")


def _print_differences(rows: pd.DataFrame, first: str) -> None:
    """Print how far the costs of the first contestant are from each other's."""
    means, p = differences(rows, "linear", first)
    if means.empty:
        return
    shown = means.map("{:+.3f}".format) + p.map(lambda each: "*" if each < _SIGNIFICANT else "")
    print(
        f"\n### Cost of {first} minus another's, mean over sets (below 0: {first} is cheaper; *: "
        f"p < {_SIGNIFICANT}, Wilcoxon signed-rank, Holm over the contestants of an α)\n"
    )
    print(markdown_of(shown[list(_RANKED)]))


def chosen(rows: pd.DataFrame, contestants: Sequence[str] | None) -> pd.DataFrame:
    """Keep the rows of these contestants and of all their rules and anchors."""
    if contestants is None:
        return rows
    return rows[rows["entry"].isin(contestants)]
