"""The early benchmark runs, and reports what it wrote."""

import json

import numpy as np
import pytest
from synthetic import make_series

from benchmarks import early
from benchmarks._cells import load_cells, run_cells
from benchmarks._non_myopic import NonMyopic


def test_points_are_twentieths_from_nine_on():
    assert early.classification_points(24) == [10, 11, 12, 13, 14, 16, 17, 18, 19, 20, 22, 23, 24]
    assert early.classification_points(100) == list(range(10, 101, 5))


def test_run_and_report(tmp_path, monkeypatch, capsys):
    def tiny(**parameters):
        return early.GDPDEarlyClassifier(**parameters, n_epochs=1, n_folds=2, student="lstm1-8")

    monkeypatch.setattr(early, "CONTESTANTS", {"GDPD": tiny})
    cell = {"set": "ItalyPowerDemand", "contestant": "GDPD", "seed": 0}
    run_cells(lambda c: early.compute(c, None), [cell], tmp_path, n_jobs=1)
    early.report(tmp_path)
    printed = capsys.readouterr().out
    assert "ItalyPowerDemand" in printed
    figures = load_cells(tmp_path)[0][0]
    accuracy, rest = figures["accuracy"], 1 - figures["earliness"]
    assert np.isclose(figures["harmonic_mean"], 2 * accuracy * rest / (accuracy + rest))
    assert figures["oracle"] >= figures["harmonic_mean"]


def test_non_myopic_waits_where_waiting_is_cheap():
    X, y = make_series(60, n_timepoints=24)
    X[:, :, :8] = 0.01 * np.random.default_rng(0).normal(size=(60, 1, 8))  # nothing to see yet
    labels = np.array(["a", "b"])[y]
    accuracies = {}
    for cost in (None, 0.01):
        model = NonMyopic((4, 24), 0, waiting_cost=cost).fit(X[:30], labels[:30])
        score, accuracies[cost], earliness = model.score(X[30:], labels[30:])
        assert np.isclose(score, early.harmonic_mean(accuracies[cost], earliness))
        # at tslearn's default a time point costs as much as an error: it stops at the first
        assert earliness == 4 / 24 if cost is None else earliness > 8 / 24
    assert accuracies[0.01] > 0.9 > accuracies[None]
    with pytest.raises(ValueError, match="one channel"):
        model.score(np.zeros((3, 2, 24)), labels[:3])


def test_report_does_not_depend_on_the_order_of_the_files(tmp_path, capsys):
    printed = []
    for turn in (1, -1):
        folder = tmp_path / str(turn)
        cells = [
            {"set": name, "contestant": contestant, "seed": seed}
            for name in ("CBF", "Coffee")
            for contestant in ("TEASER", "NonMyopic")
            for seed in (0, 1, 2)
        ]
        figures = {"earliness": 0.3, "fit_seconds": 1.0, "score_seconds": 0.1}
        folder.mkdir()
        for number, cell in enumerate(cells):
            score = 0.7 + 0.1 / (1 + number)
            result = {"harmonic_mean": score, "accuracy": score, **figures}
            name = f"{turn * number + 50}.json"
            (folder / name).write_text(json.dumps({"cell": cell, "figures": result}))
        early.report(folder)
        printed.append(capsys.readouterr().out.replace(str(folder), ""))
        assert (folder / "report" / "accuracy_earliness.png").stat().st_size > 10_000
    assert printed[0] == printed[1]


def test_empty_folder_is_named(tmp_path):
    with pytest.raises(ValueError, match="holds no result"):
        early.report(tmp_path)
