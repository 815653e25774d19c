"""The quickstart runs from the command line to its files, and choices never open a test split."""

import sys

import pandas as pd
import pytest

from benchmarks import defaults, quickstart
from benchmarks._data import find_folder, load_split
from gdpd_sklearn.recipes import Training


def run(monkeypatch, out, *arguments):
    common = ["--sets", "UnitTest", "--seeds", "2", "--n-jobs", "1", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["quickstart", *common, *arguments])
    quickstart.main()


def test_students_of_a_share_are_compared(tmp_path, monkeypatch, capsys):
    few = {"n_epochs": 5, "training": Training(teacher_n_epochs=5)}
    quick = {name: {**own, **few} if own else own for name, own in quickstart.METHODS.items()}
    monkeypatch.setattr(quickstart, "METHODS", quick)
    methods = ("--methods", "default", "none", "kd", "gdpd")
    run(monkeypatch, tmp_path, "--contestants", "--earliness", "0.5", *methods)
    results = pd.read_csv(tmp_path / "results.csv")
    assert set(results["method"]) == {"default", "none", "kd", "gdpd", "teacher"}
    assert len(results) == 2 * 5
    assert results["auc_prc"].between(0, 1).all()
    assert (tmp_path / "results.png").stat().st_size > 10_000
    printed = capsys.readouterr().out
    mean = 100 * results.loc[results["method"] == "gdpd", "accuracy"].mean()
    assert f"{mean:.1f} ±" in printed
    assert "gdpd - default" in printed
    assert not (tmp_path / "early.csv").exists()


def test_early_classifiers_are_compared(tmp_path, monkeypatch, capsys):
    run(monkeypatch, tmp_path, "--methods", "--contestants", "default", "threshold, MiniRocket")
    results = pd.read_csv(tmp_path / "early.csv")
    assert len(results) == 2 * 2
    printed = capsys.readouterr().out
    rows = [[entry.strip() for entry in line.split("|")] for line in printed.splitlines()]
    for name, own in results.groupby("contestant"):
        (row,) = (row for row in rows if row[1:3] == ["UnitTest", name])
        assert float(row[3]) == pytest.approx(own["harmonic_mean"].mean(), abs=5e-4)
        assert ["mean", name] in [row[1:3] for row in rows]
    run(monkeypatch, tmp_path, "--methods", "--report")
    assert printed.splitlines()[-8:] == capsys.readouterr().out.splitlines()[-8:]


def test_defaults_are_chosen_without_the_test_split(monkeypatch):
    def only_train(name, split, data_dir):
        assert split == "train", "the test split was opened"
        return load_split(name, split, data_dir)

    monkeypatch.setattr(defaults, "load_split", only_train)
    monkeypatch.setattr(defaults, "SETTINGS", {"tiny": {"n_epochs": 1}})
    figures = defaults.run_fold("UnitTest", "tiny", "none", 0.5, 0, None)
    assert 0 <= figures["auc_prc"] <= 100
    assert figures["seconds"] > 0


def test_unknown_set_is_named(tmp_path):
    assert find_folder("GunPoint", None) is None
    with pytest.raises(FileNotFoundError, match="'Nowhere'"):
        find_folder("Nowhere", str(tmp_path))
