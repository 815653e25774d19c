"""Left-out margins of taught students, against fitting teacher and student without the case."""

import numpy as np
import pytest
import torch

from gdpd_sklearn.solver import Lesson, solve_ridge
from gdpd_sklearn.solver._ridge import RidgeSettings, class_targets
from gdpd_sklearn.solver._taught import Classroom, solve_taught


def soft(logits):
    return 2.0 * logits.softmax(-1) - 1.0


def make(n_labelled, n):
    random = np.random.default_rng(0)
    n_classes = 3
    y = torch.arange(n) % n_classes
    order = torch.as_tensor(random.permutation(n))
    labelled, unlabelled = order[:n_labelled].sort()[0], order[n_labelled:].sort()[0]
    own = np.repeat(np.eye(n_classes)[y.numpy()], 10, axis=1)  # each class has features of its own
    students = [torch.as_tensor(random.normal(size=(n, 30)) + own) for _ in range(2)]
    complete = torch.as_tensor(random.normal(size=(n, 30)) + 2.0 * own)
    labels = class_targets(y[labelled], n_classes)
    weight = torch.as_tensor(random.uniform(0.5, 2.0, size=n))
    return students, complete, labels, labelled, unlabelled, weight


@pytest.fixture
def problem():
    return make(7, 16)


def heads_of(students):
    def solved(points, targets, weights, settings):
        return [solve_ridge([students[p] for p in points], targets, w, settings) for w in weights]

    return solved


def teach(complete, labels, labelled, unlabelled, weight):
    """Fit a teacher on the labelled cases; the features' scale is that of all."""
    targets = torch.zeros(len(complete), labels.shape[1]).double()
    targets[labelled] = labels
    weights = torch.zeros(len(complete)).double()
    weights[labelled] = weight[labelled]
    settings = RidgeSettings(explained=unlabelled)
    return solve_ridge([complete], targets, weights, settings)


def plain_ridge(features, targets, weight, penalty, mean, scale):
    """Normal equations of weighted ridge with an intercept, nothing clever."""
    z = torch.cat([(features - mean) / scale, torch.ones(len(features), 1)], 1)
    cost = penalty * torch.eye(z.shape[1]).double()
    cost[-1, -1] = 0.0
    return torch.linalg.solve(z.T @ (weight[:, None] * z) + cost, z.T @ (weight[:, None] * targets))


def answer(features, head, mean, scale):
    return ((features - mean) / scale) @ head[:-1] + head[-1]


def lesson_of(heads, labels, labelled, unlabelled):
    left_out = heads.left_out[0]
    errors = labels - left_out[labelled]
    return Lesson(left_out[unlabelled], heads.shares[0][:, labelled], errors)


def test_a_lesson_without_a_case_is_that_of_a_teacher_that_never_saw_it(problem):
    _, complete, labels, labelled, unlabelled, weight = problem
    heads = teach(complete, labels, labelled, unlabelled, weight)
    lesson = lesson_of(heads, labels, labelled, unlabelled)
    for i in range(len(labelled)):
        others = torch.arange(len(labelled)) != i
        rows = labelled[others]
        head = plain_ridge(
            complete[rows], labels[others], weight[rows], heads.penalties[0], heads.mean[0],
            heads.scale[0],
        )  # fmt: skip
        expected = answer(complete[unlabelled], head, heads.mean[0], heads.scale[0])
        torch.testing.assert_close(lesson.without(slice(i, i + 1))[0], expected, atol=1e-8, rtol=0)


def test_left_out_margins_are_those_of_teacher_and_student_without_the_case(problem):
    students, complete, labels, labelled, unlabelled, weight = problem
    teacher = teach(complete, labels, labelled, unlabelled, weight)
    lesson = lesson_of(teacher, labels, labelled, unlabelled)
    cases = Classroom(labelled, unlabelled, labels, 0.9 * labels, lesson, soft, weight)
    taught = solve_taught(heads_of(students), 2, cases)
    assert taught.weight > 0
    counts = weight.clone()
    counts[unlabelled] *= taught.weight
    for p, features in enumerate(students):
        for i, case in enumerate(labelled.tolist()):
            answers = soft(lesson.without(slice(i, i + 1))[0])
            targets = torch.zeros(len(features), 3).double()
            targets[labelled], targets[unlabelled] = 0.9 * labels, answers
            others = torch.arange(len(features)) != case
            mean, scale = taught.heads.mean[p], taught.heads.scale[p]
            head = plain_ridge(
                features[others], targets[others], counts[others], taught.heads.penalties[p], mean,
                scale,
            )  # fmt: skip
            expected = answer(features[[case]], head, mean, scale)[0]
            torch.testing.assert_close(taught.left_out[p, case], expected, atol=1e-8, rtol=0)


def test_a_teacher_that_says_the_opposite_is_not_heard():
    students, _, labels, labelled, unlabelled, weight = make(15, 60)
    truth = class_targets(torch.arange(60) % 3, 3)[unlabelled]
    room = [labelled, unlabelled, labels, labels]
    right = Classroom(*room, Lesson(5.0 * truth), soft, weight)
    wrong = Classroom(*room, Lesson(-5.0 * truth), soft, weight)
    assert solve_taught(heads_of(students), 2, right).weight > 0
    assert solve_taught(heads_of(students), 2, wrong).weight == 0


def test_without_weight_the_unlabelled_cases_change_nothing():
    students, _, labels, labelled, unlabelled, weight = make(15, 60)
    lesson = Lesson(-5.0 * class_targets(torch.arange(60) % 3, 3)[unlabelled])
    cases = Classroom(labelled, unlabelled, labels, labels, lesson, soft, weight)
    taught = solve_taught(heads_of(students), 2, cases)
    for p, features in enumerate(students):
        mean, scale = taught.heads.mean[p], taught.heads.scale[p]
        head = plain_ridge(
            features[labelled], labels, weight[labelled], taught.heads.penalties[p], mean, scale
        )
        expected = answer(features, head, mean, scale)
        found = taught.heads.margins(features, p)
        torch.testing.assert_close(found, expected, atol=1e-8, rtol=0)


def test_influence_and_errors_belong_together():
    with pytest.raises(ValueError, match="belong together"):
        Lesson(torch.zeros(2, 2), torch.zeros(2, 3))


def test_features_are_read_once_to_choose_the_weight_and_once_to_solve():
    students, _, labels, labelled, unlabelled, weight = make(15, 60)
    lesson = Lesson(5.0 * class_targets(torch.arange(60) % 3, 3)[unlabelled])
    asked = []

    def noted(points, targets, weights, settings):
        asked.append((list(points), len(weights)))
        return heads_of(students)(points, targets, weights, settings)

    solve_taught(noted, 2, Classroom(labelled, unlabelled, labels, labels, lesson, soft, weight))
    assert asked == [([0, 1], 3), ([0, 1], 1)]
