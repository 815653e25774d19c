import math

import torch

from gdpd_sklearn.distillers import at_loss


def attention(case):
    """Normalised mean square over channels, of one (D, L) map."""
    n_channels, n_steps = len(case), len(case[0])
    energy = [sum(case[d][i] ** 2 for d in range(n_channels)) / n_channels for i in range(n_steps)]
    norm = math.sqrt(sum(value**2 for value in energy))
    return [value / norm for value in energy]


def test_equals_a_plain_loop_for_different_widths(draw, assert_equal):
    student, teacher = draw(3, 2, 5), draw(3, 4, 5)
    total = 0.0
    for s, t in zip(student.tolist(), teacher.tolist(), strict=True):
        total += sum((a - b) ** 2 for a, b in zip(attention(s), attention(t), strict=True))
    assert_equal(at_loss(student, teacher), total / 3)


def test_does_not_see_the_scale(draw):
    student, teacher = draw(3, 2, 5), draw(3, 4, 8)
    torch.testing.assert_close(at_loss(student, teacher), at_loss(7.0 * student, 0.1 * teacher))


def test_gradient(draw, assert_gradient):
    teacher = draw(2, 3, 7)
    assert_gradient(lambda s: at_loss(s, teacher), draw(2, 2, 4))


def test_single_step_transfers_nothing(draw):
    assert float(at_loss(draw(3, 2, 1), draw(3, 4, 6))) < 1e-20
