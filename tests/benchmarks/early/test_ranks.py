"""Ranks, hypervolumes and tests against plain recomputation."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata, wilcoxon

from benchmarks._statistics import holm
from benchmarks.early._costs import ALPHAS
from benchmarks.early._figures import cost_column
from benchmarks.early._ranks import (
    differences,
    hypervolume,
    hypervolumes,
    mean_ranks,
    over_seeds,
)

NAMES = ["b", "a", "c"]  # in no alphabetical order
SETS = [f"set {number}" for number in range(7)]


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        [{"contestant": c, "set": s, "seed": k} for c in NAMES for s in SETS for k in range(2)]
    )
    for setting in ("linear", "rare"):
        for alpha in ALPHAS:
            for figure in ("cost", "accuracy", "earliness"):
                frame[cost_column(setting, alpha, figure)] = rng.random(len(frame))
    return frame.assign(accuracy=rng.random(len(frame)), earliness=rng.random(len(frame)))


def test_ranks_are_those_of_each_set(rows):
    ranks = mean_ranks(rows, "rare")
    assert list(ranks.index) == NAMES
    for alpha in ALPHAS:
        column = f"rare cost {alpha:g}"
        by_set = []
        for name in SETS:
            here = rows[rows["set"] == name]
            costs = [here.loc[here["contestant"] == c, column].mean() for c in NAMES]
            by_set.append(rankdata(costs))
        np.testing.assert_allclose(ranks[alpha], np.mean(by_set, axis=0))


def test_who_lacks_a_set_is_not_ranked(rows):
    some = rows[(rows["contestant"] != "a") | (rows["set"] != SETS[0])]
    assert list(mean_ranks(some, "linear").index) == ["b", "c"]


def test_differences_are_corrected_over_the_contestants_of_an_alpha(rows):
    means, p = differences(rows, "linear", "b")
    for alpha in ALPHAS:
        table = over_seeds(rows, f"linear cost {alpha:g}")
        expected = [wilcoxon(table["b"] - table[other]).pvalue for other in ("a", "c")]
        np.testing.assert_allclose(p[alpha], holm(expected))
        assert np.isclose(means.loc["c", alpha], (table["b"] - table["c"]).mean())


def test_one_set_is_no_test(rows):
    means, p = differences(rows[rows["set"] == SETS[0]], "linear", "b")
    assert p.isna().all(axis=None)
    assert means.notna().all(axis=None)


def test_a_hypervolume_is_the_area_of_the_union():
    assert hypervolume([0.0], [1.0]) == 1.0
    assert hypervolume([1.0], [1.0]) == 0.0
    assert np.isclose(hypervolume([0.5, 0.2], [0.9, 0.6]), 0.3 * 0.6 + 0.5 * 0.9)
    rng = np.random.default_rng(1)
    late, right = rng.random((2, 9))
    grid = (np.arange(1000) + 0.5) / 1000
    x, y = np.meshgrid(grid, grid)
    covered = np.any([(x >= e) & (y <= a) for e, a in zip(late, right, strict=True)], axis=0)
    assert np.isclose(hypervolume(late, right), covered.mean(), atol=2e-3)


def test_hypervolumes_are_of_all_points_of_a_set(rows):
    volumes = hypervolumes(rows)
    here = rows[(rows["contestant"] == "c") & (rows["set"] == SETS[3])].mean(numeric_only=True)
    late = [here["earliness"], *(here[f"linear earliness {a:g}"] for a in ALPHAS)]
    right = [here["accuracy"], *(here[f"linear accuracy {a:g}"] for a in ALPHAS)]
    assert np.isclose(volumes.loc[SETS[3], "c"], hypervolume(late, right))
