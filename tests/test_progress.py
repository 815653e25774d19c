"""Shown progress: silent unless asked, with and without tqdm."""

import importlib.util

import pytest

from gdpd_sklearn._progress import Epochs

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
