"""Suites by name: what is there is taken, what is missing is named."""

import pytest
from synthetic import make_series, write_split

from benchmarks._data import SUITES
from benchmarks._suites import found_sets, resolve_sets
from benchmarks.accuracy import __main__ as accuracy


@pytest.fixture
def folder(archive):
    for name in ("GunPoint", "CBF"):
        for split in ("TRAIN", "TEST"):
            write_split(archive / "ucr", name, split, *make_series(4))
    return str(archive)


def test_a_suite_is_what_of_it_is_there(folder, capsys):
    assert resolve_sets(["ucr12"], folder) == ["CBF", "GunPoint"]
    said = capsys.readouterr().err
    assert said.startswith("ucr12: 2 of 12 sets are there, without Coffee, ECG200")
    assert said.count("Coffee") == 1
    assert "GunPoint" not in said


def test_sets_and_suites_mix_and_each_stands_once(folder, capsys):
    assert resolve_sets(["Waves", "ucr12", "GunPoint", "Moves"], folder) == [
        "Waves", "CBF", "GunPoint", "Moves",
    ]  # fmt: skip
    resolve_sets(["Waves"], folder)
    assert resolve_sets(["raw"], folder) == list(SUITES["raw"])
    assert capsys.readouterr().err.count("\n") == 1


def test_without_a_folder_aeon_has_all(capsys):
    assert resolve_sets(["mori45"], None) == list(SUITES["mori45"])
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["Waves", "Wave"], r"'Wave': no Wave/Wave_TRAIN.ts in --data-dir .*Suites are \['ucr12'"),
        (["uea12"], r"uea12: data set 'Articul.*--data-dir"),
        (["PhysioNet2012"], r"'PhysioNet2012': no Outcomes-a.txt"),
    ],
)
def test_what_is_not_there_is_named_with_the_place(names, message, folder):
    with pytest.raises(FileNotFoundError, match=message):
        resolve_sets(names, folder)


def test_a_set_without_its_package_is_missing(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert found_sets("raw", SUITES["raw"], None) == ["RawCBF"]
    assert "raw: 1 of 3 sets are there, without MNIST1D, Watch." in capsys.readouterr().err


def test_a_table_is_a_suite(folder, monkeypatch, capsys, tmp_path):
    asked = []
    monkeypatch.setattr(accuracy, "run", lambda cells, *_, **how: asked.extend(cells))
    command = ["run", "--table", "1", "--data-dir", folder, "--out", str(tmp_path / "out")]
    accuracy.main(command)
    assert {cell["set"] for cell in asked} == {"CBF", "GunPoint"}
    assert "the table: 2 of 12 sets are there" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        accuracy.main([*command, "--sets", "Nothing"])
    assert "'Nothing': no Nothing/Nothing_TRAIN.ts" in capsys.readouterr().err
