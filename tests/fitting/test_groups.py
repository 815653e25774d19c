"""What shares a teacher, a bank of teachers, a training: and what must not."""

from dataclasses import replace

import numpy as np
import pytest

from gdpd_sklearn.distillers import GDPD, KD
from gdpd_sklearn.fitting._groups import (
    along_sources,
    group_key,
    grouped,
    source_key,
    teacher_bank,
    teacher_key,
)


def test_groups_are_in_the_order_of_first_appearance():
    assert grouped("banana", str) == [["b"], ["a", "a", "a"], ["n", "n"]]


def changed(task, **settings):
    return replace(task, settings=replace(task.settings, **settings))


def test_tasks_share_a_teacher_whatever_their_students_are(ask):
    task = ask(KD())
    assert teacher_key(task) == teacher_key(ask(GDPD(), length=10))
    assert teacher_key(task) != teacher_key(ask(KD(), root=1))
    assert teacher_key(task) != teacher_key(changed(task, scaling="prefix"))
    assert teacher_key(task) != teacher_key(replace(task, weight=np.ones(len(task.y))))


def test_teachers_are_trained_one_by_one_on_a_cpu(ask):
    assert teacher_bank(ask(KD())) != teacher_bank(ask(KD(), root=1))


@pytest.mark.parametrize(
    ("other", "together"),
    [
        ({"distiller": GDPD(5.0, 2)}, True),
        ({"length": 10}, True),
        ({"root": 1}, True),
        ({"distiller": KD()}, False),
        ({"n_epochs": 5}, False),
    ],
)
def test_runs_of_one_training_differ_in_schedule_prefix_and_seed_alone(ask, other, together):
    one, two = ask(GDPD()), ask(**{"distiller": GDPD(), **other})
    assert (group_key(one) == group_key(two)) is together


def test_a_source_stays_whole_when_a_group_is_parted(ask):
    tasks = [ask(KD(weight), root=root) for weight in (1.0, 2.0) for root in range(3)]
    parts = along_sources(tasks, range(6), 2)
    assert sorted(number for part in parts for number in part) == list(range(6))
    assert len(parts) == 2
    roots = [{source_key(tasks[number]) for number in part} for part in parts]
    assert not roots[0] & roots[1]
    # no more parts than sources
    assert len(along_sources(tasks, range(6), 9)) == 3
