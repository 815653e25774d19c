import math

import torch

from gdpd_sklearn.distillers import rkd_loss


def huber(difference):
    return 0.5 * difference**2 if abs(difference) < 1 else abs(difference) - 0.5


def distances(features):
    n = len(features)
    pairs = {(i, j): math.dist(features[i], features[j]) for i in range(n) for j in range(n)}
    mean = sum(pairs.values()) / (n * (n - 1))
    return {pair: distance / mean for pair, distance in pairs.items() if pair[0] != pair[1]}


def angles(features):
    n = len(features)
    cosines = {}
    for i in range(n):
        for j in range(n):
            for k in range(n):
                if len({i, j, k}) == 3:
                    one = [a - b for a, b in zip(features[i], features[j], strict=True)]
                    two = [a - b for a, b in zip(features[k], features[j], strict=True)]
                    product = sum(a * b for a, b in zip(one, two, strict=True))
                    cosines[i, j, k] = product / math.hypot(*one) / math.hypot(*two)
    return cosines


def mean_huber(student, teacher):
    return sum(huber(student[key] - teacher[key]) for key in student) / len(student)


def test_equals_a_plain_loop(draw, assert_equal):
    student, teacher = draw(5, 3), draw(5, 4)
    s, t = student.tolist(), teacher.tolist()
    expected = 25.0 * mean_huber(distances(s), distances(t))
    assert_equal(rkd_loss(student, teacher, 25.0, 0.0), expected)
    expected += 50.0 * mean_huber(angles(s), angles(t))
    assert_equal(rkd_loss(student, teacher, 25.0, 50.0), expected)


def test_gradient(draw, assert_gradient):
    teacher = draw(4, 5)
    assert_gradient(lambda s: rkd_loss(s, teacher, 25.0, 50.0), draw(4, 3))


def test_does_not_see_rotation_and_scale(draw):
    student = draw(5, 3)
    rotation, _ = torch.linalg.qr(draw(3, 3))
    loss = rkd_loss(student, 3.0 * student @ rotation + 1.0, 25.0, 50.0)
    assert float(loss) < 1e-20


def test_equal_features_have_a_finite_gradient(draw):
    for student in (torch.zeros(4, 3, dtype=torch.float64), draw(2, 3)[[0, 0, 1, 1]]):
        student.requires_grad_()
        loss = rkd_loss(student, draw(4, 5), 25.0, 50.0)
        (gradient,) = torch.autograd.grad(loss, student)
        assert torch.isfinite(loss)
        assert torch.isfinite(gradient).all()


def test_batches_without_relations_are_zero(draw):
    for n_cases in (1, 2):
        assert float(rkd_loss(draw(n_cases, 3), draw(n_cases, 5), 25.0, 50.0)) < 1e-20
