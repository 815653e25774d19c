import math

import torch

from gdpd_sklearn.distillers import ttm_loss, wttm_loss


def softmax(row):
    exponentials = [math.exp(value) for value in row]
    return [value / sum(exponentials) for value in exponentials]


def loop(student, teacher, exponent, weighted):
    """Power transform spelled out, as in the paper."""
    total = 0.0
    for s, t in zip(student.tolist(), teacher.tolist(), strict=True):
        powers = [value**exponent for value in softmax(t)]
        p, q = [value / sum(powers) for value in powers], softmax(s)
        divergence = sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))
        total += divergence * (sum(powers) if weighted else 1.0)
    return total / len(student)


def test_equal_plain_loops(draw, assert_equal):
    student, teacher = draw(5, 4), draw(5, 4, scale=3.0)
    assert_equal(ttm_loss(student, teacher, 4.0), loop(student, teacher, 0.25, weighted=False))
    assert_equal(wttm_loss(student, teacher, 4.0), loop(student, teacher, 0.25, weighted=True))


def test_gradients(draw, assert_gradient):
    teacher = draw(3, 4)
    assert_gradient(lambda s: ttm_loss(s, teacher, 4.0), draw(3, 4))
    assert_gradient(lambda s: wttm_loss(s, teacher, 4.0), draw(3, 4))


def test_sure_teacher_weighs_one_and_unsure_more():
    student = torch.tensor([[0.3, -0.2, 0.1]])
    sure, unsure = torch.tensor([[60.0, 0.0, 0.0]]), torch.zeros(1, 3)
    torch.testing.assert_close(wttm_loss(student, sure, 2.0), ttm_loss(student, sure, 2.0))
    torch.testing.assert_close(
        wttm_loss(student, unsure, 2.0), 3**0.5 * ttm_loss(student, unsure, 2.0)
    )
