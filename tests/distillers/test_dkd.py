import math

import torch

from gdpd_sklearn.distillers import dkd_loss, kd_loss


def softmax(row):
    exponentials = [math.exp(value) for value in row]
    return [value / sum(exponentials) for value in exponentials]


def divergence(p, q):
    return sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))


def loop(student, teacher, target, alpha, beta, temperature):
    total = 0.0
    for s, t, y in zip(student.tolist(), teacher.tolist(), target.tolist(), strict=True):
        q = softmax([value / temperature for value in s])
        p = softmax([value / temperature for value in t])
        tckd = divergence([p[y], 1 - p[y]], [q[y], 1 - q[y]])
        others = [k for k in range(len(s)) if k != y]
        nckd = divergence([p[k] / (1 - p[y]) for k in others], [q[k] / (1 - q[y]) for k in others])
        total += temperature**2 * (alpha * tckd + beta * nckd)
    return total / len(student)


def test_equals_a_plain_loop(draw, assert_equal):
    student, teacher = draw(5, 4), draw(5, 4)
    target = torch.tensor([0, 3, 1, 2, 3])
    expected = loop(student, teacher, target, 1.0, 8.0, 2.0)
    assert_equal(dkd_loss(student, teacher, target, 1.0, 8.0, 2.0), expected)


def test_coupled_parts_are_hintons_loss(draw):
    student, teacher = draw(5, 4), draw(5, 4)
    for case in range(5):
        target = torch.tensor([2])
        s, t = student[case, None], teacher[case, None]
        rest = 1 - float((t / 3.0).softmax(-1)[0, 2])
        torch.testing.assert_close(dkd_loss(s, t, target, 1.0, rest, 3.0), kd_loss(s, t, 3.0))


def test_gradient(draw, assert_gradient):
    teacher, target = draw(3, 4), torch.tensor([0, 3, 1])
    assert_gradient(lambda s: dkd_loss(s, teacher, target, 1.0, 8.0, 2.0), draw(3, 4))


def test_two_classes_have_no_others(draw):
    student, teacher, target = draw(3, 2), draw(3, 2), torch.tensor([0, 1, 1])
    assert float(dkd_loss(student, teacher, target, 0.0, 8.0, 2.0)) == 0.0


def test_sure_logits_stay_finite():
    student = torch.tensor([[80.0, -80.0, 0.0]], requires_grad=True)
    loss = dkd_loss(student, -student.detach(), torch.tensor([0]), 1.0, 8.0, 2.0)
    (gradient,) = torch.autograd.grad(loss, student)
    assert torch.isfinite(loss)
    assert torch.isfinite(gradient).all()
