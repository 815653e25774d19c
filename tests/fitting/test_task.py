"""Tasks: what tells them apart."""

from dataclasses import replace

from gdpd_sklearn.distillers import (
    GDPD,
    KD,
)


def test_the_key_tells_fits_apart(ask, data):
    task = ask(GDPD())
    same = [ask(GDPD()), replace(task, settings=replace(task.settings, verbose=3))]
    assert {each.key() for each in same} == {task.key()}
    others = [
        ask(GDPD(weight=2.0)), ask(KD()), ask(GDPD(), length=9), ask(GDPD(), root=1),
        ask(GDPD(), cases=(data[0][1:], data[1][1:])), ask(GDPD(), batch_size=4),
        ask(GDPD(), scaling="none"),
        replace(task, y=1 - task.y), replace(task, classes=("a", "b")),
    ]  # fmt: skip
    assert len({each.key() for each in [task, *others]}) == 1 + len(others)
