import math

from gdpd_sklearn.distillers import kd_loss


def softmax(row):
    exponentials = [math.exp(value) for value in row]
    return [value / sum(exponentials) for value in exponentials]


def test_equals_a_plain_loop(draw, assert_equal):
    student, teacher = draw(5, 4), draw(5, 4)
    total = 0.0
    for s, t in zip(student.tolist(), teacher.tolist(), strict=True):
        q, p = softmax([v / 3.0 for v in s]), softmax([v / 3.0 for v in t])
        total += sum(pk * math.log(pk / qk) for pk, qk in zip(p, q, strict=True))
    assert_equal(kd_loss(student, teacher, 3.0), 9.0 * total / 5)


def test_gradient(draw, assert_gradient):
    teacher = draw(3, 4)
    assert_gradient(lambda s: kd_loss(s, teacher, 3.0), draw(3, 4))
