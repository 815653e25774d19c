"""Runs: figures that anyone can recompute, resumable, repeatable to the byte."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from aeon.benchmarking.results_loaders import NAME_ALIASES, get_estimator_results
from made_up_stays import make_stays, write_stays
from synthetic import make_series, write_split

from benchmarks._cells import cell_path, load_cells
from benchmarks._data import load_split
from benchmarks._origin import Origin, current_origin
from benchmarks.accuracy.__main__ import main
from benchmarks.accuracy._compute import Laboratory
from benchmarks.accuracy._estimator import build_estimator
from benchmarks.accuracy._grid import Grid
from benchmarks.accuracy._report import report
from benchmarks.accuracy._run import run
from benchmarks.accuracy._teachers import shared_teacher
from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.metrics import auc_prc, auc_prc_per_class, predictive_kl, top1_agreement

ROOT = Path(__file__).parents[3]
SMALL = {"n_epochs": 4, "pairs": (("lstm1-8", "lstm1-8"),), "n_seeds": 1}


def laboratory(archive, out, **wishes):
    return Laboratory(out, str(archive), **wishes)


def files(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.json")}


# figures ----------------------------------------------------------------------------------------


def test_a_solved_student_is_validated_too(archive, tmp_path):
    grid = Grid(
        sets=("Moves",), distillers=("none",), validation_fraction=0.25,
        **{**SMALL, "pairs": (("lstm1-8", "rocket"),)},
    )  # fmt: skip
    run(list(grid.cells()), laboratory(archive, tmp_path / "out"))
    (row,), _ = load_cells(tmp_path / "out")
    clf = GDPDClassifier(0.5, student="rocket", validation_fraction=0.25, random_state=0)
    clf.fit(*load_split("Moves", "train", str(archive)))
    (loss,) = clf.history_["validation_loss"]
    assert row["validation_loss"] == pytest.approx(loss, abs=1e-6)


@pytest.mark.parametrize("distiller", ["none", "gdpd"])
def test_a_cell_is_one_call_of_the_classifier(archive, tmp_path, distiller):
    grid = Grid(
        sets=("Moves",), distillers=(distiller,), channels=(2,), validation_fraction=0.25, **SMALL
    )
    (cell,) = grid.cells()
    run([cell], laboratory(archive, tmp_path / "out"))
    (row,), _ = load_cells(tmp_path / "out")

    X, y = load_split("Moves", "train", str(archive))
    X_test, y_test = load_split("Moves", "test", str(archive))
    clf = GDPDClassifier(
        0.5, "lstm1-8", "lstm1-8", distiller, n_epochs=4, validation_fraction=0.25, channels=2,
        random_state=0,
    )  # fmt: skip
    teacher = clf.fit_teacher(X, y).model.predict_proba(X_test)
    ours = clf.fit(X, y).predict_proba(X_test)
    held = clf.validation_cases_
    eligible = clf.history_[clf.history_["epoch"] >= (2 if distiller == "gdpd" else 0)]
    expected = {
        "auc_prc": auc_prc(y_test, ours),
        "class_auc_prc": dict(zip("01", auc_prc_per_class(y_test, ours), strict=True)),
        "accuracy": clf.score(X_test, y_test),
        "teacher_auc_prc": auc_prc(y_test, teacher),
        "teacher_accuracy": (clf.classes_[teacher.argmax(1)] == y_test).mean(),
        "agreement": top1_agreement(teacher, ours),
        "predictive_kl": predictive_kl(teacher, ours),
        "validation_loss": eligible["validation_loss"].min(),
        "validation_auc_prc": auc_prc(y[held], clf.predict_proba(X[held])),
        "n_parameters": clf.n_parameters_,
        "teacher_n_parameters": 370 + 2 * 4 * 8,  # two channels more
        "longer": {},
    }
    found = {name: row[name] for name in expected}
    for nested in ("longer", "class_auc_prc"):
        assert found.pop(nested) == pytest.approx(expected.pop(nested))
    assert found == pytest.approx(expected, rel=1e-6)
    assert set(row) == set(cell) | set(expected) | {
        "longer", "class_auc_prc", "teacher_origin", "origin", "file",
    }  # fmt: skip
    cost = json.loads(cell_path(tmp_path / "out" / "cost", cell).read_text())
    assert set(cost) == {"fit_seconds", "teacher_seconds", "seconds_per_epoch"}
    assert cost["fit_seconds"] == pytest.approx(4 * cost["seconds_per_epoch"])


def test_longer_prefixes_are_stretched_to_the_same_input(archive, tmp_path):
    cells = Grid(sets=("Waves",), distillers=("none",), earliness=(0.5, 1.0), **SMALL).cells()
    out = tmp_path / "out"
    run(cells, laboratory(archive, out))
    assert all(row["longer"] == {} for row in load_cells(out)[0])
    run(cells, laboratory(archive, out, longer=True))  # asked for later: computed again
    half, whole = sorted(load_cells(out)[0], key=lambda row: row["earliness"])
    assert list(half["longer"]) == ["0.6", "0.8", "1"]
    assert whole["longer"] == {}
    # independent: squeeze the complete series into as many points as the student reads at once
    X, y = load_split("Waves", "train", str(archive))
    X_test, y_test = load_split("Waves", "test", str(archive))
    clf = build_estimator(cells[0]).fit(X, y)
    network = clf.model_[0]
    scaled = (torch.tensor(X_test, dtype=torch.float32) - clf.model_.view.mean) / (
        clf.model_.view.std
    )
    probabilities = network(scaled).logits.softmax(1).detach().numpy()
    assert half["longer"]["1"] == pytest.approx(auc_prc(y_test, probabilities), abs=1e-6)


def test_tsml_files_are_written_also_later(archive, tmp_path):
    cells = Grid(sets=("Waves",), distillers=("none", "kd"), **SMALL).cells()
    out = tmp_path / "out"
    run(cells, laboratory(archive, out))
    before = files(out)
    run(cells, laboratory(archive, out, tsml=True))
    assert files(out) == before
    written = sorted(out.glob("tsml/*/Predictions/Waves/testResample0.csv"))
    assert [path.parts[-4].split("-")[0] for path in written] == ["kd", "none"]
    lines = written[0].read_text().splitlines()
    assert len(lines) == 3 + 16
    accuracy = np.mean([line.split(",")[0] == line.split(",")[1] for line in lines[3:]])
    assert float(lines[2].split(",")[0]) == pytest.approx(accuracy)


def test_aeon_reads_back_what_a_run_wrote_for_it(archive, tmp_path, monkeypatch):
    small = {**SMALL, "n_seeds": 2}
    cells = Grid(sets=("Waves", "Moves"), distillers=("none", "kd"), **small).cells()
    run(cells, laboratory(archive, tmp_path / "out", tsml=True))
    names = [path.parent.name for path in tmp_path.glob("out/tsml/*/Predictions")]
    assert len(names) == 2
    rows, _ = load_cells(tmp_path / "out")
    for name in names:
        monkeypatch.setitem(NAME_ALIASES, name, [])
        read = get_estimator_results(name, num_resamples=2, path=str(tmp_path / "out" / "tsml"))
        assert set(read[name]) == {"Waves", "Moves"}
        for row in rows:
            if row["distiller"] == name.split("-")[0]:
                assert read[name][row["set"]][row["seed"]] == pytest.approx(row["accuracy"])


def test_table_8_from_made_up_stays(tmp_path, capsys):
    data, out = tmp_path / "data", tmp_path / "out"
    write_stays(data, *make_stays(24), archive="set-a.tar.xz")
    command = [
        "run", "--table", "8", "--setting", "default", "--pair", "lstm1-8:lstm1-8",
        "lstm1-8@PhysioNet2012Stay:lstm1-8", "--n-epochs", "2", "--seeds", "1",
        "--earliness", "0.25", "--n-jobs", "1", "--out", str(out),
    ]  # fmt: skip
    with pytest.raises(SystemExit):
        main(command)
    assert "'PhysioNet2012' cannot be downloaded" in capsys.readouterr().err
    assert main([*command, "--data-dir", str(data)]) == 0
    rows, _ = load_cells(out)
    assert len(rows) == 2 * 2 * (4 + 3)

    X, y = load_split("PhysioNet2012", "train", str(data))
    X_test, y_test = load_split("PhysioNet2012", "test", str(data))
    clf = GDPDClassifier(
        0.25, "lstm1-8", "lstm1-8", "gdpd", n_epochs=2, class_weight="balanced", channels=21,
        random_state=0,
    )  # fmt: skip
    other = clf.fit_teacher(*load_split("PhysioNet2012Stay", "train", str(data)))
    ours = clf.set_params(teacher=other).fit(X, y).predict_proba(X_test)
    areas = auc_prc_per_class(y_test, ours)
    (row,) = (
        r for r in rows
        if "@" in r["teacher"] and (r["distiller"], r["channels"]) == ("gdpd", 21) and r["options"]
    )  # fmt: skip
    assert row["class_auc_prc"] == pytest.approx({"died": areas[0], "survived": areas[1]})
    assert row["auc_prc"] == pytest.approx(areas.mean())
    assert row["teacher_auc_prc"] is row["agreement"] is row["predictive_kl"] is None

    assert main(["report", str(out)]) == 0
    text = capsys.readouterr().out
    for number in (1, 2, 3, 4, 5, 9):
        assert f"## Table {number}:" not in text
    lines = text.split("## Table 8")[1].split("## ")[0].splitlines()
    assert sum("PhysioNet2012Stay" in line for line in lines) == 2 * 2 * 2


# once, repeatably, and on in the face of errors -------------------------------------------------


def test_teachers_are_trained_once_and_shared(archive, tmp_path, trained):
    cells = Grid(
        sets=("Moves",), distillers=("none", "kd", "gdpd"), earliness=(0.5, 1.0),
        channels=(None, 2), **SMALL
    ).cells()  # fmt: skip
    for _ in range(2):
        assert run(cells, laboratory(archive, tmp_path / "out")) == 0
    assert trained.count("fit_teacher") == 1
    assert trained.count("fit") == len(cells) == 12


def test_a_damaged_teacher_is_trained_again(archive, tmp_path, trained):
    (cell,) = Grid(sets=("Waves",), distillers=("kd",), **SMALL).cells()
    X, y = load_split("Waves", "train", str(archive))
    first = shared_teacher(cell, build_estimator(cell), X, y, tmp_path)
    (path,) = tmp_path.glob("*.joblib")
    path.write_bytes(path.read_bytes()[:100])
    second = shared_teacher(cell, build_estimator(cell), X, y, tmp_path)
    assert trained.count("fit_teacher") == 2
    np.testing.assert_array_equal(
        first.teacher.model.predict_proba(X), second.teacher.model.predict_proba(X)
    )


def test_teachers_of_another_version_are_named_and_replaced_on_request(
    archive, tmp_path, trained, monkeypatch, capsys
):
    cells = Grid(sets=("Waves",), distillers=("kd",), earliness=(0.5, 1.0), **SMALL).cells()
    out = tmp_path / "out"
    old, new = Origin("0.0.9", "0123456789ab"), current_origin()
    with monkeypatch.context() as before:
        for module in ("benchmarks._cells", "benchmarks.accuracy._teachers"):
            before.setattr(f"{module}.current_origin", lambda: old)
        run(cells[:1], laboratory(archive, out))
    run(cells, laboratory(archive, out))  # what is there counts, teacher and cell
    assert (trained.count("fit_teacher"), trained.count("fit")) == (1, 2)
    report(out)
    text = capsys.readouterr().out
    assert f"2 cells of different code: 1 of {old}; 1 of {new}." in " ".join(text.split())
    assert "Teachers of 1 cells come from other code." in text

    run(cells, laboratory(archive, out), redo_other_versions=True)
    assert (trained.count("fit_teacher"), trained.count("fit")) == (2, 3)
    run(cells, laboratory(archive, out), redo_other_versions=True)
    assert (trained.count("fit_teacher"), trained.count("fit")) == (2, 3)
    origins = {json.loads(path.read_text())["origin"]["commit"] for path in out.rglob("*.json")
               if path.parent.name != "cost"}  # fmt: skip
    assert origins == {new.commit}


def test_a_failed_cell_is_recorded_and_retried_on_request(archive, tmp_path):
    lab = laboratory(archive, tmp_path / "out")
    cells = Grid(sets=("Missing", "Waves"), distillers=("none", "kd"), **SMALL).cells()
    assert run(cells, lab) == 2
    rows, problems = load_cells(tmp_path / "out")
    assert {row["set"] for row in rows} == {"Waves"}
    assert len(problems) == 2
    assert all("'Missing'" in problem and str(archive) in problem for problem in problems)
    for split, seed in (("TRAIN", 0), ("TEST", 1)):
        write_split(archive, "Missing", split, *make_series(16, 1, 12, seed=seed))
    assert run(cells, lab) == 0  # none is tried, none fails
    assert len(load_cells(tmp_path / "out")[1]) == 2
    assert run(cells, lab, retry_failed=True) == 0
    assert load_cells(tmp_path / "out")[1] == []


def command(archive, out):
    return [
        sys.executable, "-m", "benchmarks.accuracy", "run", "--sets", "Waves",
        "--distillers", "none,kd,gdpd", "--earliness", "0.4,0.6,1.0", "--seeds", "1",
        "--pair", "lstm1-8:lstm1-8", "--n-epochs", "30", "--data-dir", str(archive),
        "--out", str(out), "--n-jobs", "1",
    ]  # fmt: skip


@pytest.mark.slow  # the same of any cells: test_cells.py
def test_kill_minus_nine_loses_only_the_running_cell(archive, tmp_path):
    out = tmp_path / "out"
    running = subprocess.Popen(command(archive, out), cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 200
    while len(files(out)) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    done = {path: path.stat().st_mtime_ns for path in out.glob("*.json")}
    assert 3 <= len(done) < 9
    assert main(command(archive, out)[3:]) == 0
    rows, problems = load_cells(out)
    assert len(rows) == 9
    assert not problems
    assert all(path.stat().st_mtime_ns == when for path, when in done.items())


# the command ------------------------------------------------------------------------------------


def test_an_unknown_method_ends_the_command(capsys):
    with pytest.raises(SystemExit):
        main(["run", "--sets", "Waves", "--distillers", "gdp"])
    assert "'gdp' is unknown" in capsys.readouterr().err


def test_failures_show_in_the_exit_status(archive, tmp_path):
    write_split(archive, "Half", "TRAIN", *make_series(8, 1, 12))  # without a test split
    arguments = [
        "run", "--sets", "Half", "--distillers", "none", "--seeds", "1", "--n-jobs", "1",
        "--n-epochs", "1", "--data-dir", str(archive), "--out", str(tmp_path / "out"),
    ]  # fmt: skip
    assert main(arguments) == 1


def test_a_set_that_is_not_there_ends_the_command(archive, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["run", "--sets", "Missing", "--data-dir", str(archive), "--out", str(tmp_path / "o")])
    said = capsys.readouterr().err
    assert "'Missing': no Missing/Missing_TRAIN.ts in --data-dir" in said
    assert str(archive) in said
    assert not (tmp_path / "o").exists()
