"""Few labels: what is hidden stays hidden, and the report's figures are those of the cells."""

import numpy as np
import pytest
from synthetic import make_series

from benchmarks._cells import load_cells, run_cells
from benchmarks.labels import __main__ as command
from benchmarks.labels import _compute, _draws
from benchmarks.labels._draws import UNLABELLED, draw_labels, load_draw
from benchmarks.labels._report import report
from benchmarks.labels._ways import WAYS

CELL = {
    "set": "Waves", "way": "default", "student": "rocket", "task": "partial", "per_class": 3,
    "draw": 0, "shares": [0.4],
}  # fmt: skip


def load(name, split, data_dir):
    X, y = make_series(24 if split == "train" else 10, seed=int(split == "test"))
    return X, np.array(["no", "yes"])[y]


@pytest.fixture(autouse=True)
def waves(monkeypatch):
    monkeypatch.setattr(_draws, "load_split", load)


def test_each_class_keeps_so_many_labels():
    codes = np.array([0] * 10 + [1] * 2 + [2] * 5)
    known = draw_labels(codes, 3, seed=0)
    assert np.bincount(known[known >= 0]).tolist() == [3, 2, 3]
    assert (known[known >= 0] == codes[known >= 0]).all()
    assert (draw_labels(codes, 3, seed=0) == known).all()
    assert (draw_labels(codes, 3, seed=1) != known).any()


def test_unlabelled_cases_can_be_bounded():
    draw = load_draw("Waves", 3, 0, 5, None)
    assert (draw.y == UNLABELLED).sum() == 5
    assert len(draw.X) == len(draw.y) == len(draw.truth) == 11
    known = draw.y >= 0
    assert (draw.truth[known] == draw.y[known]).all()
    assert load_draw("Waves", None, 0, None, None).y.min() == 0


@pytest.mark.parametrize("task", ["partial", "early"])
@pytest.mark.parametrize("way", sorted(set(WAYS) - {"true labels", "gdpd, ignorant prior"}))
def test_hidden_labels_are_never_read(monkeypatch, way, task):
    def poisoned(*args):
        draw = load_draw(*args)
        return draw._replace(truth=np.where(draw.y < 0, 1 - draw.truth, draw.truth))

    cell = {**CELL, "way": way, "task": task, "student": "rocket"}
    clean = _compute.compute(cell, None)
    monkeypatch.setattr(_compute, "load_draw", poisoned)
    fouled = _compute.compute(cell, None)
    assert {**clean, "seconds": 0} == {**fouled, "seconds": 0}


def test_the_bound_reads_them(monkeypatch):
    cell = {**CELL, "way": "true labels", "per_class": 2}
    bound = _compute.compute(cell, None)
    alone = _compute.compute({**cell, "way": "labels alone"}, None)
    assert bound["accuracy_0.4"] >= alone["accuracy_0.4"]
    assert bound["auc_prc_0.4"] == pytest.approx(100)  # two classes that any prefix tells apart
    everything = _compute.compute({**cell, "way": "labels alone", "per_class": None}, None)
    assert everything["accuracy_0.4"] == bound["accuracy_0.4"]


def test_the_report_shows_gains_over_sets(tmp_path, capsys):
    value = {"labels alone": 60.0, "self-training": 61.0, "default": 66.0}
    cells = [
        {**CELL, "set": name, "way": way, "draw": draw}
        for name in "ABC" for way in value for draw in range(2)
    ]  # fmt: skip
    run_cells(
        lambda c: {"accuracy_0.4": value[c["way"]] + "ABC".index(c["set"]) + c["draw"]},
        cells, tmp_path, 1,
    )  # fmt: skip
    report(tmp_path)
    text = capsys.readouterr().out
    rows = [[part.strip() for part in line.split("|")[1:-1]] for line in text.splitlines()]
    assert ["3", "default", "67.5"] in rows
    (row,) = (row for row in rows if row[1:3] == ["default", "self-training"])
    assert row[3:6] == ["5", "0", "3 of 3"]
    assert (tmp_path / "report" / "learning_curves.png").stat().st_size > 10_000


def test_the_command_resumes(tmp_path):
    arguments = [
        "run", "--sets", "Waves", "--ways", "labels alone", "--tasks", "partial", "--shares", "0.4",
        "--per-class", "3", "all", "--draws", "1", "--n-jobs", "1", "--out", str(tmp_path),
    ]  # fmt: skip
    command.main(arguments)
    rows, problems = load_cells(tmp_path)
    assert not problems
    assert sorted(str(row["per_class"]) for row in rows) == ["3", "None"]
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.json")}
    command.main(arguments)
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.json")}


@pytest.mark.parametrize("value", ["1", "-3", "some"])
def test_bad_numbers_of_labels_are_refused(value, capsys):
    with pytest.raises(SystemExit):
        command.main(["run", "--per-class", value])
    assert "must be a number of at least 2, or 'all'" in capsys.readouterr().err
