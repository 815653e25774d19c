"""Contestants held against each other over sets: costs, ranks, hypervolumes, tests."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from benchmarks._statistics import holm, signed_rank_p
from benchmarks.early._costs import ALPHAS
from benchmarks.early._figures import cost_column

__all__ = ["complete", "differences", "hypervolume", "hypervolumes", "mean_ranks", "over_seeds"]


def over_seeds(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Give a figure by set and contestant, (n_sets, n_contestants), the mean over seeds.

    Contestants keep the order of the rows. NaN where a contestant lacks a set.
    """
    table = rows.groupby(["set", "contestant"])[column].mean().unstack("contestant")
    return table[list(dict.fromkeys(rows["contestant"]))]


def complete(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out the contestants that lack a set; the others can be ranked."""
    return table.dropna(axis="columns")


def mean_ranks(rows: pd.DataFrame, setting: str) -> pd.DataFrame:
    """Rank contestants on each set by cost, 1 the least, ties averaged; the mean over sets.

    Returns
    -------
    DataFrame
        Contestants that have all sets, by α.
    """
    by_alpha = {
        alpha: complete(over_seeds(rows, cost_column(setting, alpha)).round(9))
        .rank(axis="columns")
        .mean()
        for alpha in ALPHAS
    }
    return pd.DataFrame(by_alpha)


def differences(rows: pd.DataFrame, setting: str, first: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare the cost of one contestant with each other's, over the sets that both have.

    Returns
    -------
    difference, p : DataFrame
        Other contestants by α: mean over sets of the cost of ``first`` minus the other's (below 0
        where ``first`` is cheaper), and the p-value of Wilcoxon's signed-rank test, corrected by
        Holm over the contestants of one α. NaN with fewer than two sets.
    """
    means, tests = {}, {}
    for alpha in ALPHAS:
        table = over_seeds(rows, cost_column(setting, alpha))
        others = table.drop(columns=first)
        minus = others.rsub(table[first], axis="index")
        means[alpha] = minus.mean()
        p = [
            signed_rank_p(column.dropna()) if column.notna().sum() > 1 else np.nan
            for _, column in minus.items()
        ]
        tested = ~np.isnan(p)
        adjusted = np.full(len(p), np.nan)
        adjusted[tested] = holm(np.array(p)[tested])
        tests[alpha] = pd.Series(adjusted, index=others.columns)
    return pd.DataFrame(means), pd.DataFrame(tests)


def hypervolume(earliness: ArrayLike, accuracy: ArrayLike) -> float:
    """Give the share of the unit square that operating points are at least as good as.

    A point is as good as all that are later and less accurate: ``[e, 1] × [0, a]``. The area of the
    union, 1 for an accuracy of 1 at once.

    Parameters
    ----------
    earliness, accuracy : array-like of shape (n,)
    """
    late, right = np.asarray(earliness, dtype=float), np.asarray(accuracy, dtype=float)
    order = np.argsort(late, kind="stable")
    widths = np.diff(np.append(late[order], 1.0))
    return float((np.maximum.accumulate(right[order]) * widths).sum())


def hypervolumes(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the hypervolume by set and contestant, of the means over seeds of all α's points."""
    points = {}
    for figure in ("earliness", "accuracy"):
        columns = [cost_column("linear", alpha, figure) for alpha in ALPHAS]
        points[figure] = np.stack([over_seeds(rows, column) for column in (*columns, figure)])
    frame = over_seeds(rows, "accuracy")
    for place in np.ndindex(frame.shape):
        late, right = (points[figure][:, *place] for figure in ("earliness", "accuracy"))
        frame.iloc[place] = hypervolume(late, right)
    return frame
