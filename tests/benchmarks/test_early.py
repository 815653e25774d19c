"""The early benchmark runs, and reports what it wrote."""

import numpy as np

from benchmarks import early
from benchmarks._cells import run_cells


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
    figures = early.load_cells(tmp_path)[0][0]
    accuracy, rest = figures["accuracy"], 1 - figures["earliness"]
    assert np.isclose(figures["harmonic_mean"], 2 * accuracy * rest / (accuracy + rest))
    assert figures["oracle"] >= figures["harmonic_mean"]
