"""The quickstart runs from the command line to its files, and choices never open a test split."""

import sys

import pandas as pd
import pytest

from benchmarks import defaults, quickstart
from benchmarks._data import find_folder, load_split


def test_quickstart_writes_table_and_plot(tmp_path, monkeypatch, capsys):
    arguments = ["--sets", "UnitTest", "--earliness", "0.5", "--seeds", "2", "--n-jobs", "1"]
    monkeypatch.setattr(sys, "argv", ["quickstart", *arguments, "--out", str(tmp_path)])
    quickstart.main()
    results = pd.read_csv(tmp_path / "results.csv")
    assert set(results["method"]) == {"none", "kd", "gdpd", "teacher"}
    assert len(results) == 2 * 4
    assert results["auc_prc"].between(0, 1).all()
    assert (tmp_path / "results.png").stat().st_size > 10_000
    printed = capsys.readouterr().out
    mean = 100 * results.loc[results["method"] == "gdpd", "accuracy"].mean()
    assert f"{mean:.1f} ±" in printed
    assert "gdpd - none" in printed


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
