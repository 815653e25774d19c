import pytest
import torch

from gdpd_sklearn.distillers._match_steps import match_steps


def covered_means(row, n_steps):
    """Average of a step function over each of ``n_steps`` equal parts of [0, 1]."""
    n_old = len(row)
    result = []
    for new in range(n_steps):
        total = 0.0
        for old in range(n_old):
            start = max(old / n_old, new / n_steps)
            end = min((old + 1) / n_old, (new + 1) / n_steps)
            total += row[old] * max(0.0, end - start) * n_steps
        result.append(total)
    return result


@pytest.mark.parametrize(("n_old", "n_steps"), [(7, 4), (4, 7), (6, 3), (1, 5), (5, 1), (4, 4)])
def test_averages_what_each_step_covers(draw, n_old, n_steps):
    feature_map = draw(2, 3, n_old)
    matched = match_steps(feature_map, n_steps)
    expected = [[covered_means(row.tolist(), n_steps) for row in case] for case in feature_map]
    torch.testing.assert_close(matched, torch.tensor(expected, dtype=torch.float64))


def test_keeps_the_mean_over_steps(draw):
    feature_map = draw(2, 3, 7)
    for n_steps in (1, 2, 5, 7, 11):
        matched = match_steps(feature_map, n_steps)
        torch.testing.assert_close(matched.mean(-1), feature_map.mean(-1))


def test_is_adaptive_pooling_where_the_lengths_divide(draw):
    feature_map = draw(2, 3, 12)
    pooled = torch.nn.functional.adaptive_avg_pool1d(feature_map, 4)
    torch.testing.assert_close(match_steps(feature_map, 4), pooled)
