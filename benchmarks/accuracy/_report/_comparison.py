"""Methods side by side over sets; averages only over the sets that all methods finished."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from benchmarks.accuracy._report._rows import in_order

__all__ = ["Comparison", "compare", "complete_sets", "mean_and_std"]


@dataclass(frozen=True)
class Comparison:
    """Methods at one earliness in one block.

    Attributes
    ----------
    mean, std, n_seeds : DataFrame of shape (n_sets, n_methods)
        AUC-PRC × 100 over seeds; NaN (0 seeds) where there is no cell. The standard deviation of
        one seed is NaN.
    seeds : list of int
        All seeds that any method has.
    complete : list of str
        Sets for which each method has each seed.
    summary : DataFrame of shape (n_methods, 4)
        ``average``, ``std`` (over seeds, of the average over complete sets), ``rank``, ``wins``.
    """

    mean: pd.DataFrame
    std: pd.DataFrame
    n_seeds: pd.DataFrame
    seeds: list[int]
    complete: list[str]
    summary: pd.DataFrame

    @property
    def left_out(self) -> list[str]:
        """Sets that have cells, but not of each method and seed."""
        return [name for name in self.mean.index if name not in self.complete]

    @property
    def complete_means(self) -> pd.DataFrame:
        """Scores of the complete sets, equal scores equal to the last bit."""
        return self.mean.loc[self.complete].round(9)


def complete_sets(rows: pd.DataFrame, columns: list[str]) -> list[str]:
    """Give the sets that have each seed in each combination of ``columns`` that occurs."""
    wanted = len(rows[[*columns, "seed"]].drop_duplicates()[columns].drop_duplicates())
    wanted *= rows["seed"].nunique()
    have = rows[["set", *columns, "seed"]].drop_duplicates().groupby("set").size()
    return sorted(have.index[have == wanted])


def compare(rows: pd.DataFrame) -> Comparison:
    """Compare the distillers of ``rows``, one row for each (set, distiller, seed)."""
    scores = rows.assign(score=100 * rows["auc_prc"])
    by = scores.groupby(["set", "distiller"])["score"]
    methods = in_order(rows["distiller"])
    mean = by.mean().unstack().reindex(columns=methods)
    complete = complete_sets(rows, ["distiller"])
    best = mean.loc[complete].round(9)
    whole = scores[scores["set"].isin(complete)]
    by_seed = whole.groupby(["distiller", "seed"])["score"].mean().groupby(level=0)
    summary = pd.DataFrame(
        {
            "average": best.mean(),
            "std": by_seed.std(),
            "rank": best.rank(axis=1, ascending=False).mean(),
            "wins": best.eq(best.max(axis=1), axis=0).sum(),
        }
    ).reindex(methods)
    return Comparison(
        mean=mean,
        std=by.std().unstack().reindex(columns=methods),
        n_seeds=by.size().unstack().reindex(columns=methods).fillna(0).astype(int),
        seeds=sorted(rows["seed"].unique()),
        complete=complete,
        summary=summary,
    )


def mean_and_std(mean: float, std: float, digits: int = 2) -> str:
    """``mean ± std``; only the mean where there is one seed, nothing where there is none."""
    if pd.isna(mean):
        return ""
    return f"{mean:.{digits}f}" + ("" if pd.isna(std) else f" ± {std:.{digits}f}")
