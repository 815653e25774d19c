"""Students are compared inside training splits."""

import numpy as np
import pytest
from synthetic import make_series

from benchmarks._cells import run_cells
from benchmarks.research import students
from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.metrics import auc_prc

CELL = {"set": "Waves", "student": "rocket", "earliness": 0.5, "n_train": 60, "seed": 3}


def only_train(name, split, data_dir):
    assert (name, split) == ("Waves", "train"), "the test split was opened"
    return make_series(30)


def test_a_third_of_the_training_split_is_held_out(monkeypatch):
    monkeypatch.setattr(students, "load_split", only_train)
    seen = {}

    class Spy(GDPDClassifier):
        def fit(self, X, y):
            seen["train"] = X
            return super().fit(X, y)

        def predict_proba(self, X):
            seen["held"], seen["answer"] = X, super().predict_proba(X)
            return seen["answer"]

    monkeypatch.setattr(students, "GDPDClassifier", Spy)
    figures = students.compute(CELL, None)
    X, y = make_series(30)
    assert (len(seen["train"]), len(seen["held"])) == (20, 10)
    parts = np.concatenate([seen["train"], seen["held"]])
    np.testing.assert_allclose(np.sort(parts[:, 0, 0]), np.sort(X[:, 0, 0]))
    codes = [int(y[np.isclose(X[:, 0, 0], case[0, 0])][0]) for case in seen["held"]]
    assert figures["auc_prc"] == pytest.approx(100 * auc_prc(np.array(codes), seen["answer"]))
    assert np.mean(codes) == 0.5  # stratified


def test_the_report_shows_shares_and_differences(tmp_path, capsys):
    known = {("A", "rocket"): 90.0, ("B", "rocket"): 80.0, ("A", "fcn, gdpd"): 86.0,
             ("B", "fcn, gdpd"): 82.0}  # fmt: skip
    cells = [
        {**CELL, "set": name, "student": student, "earliness": share}
        for name, student in known for share in (0.2, 0.8)
    ]  # fmt: skip
    cells.append({**cells[0], "seed": 9})  # the other student lacks this draw
    run_cells(
        lambda c: {
            "auc_prc": known[c["set"], c["student"]] + 10 * c["earliness"] + c["seed"] - 3,
            "accuracy": 50.0, "seconds": 1.0,
        },
        cells, tmp_path, 1,
    )  # fmt: skip
    students.report(tmp_path)
    text = capsys.readouterr().out
    rows = [[entry.strip() for entry in line.strip("|").split("|")] for line in text.splitlines()]
    assert ["rocket", "87.00", "93.00", "90.00", "50.00", "1.00"] in rows
    assert ["A", "95.0", "91.0"] in rows
    assert "fcn, gdpd: +1.00 ±" in text
    assert "sets ahead 1 of 2" in text
