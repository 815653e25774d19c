"""The study of stopping rules: its draws, its figures and its table."""

import numpy as np
import pytest
from synthetic import make_series, write_split

from benchmarks._cells import run_cells
from benchmarks.research import rules
from benchmarks.research._draws import Answers, answers_of, load_draw, redraw
from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.triggers import FallingThreshold


@pytest.mark.parametrize("n_train, expected", [(30, [18, 9, 3]), (10, [6, 3, 2]), (4, [5, 2, 2])])
def test_a_draw_keeps_the_classes_in_proportion(n_train, expected):
    codes = np.repeat([0, 1, 2], [60, 30, 10])
    train, test = redraw(codes, n_train, 1)
    assert np.bincount(codes[train]).tolist() == expected
    assert sorted([*train, *test]) == list(range(100))
    again, other = redraw(codes, n_train, 1)[0], redraw(codes, n_train, 2)[0]
    assert (again == train).all()
    assert train.tolist() != other.tolist()


@pytest.fixture
def folder(tmp_path):
    for split, seed in (("TRAIN", 0), ("TEST", 1)):
        write_split(tmp_path / "data", "Waves", split, *make_series(24, seed=seed))
    return tmp_path


def test_draws_share_the_cases_of_both_splits(folder):
    data = str(folder / "data")
    X, codes, X_test, test_codes = load_draw("Waves", None, 0, data)
    drawn = load_draw("Waves", None, 1, data)
    assert len(X) == len(drawn[0]) == 24

    def rows(*parts):
        return sorted(map(tuple, np.concatenate(parts)[:, 0].tolist()))

    assert rows(X, X_test) == rows(drawn[0], drawn[2])
    assert rows(X) != rows(drawn[0])
    assert len(load_draw("Waves", 8, 1, data)[1]) == 8
    assert set(codes) == set(test_codes)
    with pytest.raises(ValueError, match="n_train=8"):
        load_draw("Waves", 8, 0, data)


@pytest.mark.parametrize("weigh", [True, False])
def test_decisions_against_a_loop(weigh):
    random = np.random.default_rng(0)
    stacks = [random.dirichlet([1.0, 1.0], size=(5, n)) for n in (30, 40)]
    codes = [random.integers(2, size=n) for n in (30, 40)]
    fractions = np.arange(1, 6) / 5
    answers = Answers(stacks[0], codes[0], stacks[1], codes[1], fractions)
    cost = DecisionCost([[0, 3], [1, 0]], delay=0.5)
    decided, shares = rules.decide(FallingThreshold(), answers, cost, weigh=weigh)
    if weigh:  # each class by what an error on it costs
        stacks = [p * [3, 1] / (p * [3, 1]).sum(-1, keepdims=True) for p in stacks]
    rule = FallingThreshold().fit(stacks[0], codes[0], fractions, cost)
    classes, seen = [], []
    for case in range(40):
        point = next(p for p in range(5) if rule.should_stop(stacks[1][: p + 1, case : case + 1]))
        classes.append(stacks[1][point, case].argmax())
        seen.append(fractions[point])
    assert decided.tolist() == classes
    assert shares.tolist() == seen


def test_cells_and_report(folder, capsys):
    data, out = str(folder / "data"), folder / "out"
    cells = [
        {"set": "Waves", "n_train": n_train, "draw": draw, "rule": rule}
        for rule in list(rules.RULES)[:2]
        for n_train, draw in ((None, 0), (10, 1))
    ]
    run_cells(lambda cell: rules.compute(cell, data, out / "answers"), cells, out, 1)
    kept = {name: cells[0][name] for name in ("set", "n_train", "draw")}
    # read, not computed: no data are there
    assert answers_of(kept, None, out / "answers").held_out.shape[1] == 24
    rules.report(out)
    text = capsys.readouterr().out
    assert "1 sets, 1 draws, as many training cases as the archive has" in text
    assert "1 sets, 1 draws, 10 cases" in text
    first = next(line for line in text.splitlines() if line.startswith("| falling_threshold  "))
    assert "+0.0000 ± nan" in first
