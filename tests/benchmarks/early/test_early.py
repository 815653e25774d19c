"""The early benchmark runs, and reports what it wrote."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from synthetic import make_series, write_split

from benchmarks._cells import load_cells, run_cells
from benchmarks.early import __main__ as early
from benchmarks.early import _compute
from benchmarks.early._compute import compute, contestant_cells, decision_cost
from benchmarks.early._points import classification_points
from benchmarks.early._report import report
from benchmarks.early.contestants import CONTESTANTS
from benchmarks.early.contestants._gdpd import GDPD
from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import average_cost

FIGURES = {
    "earliness": 0.3, "fit_seconds": 1.0, "score_seconds": 0.1, "fits_rules": False,
    "avg_cost_0.3": 0.1, "avg_cost_0.5": 0.2, "avg_cost_0.8": 0.3,
}  # fmt: skip


def test_points_are_twentieths_from_the_least_on():
    expected = (10, 11, 12, 13, 14, 16, 17, 18, 19, 20, 22, 23, 24)
    assert classification_points(24, 9) == expected
    assert classification_points(24) == (4, 5, 6, 7, 8, *expected)
    assert classification_points(100) == tuple(range(5, 101, 5))
    assert classification_points(9, 9) == (9,)
    assert classification_points(4, 1) == (1, 2, 3, 4)
    with pytest.raises(ValueError, match=r"least_points=9 must be at most .* 8"):
        classification_points(8, 9)


def test_a_cell_says_the_points_that_its_contestant_gets():
    names = ["default", "threshold, MiniRocket"]
    cells = contestant_cells(names, ["CBF"], 1, 3)
    assert {cell["contestant"]: cell["least_points"] for cell in cells} == {
        "default": 3, "threshold, MiniRocket": 9,
    }  # fmt: skip
    assert {c["least_points"] for c in contestant_cells(names, ["CBF"], 1, 12)} == {12}


@pytest.fixture
def tiny(monkeypatch):
    """The package's classifier, quick, as the only contestant."""
    quick = GDPDEarlyClassifier(n_epochs=1, n_folds=2, student="lstm1-8", teacher="lstm1-8")
    monkeypatch.setattr(_compute, "CONTESTANTS", {"GDPD": GDPD(quick)})
    return quick


def test_run_and_report(archive, tmp_path, tiny, capsys):
    (cell,) = contestant_cells(["GDPD"], ["Waves"], 1, 5)
    run_cells(lambda c: compute(c, str(archive)), [cell], tmp_path / "out", n_jobs=1)
    report(tmp_path / "out")
    printed = capsys.readouterr().out
    assert "Waves" in printed
    figures = load_cells(tmp_path / "out")[0][0]
    accuracy, rest = figures["accuracy"], 1 - figures["earliness"]
    assert np.isclose(figures["harmonic_mean"], 2 * accuracy * rest / (accuracy + rest))
    assert figures["oracle"] >= figures["harmonic_mean"]
    assert figures["earliness"] >= 5 / 12
    row = _row_of(printed, "GDPD")
    assert row["rule"] == "each α"
    assert row["points from"] == "5"
    assert np.isclose(float(row["AvgCost 0.8"]), figures["avg_cost_0.8"], atol=6e-4)


def test_costs_are_those_of_a_rule_fitted_for_each(archive, tiny):
    (cell,) = contestant_cells(["GDPD"], ["Waves"], 1, 3)
    figures = compute(cell, str(archive))
    X, y = early_split(archive, "train")
    X_test, y_test = early_split(archive, "test")
    classifier = tiny.set_params(classification_points=classification_points(12), random_state=0)
    classifier.fit(X, y)
    for alpha in (0.3, 0.5, 0.8):
        # the very same trade in another unit: an error costs α, the complete length 1 − α
        errors = alpha * (1 - np.eye(2))
        cost = type(decision_cost(alpha))(misclassification=errors, delay=1 - alpha)
        info = classifier.fit_trigger(objective=cost).engine_.decide(X_test).state_info(
            classifier.classification_points_
        )  # fmt: skip
        decided = classifier.classes_[info[:, 2]]
        expected = average_cost(y_test, decided, info[:, 3] / 12, cost, classifier.classes_)
        assert np.isclose(figures[f"avg_cost_{alpha:g}"], expected)


def early_split(archive, split):
    return _compute.load_split("Waves", split, str(archive))


class AtHalf(BaseEstimator):
    """Decides for one class at a point of its own, for every cost alike."""

    least_points = 6

    def fit(self, X, y, classification_points, random_state):
        self.point_, self.label_, self.length_ = classification_points[0], y[0], X.shape[2]
        return self

    def score(self, X, y):
        accuracy, earliness = float(np.mean(y == self.label_)), self.point_ / self.length_
        return 0.0, accuracy, earliness


def test_a_peer_that_fits_no_rules_shows_its_one_operating_point(
    archive, tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(CONTESTANTS, "half", AtHalf())
    out = tmp_path / "out"
    early.main(["run", "--contestants", "half", "--sets", "Waves", "--seeds", "1", "--n-jobs", "1",
                "--data-dir", str(archive), "--out", str(out)])  # fmt: skip
    printed = capsys.readouterr().out
    row = _row_of(printed, "half")
    assert (row["rule"], row["points from"], row["oracle"]) == ("one", "6", "nan")
    for alpha in (0.3, 0.5, 0.8):
        assert float(row[f"AvgCost {alpha:g}"]) == alpha * 0.5 + (1 - alpha) * 0.5


def _row_of(printed, contestant):
    """Give the row of a contestant in the table of means, by column."""
    lines = printed.split("Means over sets")[1].splitlines()
    table = [[part.strip() for part in line.split("|")[1:-1]] for line in lines if "|" in line]
    (row,) = (cells for cells in table if cells[0] == contestant)
    return dict(zip(table[0], row, strict=True))


def write_cells(folder, cells, scores, turn=1):
    folder.mkdir()
    for number, (cell, score) in enumerate(zip(cells, scores, strict=True)):
        result = {"harmonic_mean": score, "accuracy": score, **FIGURES}
        text = json.dumps({"cell": cell, "figures": result})
        (folder / f"{turn * number + 50}.json").write_text(text)


def test_report_does_not_depend_on_the_order_of_the_files(tmp_path, capsys):
    printed = []
    cells = contestant_cells(["threshold, QUANT", "NonMyopic"], ["CBF", "Coffee"], 3, 3)
    scores = [0.7 + 0.1 / (1 + number) for number in range(len(cells))]
    for turn in (1, -1):
        folder = tmp_path / str(turn)
        write_cells(folder, cells, scores, turn)
        report(folder)
        printed.append(capsys.readouterr().out.replace(str(folder), ""))
        assert (folder / "report" / "accuracy_earliness.png").stat().st_size > 10_000
    assert printed[0] == printed[1]


def test_other_points_are_another_contestant(tmp_path, capsys):
    cells = [
        cell
        for least in (3, 9)
        for cell in contestant_cells(["threshold, QUANT"], ["CBF"], 2, least)
    ]
    cells += contestant_cells(["NonMyopic"], ["CBF"], 2, 3)
    write_cells(tmp_path / "out", cells, [0.6, 0.7, 0.8, 0.9, 0.5, 0.5])
    report(tmp_path / "out")
    printed = capsys.readouterr().out
    means = pd.DataFrame(
        [
            _row_of(printed, name)
            for name in ("threshold, QUANT, from 3", "threshold, QUANT, from 9", "NonMyopic")
        ]
    )
    assert means["harmonic_mean"].astype(float).tolist() == [0.65, 0.85, 0.5]
    assert means["points from"].tolist() == ["3", "9", "3"]


def test_a_contestant_that_is_no_longer_known_stays_in_the_report(tmp_path, capsys):
    cell = {"set": "CBF", "contestant": "gone", "seed": 0, "least_points": 3}
    write_cells(tmp_path / "out", [cell], [0.6])
    report(tmp_path / "out")
    printed = capsys.readouterr().out
    assert _row_of(printed, "gone")["harmonic_mean"] == "0.6"
    published = _row_of(printed, "SR1-CF1 (published)")
    assert (published["harmonic_mean"], published["points from"]) == ("0.802", "")
    assert (published["AvgCost 0.5"], published["rule"]) == ("0.19", "one")


def test_empty_folder_is_named(tmp_path):
    with pytest.raises(ValueError, match="holds no result"):
        report(tmp_path)


@pytest.mark.parametrize("number", ["0", "-1", "2.5"])
def test_a_wrong_number_of_points_is_named(number, capsys):
    with pytest.raises(SystemExit):
        early.main(["run", "--least-points", number])
    assert "must be a number of time points, at least 1" in capsys.readouterr().err


def test_rules_are_compared_on_the_same_students(tmp_path, monkeypatch, capsys):
    for split, seed in (("TRAIN", 0), ("TEST", 1)):
        write_split(tmp_path / "data", "Short", split, *make_series(12, 1, 6, seed=seed))
    quick = GDPDEarlyClassifier(n_epochs=1, n_folds=2, student="lstm1-8", teacher="lstm1-8")
    monkeypatch.setattr(_compute, "GDPDEarlyClassifier", lambda: quick)
    early.main(["triggers", "--sets", "Short", "--seeds", "1", "--n-jobs", "1",
                "--data-dir", str(tmp_path / "data"), "--out", str(tmp_path / "out")])  # fmt: skip
    (row,), problems = load_cells(tmp_path / "out" / "triggers")
    assert not problems
    assert all(row[name] <= row["oracle"] for name in _compute.TRIGGERS)
    assert "falling_threshold" in capsys.readouterr().out
