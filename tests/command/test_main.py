import re
import runpy
import sys

import numpy as np
import pandas as pd
import pytest
from synthetic import make_series, write_split

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.command import main
from gdpd_sklearn.metrics import harmonic_mean


@pytest.fixture(scope="module")
def data():
    X, codes = make_series(60, n_classes=3)
    X = X + np.random.default_rng(0).normal(scale=0.8, size=X.shape)
    return X, np.array(["a", "b", "c"])[codes]


@pytest.fixture
def folder(tmp_path, data):
    X, y = data
    write_split(tmp_path, "Own", "TRAIN", X[:40], y[:40])
    write_split(tmp_path, "Own", "TEST", X[40:], y[40:])
    return tmp_path / "Own"


def rows_of(text):
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("classifier"))
    cells = [re.split(r"  +", line) for line in lines[start + 1 :] if "  " in line]
    return {name: [float(each) for each in figures] for name, *figures in cells}


def test_it_fits_scores_and_keeps_both(folder, data, tmp_path, capsys):
    X, y = data
    out = tmp_path / "results"
    assert main([str(folder), "--points", "4", "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "40 cases to learn from, 1 channel, 20 time points; tested on Own_TEST.ts" in printed.out
    rows = rows_of(printed.out)

    early = GDPDEarlyClassifier.load(out / "early.safetensors")
    own = GDPDEarlyClassifier(4, random_state=0).fit(X[:40], y[:40])
    score = own.score(X[40:], y[40:])
    assert rows["early"][:3] == pytest.approx([score.accuracy, score.earliness, score], abs=6e-4)
    report = pd.read_csv(out / "early.csv")
    labels, _, times = early.predict_early(X[40:])
    assert report["label"].tolist() == labels.tolist() == own.predict_early(X[40:]).labels.tolist()
    assert report["stop_time"].tolist() == times.tolist()
    assert report["true_label"].tolist() == y[40:].tolist()
    assert report["right"].mean() == pytest.approx(score.accuracy)

    partial = GDPDClassifier.load(out / "partial.safetensors")
    accuracy = partial.score(X[40:], y[40:])
    expected = [accuracy, 0.5, harmonic_mean(accuracy, 0.5)]
    assert rows["partial, 10 points"][:3] == pytest.approx(expected, abs=6e-4)
    report = pd.read_csv(out / "partial.csv")
    assert report["label"].tolist() == partial.predict(X[40:]).tolist()
    assert "kept in" in printed.out


def test_a_cost_of_waiting_chooses_the_rule_and_stands_in_the_table(folder, data, capsys):
    X, y = data
    assert main([str(folder), "--points", "4", "--classifiers", "early", "--delay-cost", "3"]) == 0
    text = capsys.readouterr().out
    accuracy, earliness, _, cost, _ = rows_of(text)["early"]
    assert "cost" in text
    assert cost == pytest.approx(1 - accuracy + 3 * earliness, abs=3e-3)
    plain = GDPDEarlyClassifier(4, random_state=0).fit(X[:40], y[:40])
    assert earliness <= plain.score(X[40:], y[40:]).earliness


def test_series_of_unequal_lengths(tmp_path, data, capsys):
    X, y = data
    mixed = [x[:, : 12 + i % 9] for i, x in enumerate(X)]
    write_split(tmp_path, "Own", "TRAIN", mixed, y)
    assert main([str(tmp_path / "Own"), "--points", "3", "--prefix", "8"]) == 0
    printed = capsys.readouterr()
    assert "12 to 20 time points" in printed.out
    assert set(rows_of(printed.out)) == {"early", "partial, 8 points"}


def test_it_tells_what_it_does(folder, capsys, caplog):
    with caplog.at_level("INFO", logger="gdpd_sklearn"):
        assert main([str(folder), "--classifiers", "partial", "--verbose"]) == 0
    assert any("GDPDClassifier.fit of 40 cases" in record.message for record in caplog.records)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--classifiers", "late"], "--classifiers 'late' must name some of ['early', 'partial']"),
        (["--student", "fcm"], "student='fcm' is unknown (did you mean 'fcn'?)"),
        (["--prefix", "90"], "prefix_length=90 must be"),
        (["--test", "nowhere.ts"], "there is no file nowhere.ts"),
    ],
)
def test_what_is_wrong_is_one_line_without_a_traceback(folder, capsys, arguments, message):
    assert main([str(folder), "--classifiers", "partial", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("gdpd_sklearn: error: ")
    assert error.count("\n") == 1


def test_a_prefix_that_is_no_number_is_told(folder, capsys):
    with pytest.raises(SystemExit):
        main([str(folder), "--prefix", "half"])
    assert "'half' is no share such as 0.5" in capsys.readouterr().err


def test_an_output_folder_that_cannot_be_made_is_told_before_fits(folder, capsys):
    blocked = folder / "Own_TRAIN.ts"
    assert main([str(folder), "--out", str(blocked)]) == 2
    assert "error" in capsys.readouterr().err


def test_warnings_are_lines(folder, data, tmp_path, capsys):
    X, y = data
    frame = pd.DataFrame({
        "who": np.repeat(np.arange(60), 3), "when": [0.0, 1.0, 5.0] * 60,
        "value": X[:, 0, :3].ravel(), "label": np.repeat(y, 3),
    })  # fmt: skip
    frame.to_csv(tmp_path / "long.csv", index=False)
    arguments = ["--case", "who", "--time", "when", "--classifiers", "partial"]
    assert main([str(tmp_path / "long.csv"), *arguments]) == 0
    assert "gdpd_sklearn: warning: time='when' is not evenly spaced" in capsys.readouterr().err


def test_the_module_is_the_command(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gdpd_sklearn", "--help"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("gdpd_sklearn", run_name="__main__")
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert "python -m gdpd_sklearn data/GunPoint --out results" in text
