import math

import pytest
import torch

from gdpd_sklearn.distillers import DT2W, Progress, Stage, dt2w_loss


def soft_dtw_loop(cost, gamma):
    n, m = len(cost), len(cost[0])
    r = [[math.inf] * (m + 1) for _ in range(n + 1)]
    r[0][0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            before = [r[i - 1][j - 1], r[i - 1][j], r[i][j - 1]]
            least = min(before)
            soft = least - gamma * math.log(sum(math.exp((least - b) / gamma) for b in before))
            r[i][j] = cost[i - 1][j - 1] + soft
    return r[n][m]


@pytest.mark.parametrize(("n", "m"), [(4, 6), (6, 4), (1, 1), (1, 3)])
def test_equals_a_plain_loop(draw, assert_equal, n, m):
    student, teacher = draw(3, 2, n), draw(3, 2, m)
    total = 0.0
    for s, t in zip(student.tolist(), teacher.tolist(), strict=True):
        cost = [
            [sum((s[d][i] - t[d][j]) ** 2 for d in range(2)) for j in range(m)] for i in range(n)
        ]
        total += soft_dtw_loop(cost, 1.2)
    assert_equal(dt2w_loss(student, teacher, 1.2), total / 3 / (2 * max(n, m)))


def test_gradient(draw, assert_gradient):
    teacher = draw(2, 3, 6)
    assert_gradient(lambda s: dt2w_loss(s, teacher, 1.2), draw(2, 3, 4))


def test_shift_in_time_costs_little(draw):
    series = draw(1, 2, 20).cumsum(-1)
    here, later = series[..., :-2], series[..., 2:]
    aligned = dt2w_loss(here, later, 1e-3)
    assert float(aligned) < 0.5 * float((here - later).square().mean())


def test_in_step_and_without_smoothing_it_is_a_mean_square(draw):
    series = 10.0 * torch.arange(5.0, dtype=torch.float64).repeat(1, 2, 1)
    noise = draw(1, 2, 5, scale=0.1)
    expected = noise.square().mean()
    torch.testing.assert_close(dt2w_loss(series + noise, series, 1e-4), expected)


def test_starts_after_the_warm_up():
    distiller = DT2W(weight=2.0, warmup=3)
    assert distiller.stage(Progress(2, 10)) == Stage(transfer=0.0, selects=False)
    assert distiller.stage(Progress(3, 10)) == Stage(transfer=2.0)


def test_bad_gamma():
    with pytest.raises(ValueError, match="gamma"):
        DT2W(gamma=0.0).check_parameters()
