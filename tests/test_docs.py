"""What the docs show runs as it is printed."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("page", ["labels.md"])
def test_blocks_of_a_page_run_one_after_the_other(page):
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.S)
    assert blocks
    known: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), known)
    assert known["clf"].n_labelled_ == 10
    assert len(known["scores"]) == 2


@pytest.mark.filterwarnings("error")
def test_messy_series_go_in_as_they_are():
    known: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", (DOCS / "messy.md").read_text(), re.S):
        exec(compile(block, "messy.md", "exec"), known)
    assert (known["labels"] == known["y"]).mean() > 0.8
    ends = [each.shape[1] for each in known["series"]]
    assert (known["stop_times"] <= ends).all()
    assert known["decision"].stop_time == 3


@pytest.mark.parametrize("example", sorted((DOCS / "examples").glob("*.py")), ids=lambda p: p.stem)
def test_examples_run(example, capsys):
    pytest.importorskip("matplotlib").use("Agg")
    known: dict[str, object] = {}
    exec(compile(example.read_text(), example.name, "exec"), known)
    taught, alone = (known[name].score(known["X"][known["test"]], known["y"][known["test"]])
                     for name in ("taught", "alone"))  # fmt: skip
    assert taught > alone
    assert "20 labels" in capsys.readouterr().out
