"""Differences between methods: their spread over sets, signed-rank tests, Holm's correction."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata, t

__all__ = ["Difference", "difference_over_sets", "holm", "pairwise_tests", "signed_rank_p"]


_DECIMALS = 9


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values for their number (Holm 1979): step down, monotone, at most 1."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)
    stepped = p[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return adjusted


def signed_rank_p(differences: ArrayLike) -> float:
    """Two-sided p-value of Wilcoxon's signed-rank test, exact whatever the ties.

    Zeros are dropped. Given the ranks, each sign is a fair coin: the distribution of the sum of
    positive ranks is built rank by rank. It is the one test of all benchmarks. Without zeros and
    ties ``scipy.stats.wilcoxon`` (1.17) gives the same up to 50 differences; with them it is a
    normal approximation from 14 on, off by 0.01 to 0.02 for the 36 cells of a quickstart.

    Parameters
    ----------
    differences : array-like of shape (n,)
        Of scores of the order of 1 or 100: what agrees to nine decimals is equal, since means over
        seeds differ in the last bit.

    Returns
    -------
    float
        1 where no difference is left.
    """
    values = np.asarray(differences, dtype=float).round(_DECIMALS)
    values = values[values != 0]
    if len(values) == 0:
        return 1.0
    # doubled, average ranks of ties are integers
    ranks = (2 * rankdata(np.abs(values))).round().astype(int)
    probability = np.zeros(ranks.sum() + 1)
    probability[0] = 1.0
    for rank in ranks:
        with_rank = np.zeros_like(probability)
        with_rank[rank:] = probability[:-rank]
        probability = (probability + with_rank) / 2
    positive = ranks[values > 0].sum()
    tails = probability[: positive + 1].sum(), probability[positive:].sum()
    return float(min(1.0, 2 * min(tails)))


class Difference(NamedTuple):
    """A mean over sets, half of its 95 % interval, p over cells, and the sets' own means."""

    mean: float
    half: float
    p: float
    by_set: pd.Series


def difference_over_sets(cells: pd.Series, level: str) -> Difference:
    """Summarise differences of cells, several of which belong to one set.

    The interval is that of the mean over sets (Student's t), since cells of one set are alike; the
    p-value is that of the signed-rank test over cells, :func:`signed_rank_p`.

    Parameters
    ----------
    cells : Series
        A difference per cell.
    level : str
        Level of the index that names the set.
    """
    by_set = cells.groupby(level=level).mean()
    half = by_set.sem() * t.ppf(0.975, max(1, len(by_set) - 1))
    return Difference(by_set.mean(), half, signed_rank_p(cells), by_set)


def pairwise_tests(scores: pd.DataFrame) -> pd.DataFrame:
    """Compare each pair of methods over sets by Wilcoxon's two-sided signed-rank test.

    Parameters
    ----------
    scores : DataFrame of shape (n_sets, n_methods)
        No missing values.

    Returns
    -------
    DataFrame
        ``first``, ``second``, ``mean_difference``, ``first_better``, ``second_better`` (numbers of
        sets), ``p``, ``p_holm``. Empty with fewer than two sets or methods.
    """
    if len(scores) < 2 or scores.shape[1] < 2:
        return pd.DataFrame()
    rows = []
    for first, second in combinations(scores.columns, 2):
        # equal scores differ in the last bit where seeds were averaged
        difference = (scores[first] - scores[second]).round(_DECIMALS)
        rows.append(
            {
                "first": first,
                "second": second,
                "mean_difference": difference.mean(),
                "first_better": int((difference > 0).sum()),
                "second_better": int((difference < 0).sum()),
                "p": signed_rank_p(difference),
            }
        )
    tests = pd.DataFrame(rows)
    tests["p_holm"] = holm(tests["p"])
    return tests
