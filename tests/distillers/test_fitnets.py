import pytest

from gdpd_sklearn.distillers import FitNets, Progress, Stage, fitnets_loss


def test_equals_a_plain_loop(draw, assert_equal):
    student, teacher = draw(3, 4, 5), draw(3, 4, 5)
    total = 0.0
    for b in range(3):
        for d in range(4):
            for step in range(5):
                total += float(student[b, d, step] - teacher[b, d, step]) ** 2
    assert_equal(fitnets_loss(student, teacher), total / 60)


def test_averages_a_longer_teacher_over_the_students_steps(draw, assert_equal):
    student, teacher = draw(2, 3, 2), draw(2, 3, 6)
    total = 0.0
    for b in range(2):
        for d in range(3):
            for step in range(2):
                mean = sum(float(teacher[b, d, 3 * step + i]) for i in range(3)) / 3
                total += (float(student[b, d, step]) - mean) ** 2
    assert_equal(fitnets_loss(student, teacher), total / 12)


def test_gradient(draw, assert_gradient):
    teacher = draw(2, 3, 7)
    assert_gradient(lambda s: fitnets_loss(s, teacher), draw(2, 3, 4))


def test_hint_stage_has_no_labels_and_the_second_stage_nothing_else():
    distiller = FitNets(weight=3.0, warmup=0.5)
    first, second = Progress(4, 10), Progress(5, 10)
    assert distiller.stage(first) == Stage(task=0.0, transfer=3.0, selects=False)
    assert distiller.stage(second) == Stage(task=1.0, transfer=0.0, selects=True)


@pytest.mark.parametrize("warmup", [-1, 1.0, -0.1, True, "half"])
def test_bad_warmup(warmup):
    with pytest.raises(ValueError, match="warmup"):
        FitNets(warmup=warmup).check_parameters()
