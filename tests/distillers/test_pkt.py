import math

import torch

from gdpd_sklearn.distillers import pkt_loss


def neighbours(features):
    """Conditional probability of i given j, as ``[j][i]``."""
    n = len(features)
    table = []
    for j in range(n):
        row = []
        for i in range(n):
            product = sum(a * b for a, b in zip(features[i], features[j], strict=True))
            cosine = product / math.hypot(*features[i]) / math.hypot(*features[j])
            row.append(0.0 if i == j else 0.5 * (cosine + 1.0))
        table.append([value / sum(row) for value in row])
    return table


def test_equals_a_plain_loop(draw, assert_equal):
    student, teacher = draw(5, 3), draw(5, 4)
    q, p = neighbours(student.tolist()), neighbours(teacher.tolist())
    total = 0.0
    for j in range(5):
        for i in range(5):
            if i != j:
                total += p[j][i] * math.log((p[j][i] + 1e-7) / (q[j][i] + 1e-7))
    assert_equal(pkt_loss(student, teacher), total / 5)


def test_gradient(draw, assert_gradient):
    teacher = draw(4, 5)
    assert_gradient(lambda s: pkt_loss(s, teacher), draw(4, 3))


def test_degenerate_features_have_a_finite_gradient(draw):
    opposite = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [-1.0, 0.0]], dtype=torch.float64)
    for student in (torch.zeros(3, 2, dtype=torch.float64), opposite):
        student.requires_grad_()
        loss = pkt_loss(student, draw(3, 4))
        (gradient,) = torch.autograd.grad(loss, student)
        assert torch.isfinite(loss)
        assert torch.isfinite(gradient).all()
