"""The early benchmark runs, and reports what it wrote."""

import json

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from benchmarks._cells import run_cells
from benchmarks.early import __main__ as early
from benchmarks.early import _compute
from benchmarks.early._compute import compute, contestant_cells
from benchmarks.early._costs import ALPHAS, decision_cost
from benchmarks.early._figures import read_cells
from benchmarks.early._points import classification_points
from benchmarks.early._report import report
from benchmarks.early.contestants import CONTESTANTS
from benchmarks.early.contestants._gdpd import GDPD, EachRule
from benchmarks.early.contestants._rules import RULES
from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import average_cost


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
    """The package's classifier, with one rule and with all."""
    quick = GDPDEarlyClassifier(n_epochs=1, n_folds=2, student="lstm1-8", teacher="lstm1-8")
    entries = {"GDPD": GDPD(quick), "rules": EachRule(GDPDEarlyClassifier())}
    monkeypatch.setattr(_compute, "CONTESTANTS", entries)
    return quick


def test_run_and_report(archive, tmp_path, tiny, capsys):
    cells = contestant_cells(["GDPD", "rules"], ["Waves"], 1, 5)
    run_cells(lambda c: compute(c, str(archive)), cells, tmp_path / "out", n_jobs=1)
    rows = read_cells(tmp_path / "out").set_index("contestant")
    report(rows.reset_index(), tmp_path / "report", first="GDPD")
    printed = capsys.readouterr().out
    assert "Waves" in printed
    figures = rows.loc["GDPD"]
    accuracy, rest = figures["accuracy"], 1 - figures["earliness"]
    assert np.isclose(figures["harmonic_mean"], 2 * accuracy * rest / (accuracy + rest))
    assert figures["earliness"] >= 5 / 12
    row = _row_of(printed, "GDPD")
    assert row["rule"] == "each α"
    assert row["points from"] == "5"
    assert np.isclose(float(row["AvgCost 0.8"]), figures["linear cost 0.8"], atol=6e-4)
    assert {f"rules, {rule}" for rule in RULES} < set(rows.index)
    # no rule beats hindsight on its own probabilities
    best = rows.loc["rules: hindsight"]
    for rule in RULES:
        each = rows.loc[f"rules, {rule}"]
        assert each["harmonic_mean"] <= best["harmonic_mean"]
        for alpha in ALPHAS:
            column = f"linear cost {alpha:g}"
            assert each[column] >= best[column] - 1e-12


def test_costs_are_those_of_a_rule_fitted_for_each(archive, tiny):
    (cell,) = contestant_cells(["GDPD"], ["Waves"], 1, 3)
    figures = compute(cell, str(archive))["rules"][""]
    X, y = early_split(archive, "train")
    X_test, y_test = early_split(archive, "test")
    classifier = tiny.set_params(classification_points=classification_points(12), random_state=0)
    classifier.fit(X, y)
    for setting in ("linear", "rare"):
        for alpha in (0.0, 0.3, 1.0):
            cost = decision_cost(setting, alpha, y)
            labels, _, stop_times = classifier.fit_trigger(objective=cost).predict_early(X_test)
            expected = average_cost(y_test, labels, stop_times / 12, cost, classifier.classes_)
            costs = dict(zip(ALPHAS, figures[setting]["cost"], strict=True))
            assert np.isclose(costs[alpha], expected)


def test_anchors_are_the_first_point_the_last_one_and_hindsight(archive, tiny):
    (cell,) = contestant_cells(["rules"], ["Waves"], 1, 6)
    anchors = compute(cell, str(archive))["anchors"]
    assert anchors["as soon as possible"]["earliness"] == 6 / 12
    assert anchors["as late as possible"]["earliness"] == 1.0
    soon, late, best = (
        np.array(anchors[name]["linear"]["cost"])
        for name in ("as soon as possible", "as late as possible", "hindsight")
    )
    assert (best <= np.minimum(soon, late) + 1e-12).all()
    errors = 1 - anchors["as late as possible"]["accuracy"]
    np.testing.assert_allclose(late, np.array(ALPHAS) * errors + (1 - np.array(ALPHAS)))


def test_nothing_is_learned_from_test_data(archive, tiny, monkeypatch):
    """Another test split: the fitted contestant and each fitted rule decide as before."""
    fitted = []
    honest = _compute.load_split

    def poisoned(name, split, data_dir):
        X, y = honest(name, split, data_dir)
        if split == "test":
            X, y = np.random.default_rng(0).normal(size=X.shape), y[::-1].copy()
        return X, y

    class Watched(EachRule):
        def fit_rule(self, objective):
            super().fit_rule(objective)
            held = self.probabilities(early_split(archive, "train")[0])
            fitted[-1].append(self.decide_on(held))
            return self

    monkeypatch.setattr(_compute, "CONTESTANTS", {"rules": Watched(GDPDEarlyClassifier())})
    (cell,) = contestant_cells(["rules"], ["Waves"], 1, 3)
    for load in (honest, poisoned):
        monkeypatch.setattr(_compute, "load_split", load)
        fitted.append([])
        compute(cell, str(archive))
    assert len(fitted[0]) == len(RULES) * (1 + 2 * len(ALPHAS))
    np.testing.assert_array_equal(fitted[0], fitted[1])


def early_split(archive, split):
    return _compute.load_split("Waves", split, str(archive))


class AtHalf(BaseEstimator):
    """Decides for one class at a point of its own, for every cost alike."""

    least_points = 6

    def fit(self, X, y, classification_points, random_state):
        self.point_, self.label_ = classification_points[0], y[0]
        return self

    def decide(self, X):
        return np.full(len(X), self.label_), np.full(len(X), self.point_)


def test_a_peer_that_fits_no_rules_shows_its_one_operating_point(
    archive, tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(CONTESTANTS, "half", AtHalf())
    out = tmp_path / "out"
    early.main(["run", "--contestants", "half", "--sets", "Waves", "--seeds", "1", "--n-jobs", "1",
                "--data-dir", str(archive), "--out", str(out)])  # fmt: skip
    row = _row_of(capsys.readouterr().out, "half")
    assert (row["rule"], row["points from"]) == ("one", "6")
    for alpha in (0.3, 0.5, 0.8):
        assert float(row[f"AvgCost {alpha:g}"]) == alpha * 0.5 + (1 - alpha) * 0.5


def _row_of(printed, contestant):
    """Give the row of a contestant in the first table of means, by column."""
    text = printed.split("Published")[1].splitlines()
    table = [[part.strip() for part in line.split("|")[1:-1]] for line in text if "|" in line]
    row = next(cells for cells in table if cells[0] == contestant)
    return dict(zip(table[0], row, strict=True))


def of_rule(accuracy, earliness=0.3):
    """Figures as a cell holds them, of a rule that knows but one operating point."""
    n = len(ALPHAS)
    costs = [alpha * (1 - accuracy) + (1 - alpha) * earliness for alpha in ALPHAS]
    setting = {"cost": costs, "accuracy": [accuracy] * n, "earliness": [earliness] * n}
    point = {"accuracy": accuracy, "earliness": earliness, "harmonic_mean": accuracy}
    return {**point, "linear": {**setting, "fits": False}, "rare": {**setting, "fits": False}}


def write_cells(folder, cells, scores, turn=1):
    folder.mkdir()
    for number, (cell, score) in enumerate(zip(cells, scores, strict=True)):
        figures = {"rules": {"": of_rule(score)}, "fit_seconds": 1.0, "score_seconds": 0.1}
        text = json.dumps({"cell": cell, "figures": figures})
        (folder / f"{turn * number + 50}.json").write_text(text)


def test_report_does_not_depend_on_the_order_of_the_files(tmp_path, capsys):
    printed = []
    cells = contestant_cells(["threshold, QUANT", "NonMyopic"], ["CBF", "Coffee"], 3, 3)
    scores = [0.7 + 0.1 / (1 + number) for number in range(len(cells))]
    for turn in (1, -1):
        folder = tmp_path / str(turn)
        write_cells(folder, cells, scores, turn)
        report(read_cells(folder), folder / "report")
        printed.append(capsys.readouterr().out.replace(str(folder), ""))
        drawn = list((folder / "report").glob("ucr-12_*.png"))
        assert len(drawn) == 3
        assert all(path.stat().st_size > 10_000 for path in drawn)
    assert printed[0] == printed[1]


def test_other_points_are_another_contestant(tmp_path):
    cells = [
        cell
        for least in (3, 9)
        for cell in contestant_cells(["threshold, QUANT"], ["CBF"], 2, least)
    ]
    cells += contestant_cells(["NonMyopic"], ["CBF"], 2, 3)
    write_cells(tmp_path / "out", cells, [0.6, 0.7, 0.8, 0.9, 0.5, 0.5])
    rows = read_cells(tmp_path / "out").groupby("contestant")
    assert rows["harmonic_mean"].mean().round(9).to_dict() == {
        "threshold, QUANT, from 3": 0.65, "threshold, QUANT, from 9": 0.85, "NonMyopic": 0.5,
    }  # fmt: skip


def test_a_contestant_that_is_no_longer_known_stays_in_the_report(tmp_path, capsys):
    cells = [
        {"set": name, "contestant": "gone", "seed": 0, "least_points": 3}
        for name in ("CBF", "Coffee")
    ]
    write_cells(tmp_path / "out", cells, [0.6, 0.6])
    report(read_cells(tmp_path / "out"), tmp_path / "report")
    printed = capsys.readouterr().out
    assert _row_of(printed, "gone")["harmonic mean"] == "0.600"
    published = _row_of(printed, "SR1-CF1 (published)")
    assert (published["accuracy"], published["points from"]) == ("0.910", "–")
    assert published["rule"] == "one"


def test_stored_figures_stand_beside_cells_of_ones_own(tmp_path, capsys):
    sets = ["CBF", "Coffee"]
    old, new = tmp_path / "old", tmp_path / "new"
    write_cells(old, contestant_cells(["default", "NonMyopic"], sets, 1, 3), [0.8, 0.8, 0.7, 0.7])
    write_cells(new, contestant_cells(["NonMyopic", "TEASER"], sets, 1, 3), [0.6, 0.6, 0.5, 0.5])
    stored = tmp_path / "figures.csv.gz"
    early.main(["store", "--out", str(old), "--stored", str(stored)])
    first = stored.read_bytes()
    early.main(["store", "--out", str(old), "--stored", str(stored)])
    assert stored.read_bytes() == first
    capsys.readouterr()
    early.main(["report", "--out", str(new), "--stored", str(stored)])
    printed = capsys.readouterr().out
    accuracies = {n: _row_of(printed, n)["accuracy"] for n in ("default", "NonMyopic", "TEASER")}
    assert accuracies == {"default": "0.800", "NonMyopic": "0.600", "TEASER": "0.500"}


def test_empty_folder_is_named(tmp_path):
    with pytest.raises(ValueError, match="holds no result"):
        read_cells(tmp_path)


@pytest.mark.parametrize("number", ["0", "-1", "2.5"])
def test_a_wrong_number_of_points_is_named(number, capsys):
    with pytest.raises(SystemExit):
        early.main(["run", "--least-points", number])
    assert "must be a number of time points, at least 1" in capsys.readouterr().err


def test_the_help_names_every_contestant(capsys):
    with pytest.raises(SystemExit) as stopped:
        early.main(["--help"])
    assert stopped.value.code == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert all(name.split(", ")[0] in printed for name in CONTESTANTS)
    assert "MiniRocket, 40 %" in printed
