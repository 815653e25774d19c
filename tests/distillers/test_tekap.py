import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from gdpd_sklearn.distillers import FeatureShape, TeKAP, kd_loss, tekap_loss
from gdpd_sklearn.distillers._tekap import contrastive_loss, perturbed


def softmax(row):
    exponentials = [math.exp(value) for value in row]
    return [value / sum(exponentials) for value in exponentials]


def test_logit_level_equals_a_plain_loop(draw, assert_equal):
    student, teacher, noise = draw(4, 3), draw(4, 3), draw(2, 4, 3)
    total = 0.0
    for b in range(4):
        q = softmax([value / 2.0 for value in student[b].tolist()])
        views = [teacher[b].tolist()]
        for j in range(2):
            pairs = zip(teacher[b].tolist(), noise[j, b].tolist(), strict=True)
            views.append([0.9 * t + 0.1 * e for t, e in pairs])
        for weight, view in zip([1.0, 0.8, 0.8], views, strict=True):
            p = softmax([value / 2.0 for value in view])
            total += weight * 4.0 * sum(a * math.log(a / c) for a, c in zip(p, q, strict=True))
    assert_equal(tekap_loss(student, teacher, noise, 0.1, 0.8, 2.0), total / 4)


def test_without_noise_the_views_are_the_teacher(draw):
    student, teacher, noise = draw(4, 3), draw(4, 3), draw(5, 4, 3)
    torch.testing.assert_close(perturbed(teacher, noise, 0.0), teacher.expand(5, 4, 3))
    loss = tekap_loss(student, teacher, noise, 0.0, 0.8, 2.0)
    torch.testing.assert_close(loss, 5.0 * kd_loss(student, teacher, 2.0))


def test_feature_level_equals_a_plain_loop(draw, assert_equal):
    student, teacher, target = draw(4, 3), draw(4, 3), [0, 1, 0, 2]
    s, t = student.tolist(), teacher.tolist()

    def similarity(i, j):
        product = sum(a * b for a, b in zip(s[i], t[j], strict=True))
        return math.exp(product / math.hypot(*s[i]) / math.hypot(*t[j]) / 0.3)

    total = 0.0
    for i in range(4):
        rivals = [j for j in range(4) if j == i or target[j] != target[i]]
        total -= math.log(similarity(i, i) / sum(similarity(i, j) for j in rivals))
        total -= math.log(similarity(i, i) / sum(similarity(j, i) for j in rivals))
    assert_equal(contrastive_loss(student, teacher, torch.tensor(target), 0.3), total / 4)


def test_feature_level_of_distinct_classes_is_cross_entropy(draw):
    student, teacher = draw(3, 4), draw(3, 4)
    unit = [x / x.norm(dim=1, keepdim=True) for x in (student, teacher)]
    logits, own = unit[0] @ unit[1].T / 0.07, torch.arange(3)
    expected = cross_entropy(logits, own) + cross_entropy(logits.T, own)
    torch.testing.assert_close(contrastive_loss(student, teacher, own, 0.07), expected)


def test_gradients(draw, assert_gradient):
    teacher, noise, target = draw(3, 4), draw(2, 3, 4), torch.tensor([0, 1, 0])
    assert_gradient(lambda s: tekap_loss(s, teacher, noise, 0.1, 0.8, 2.0), draw(3, 4))
    assert_gradient(lambda s, t: contrastive_loss(s, t, target, 0.5), draw(3, 4), draw(3, 4))


def test_noise_comes_from_the_generator_alone():
    shapes = FeatureShape(4, 5, 2), FeatureShape(6, 7, 2)

    def drawn():
        return TeKAP(n_views=2).draw_noise(3, *shapes, torch.Generator().manual_seed(1))

    first = drawn()
    torch.manual_seed(5)
    assert [tensor.shape for tensor in first] == [(2, 3, 2), (2, 3, 6)]
    for one, two in zip(first, drawn(), strict=True):
        assert torch.equal(one, two)


def test_without_feature_level_there_is_nothing_to_train():
    adapter = TeKAP(feature_weight=0.0).build_adapter(FeatureShape(4, 5, 2), FeatureShape(6, 7, 2))
    assert list(adapter.parameters()) == []


@pytest.mark.parametrize(
    "parameter", ["n_views", "noise_level", "view_weight", "temperature", "n_embedding"]
)
def test_bad_parameters(parameter):
    with pytest.raises(ValueError, match=parameter):
        TeKAP(**{parameter: -1}).check_parameters()
