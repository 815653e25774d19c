"""Shown progress: silent unless asked, with and without tqdm."""

import importlib.util
import logging

import pytest
from synthetic import TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn._progress import Epochs, phase

FIGURES = {"task_loss": [1.0, 3.0], "validation_accuracy": [0.5, 0.5]}


@pytest.fixture
def without_tqdm(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "tqdm" else find(name)
    )


def _run(n_epochs, verbose):
    epochs = Epochs(n_epochs, "student", verbose)
    counted = []
    for epoch in epochs:
        counted.append(epoch)
        epochs.show(epoch, FIGURES)
    return counted


def test_silent_by_default(capsys):
    assert _run(5, verbose=0) == [0, 1, 2, 3, 4]
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


@pytest.mark.usefixtures("without_tqdm")
@pytest.mark.parametrize(("n_epochs", "n_lines"), [(1, 1), (5, 5), (20, 10), (100, 10)])
def test_plain_lines_go_to_stderr(capsys, n_epochs, n_lines):
    assert _run(n_epochs, verbose=1) == list(range(n_epochs))
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == n_lines
    last = f"student: epoch {n_epochs}/{n_epochs} task_loss=2.000 validation_accuracy=0.500"
    assert lines[-1] == last


def test_a_bar_shows_label_and_count_on_stderr(capsys):
    pytest.importorskip("tqdm", reason="tqdm is an optional dependency")
    assert _run(3, verbose=1) == [0, 1, 2]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "student" in captured.err
    assert "3/3" in captured.err


def test_a_bar_is_closed_when_training_stops_early():
    pytest.importorskip("tqdm", reason="tqdm is an optional dependency")
    epochs = Epochs(10, "student", 1)
    for epoch in epochs:
        if epoch == 2:
            break
    del epochs  # the generator ends with the loop, and the bar with it
    from tqdm.auto import tqdm

    assert not list(getattr(tqdm, "_instances", []))


def test_records_tell_of_phases_and_epochs(caplog, capsys):
    X, y = make_series()
    with caplog.at_level(logging.DEBUG, logger="gdpd_sklearn"):
        GDPDClassifier(**TINY, distiller="kd").fit(X, y)
    told = {record.phase: record for record in caplog.records if record.levelname == "INFO"}
    assert list(told) == [
        "training of teacher",
        "training of student",
        "GDPDClassifier.fit of 24 cases",
    ]
    assert told["training of student"].epoch == 4
    whole = told["GDPDClassifier.fit of 24 cases"].seconds
    assert 0 < told["training of teacher"].seconds + told["training of student"].seconds < whole
    epochs = [record for record in caplog.records if record.levelname == "DEBUG"]
    assert [record.epoch for record in epochs] == [1, 2, 3, 4] * 2
    assert "student: epoch 4/4 task_loss=" in epochs[-1].getMessage()
    assert set(epochs[-1].figures) == {"task_loss", "transfer_loss"}
    assert capsys.readouterr().err == ""


def test_records_of_what_is_solved(caplog):
    X, y = make_series()
    with caplog.at_level(logging.INFO, logger="gdpd_sklearn"):
        GDPDEarlyClassifier(2, student="rocket", random_state=0).fit(X, y)
    assert [record.phase for record in caplog.records] == [
        "closed form", "calibration and rule", "GDPDEarlyClassifier.fit of 24 cases"
    ]  # fmt: skip


def test_a_phase_that_fails_is_not_over(caplog):
    @phase("attempt")
    def fail():
        raise OSError

    with caplog.at_level(logging.INFO, logger="gdpd_sklearn"), pytest.raises(OSError):
        fail()
    assert not caplog.records
