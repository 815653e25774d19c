"""What the docs show runs as it is printed."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from synthetic import make_series

DOCS = Path(__file__).parents[1] / "docs"


def run_blocks(page, known=None):
    """Run the Python blocks of a page one after the other; give the names they leave."""
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.S)
    assert blocks
    known = {} if known is None else known
    for block in blocks:
        exec(compile(block, page, "exec"), known)
    return known


def run_example(name):
    pytest.importorskip("matplotlib").use("Agg")
    path = DOCS / "examples" / f"{name}.py"
    known: dict[str, object] = {}
    exec(compile(path.read_text(), path.name, "exec"), known)
    return known


def test_few_labels_as_printed():
    known = run_blocks("labels.md")
    assert known["clf"].n_labelled_ == 10
    assert len(known["scores"]) == 2


@pytest.mark.filterwarnings("error")
def test_messy_series_go_in_as_they_are():
    known = run_blocks("messy.md")
    assert (known["labels"] == known["y"]).mean() > 0.8
    ends = [each.shape[1] for each in known["series"]]
    assert (known["stop_times"] <= ends).all()
    assert known["decision"].stop_time == 3


def test_few_labels_example(capsys):
    known = run_example("few_labels")
    taught, alone = (known[name].score(known["X"][known["test"]], known["y"][known["test"]])
                     for name in ("taught", "alone"))  # fmt: skip
    assert taught > alone
    assert "20 labels" in capsys.readouterr().out


def test_own_data_as_printed_and_as_an_example(capsys, tmp_path, monkeypatch):
    known = run_example("own_data")
    assert len({series.shape[1] for series in known["X"]}) > 1  # unequal lengths, and gaps
    assert any(np.isnan(series).any() for series in known["X"])
    assert known["clf"].score(known["X_test"], known["y_test"]).accuracy > 0.85
    assert f": {known['decision'].label}" in capsys.readouterr().out
    shutil.copy(known["path"], tmp_path / "machines.csv")
    monkeypatch.chdir(tmp_path)
    printed = run_blocks("frames.md")
    assert printed["score"].accuracy > 0.85
    assert set(printed["labels"]) == {"fails", "runs"}
    assert printed["decision"].label in ("fails", "runs")


def test_early_warning_as_printed():
    X, y = make_series(40, n_timepoints=48)
    p = np.random.default_rng(0).dirichlet([1.0, 1.0], size=(4, 40))
    known = {
        "X": X, "y": np.where(y == 1, "died", "survived"), "p": p, "p_new": p[:, :7],
        "died": y, "hours": np.array([6, 12, 24, 48]) / 48,
    }  # fmt: skip
    run_blocks("early_warning.md", known)
    assert known["clf"].classification_points_ == (6, 12, 24, 48)
    assert known["points"].shape == (7,)


def test_every_example_is_run_here():
    text = Path(__file__).read_text()
    for path in (DOCS / "examples").glob("*.py"):
        assert f'run_example("{path.stem}")' in text
