"""Tests of differences, against the enumeration of all sign patterns."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata, t, wilcoxon

from benchmarks._statistics import difference_over_sets, holm, pairwise_tests, signed_rank_p


def by_enumeration(differences):
    """Share of sign patterns whose sum of positive ranks is as far from its mean, or farther."""
    kept = [d for d in differences if d != 0]
    ranks = rankdata([abs(d) for d in kept])
    middle = sum(ranks) / 2
    seen = abs(sum(r for r, d in zip(ranks, kept, strict=True) if d > 0) - middle)
    sums = [
        sum(r for r, up in zip(ranks, signs, strict=True) if up)
        for signs in itertools.product((False, True), repeat=len(kept))
    ]
    return sum(abs(total - middle) >= seen - 1e-9 for total in sums) / len(sums)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n", [1, 2, 5, 9, 12])
def test_signed_rank_is_the_share_of_sign_patterns(n, seed):
    rng = np.random.default_rng([n, seed])
    for difference in (
        rng.normal(0.3, 1.0, n),
        rng.integers(-3, 5, n) + 0.0,  # ties and zeros
        np.where(rng.random(n) < 0.5, 0.1 + 0.2, 0.3) * rng.choice([-1, 1], n),  # but for a bit
    ):
        assert signed_rank_p(difference) == pytest.approx(by_enumeration(difference.round(12)))


@pytest.mark.parametrize("n", [6, 30, 50])
def test_signed_rank_is_scipys_where_that_is_exact(n):
    difference = np.random.default_rng(n).normal(0.3, 1.0, n)
    assert signed_rank_p(difference) == pytest.approx(wilcoxon(difference).pvalue)


def test_with_ties_it_is_nearer_to_the_truth_than_scipys_approximation():
    rng = np.random.default_rng(0)
    errors = {"ours": [], "scipy's": []}
    for _ in range(5):
        difference = rng.integers(-4, 6, 16) + 0.0
        truth = by_enumeration(difference)
        errors["ours"].append(abs(signed_rank_p(difference) - truth))
        errors["scipy's"].append(abs(wilcoxon(difference).pvalue - truth))
    assert max(errors["ours"]) < 1e-12
    assert max(errors["scipy's"]) > 0.003


def test_no_difference_is_no_evidence():
    assert signed_rank_p([0.0, 0.0]) == 1.0
    assert signed_rank_p([1e-12, -1e-12, 1e-13]) == 1.0


def test_holm_by_hand():
    # sorted 0.01, 0.03, 0.04: 3 * 0.01, then 2 * 0.03, then at least that
    assert np.allclose(holm([0.04, 0.01, 0.03]), [0.06, 0.03, 0.06])
    assert np.allclose(holm([0.9, 0.8]), [1.0, 1.0])


def test_tests_are_of_pairs_and_equal_scores_give_one():
    scores = pd.DataFrame({"none": [1.0, 2, 3, 4, 5], "kd": [2.0, 3, 4, 5, 6]})
    tests = pairwise_tests(scores.assign(gdpd=scores["kd"])).set_index(["first", "second"])
    assert tests.loc[("none", "kd"), "p"] == 2 / 2**5
    assert tests.loc[("none", "kd"), "p_holm"] == 3 * 2 / 2**5
    assert tests.loc[("kd", "gdpd"), "p"] == 1.0
    assert tests.loc[("none", "kd"), "second_better"] == 5


def test_a_difference_over_sets_by_hand():
    cells = pd.Series(
        [1.0, 3.0, -1.0, 0.0, 5.0, 1.0], index=pd.MultiIndex.from_product([list("abc"), [0.2, 0.5]],
        names=["set", "earliness"]),
    )  # fmt: skip
    mean, half, p, by_set = difference_over_sets(cells, "set")
    assert by_set.tolist() == [2.0, -0.5, 3.0]
    assert mean == pytest.approx(1.5)
    assert half == pytest.approx(np.std([2.0, -0.5, 3.0], ddof=1) / 3**0.5 * t.ppf(0.975, 2))
    assert p == pytest.approx(by_enumeration(cells))
