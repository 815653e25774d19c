import subprocess
import sys
from pathlib import Path

import pytest

from gdpd_sklearn.distillers import DISTILLERS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def table():
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed", "--quick", "--only", "distillers", "bank"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    lines = [line for line in run.stdout.splitlines() if line.startswith("|")]
    return {cells[1].strip(): cells[2:-1] for cells in (line.split("|") for line in lines)}


@pytest.mark.parametrize("name", DISTILLERS)
def test_every_distiller_has_a_row_and_a_staged_one_two(table, name):
    staged = "warmup" in DISTILLERS[name]().get_params()
    for row in (f"{name}, phase 1", f"{name}, phase 2") if staged else (name,):
        assert len(table[row]) == len(table["method"])
        assert all(cell.strip() for cell in table[row])


def test_memory_is_relative_to_none(table):
    memory = [i for i, cell in enumerate(table["method"]) if cell.strip() == "memory"]
    assert memory
    assert all(table["none"][i].strip() == "1.00" for i in memory)


def test_banks_are_compared(table):
    for row in ("3 × fcn", "3 × lstm1-8"):
        assert len(table[row]) == len(table["students"])
        assert float(table[row][3]) > 0
        assert table[row][-1].strip() == "stacked"


def test_rooms_can_be_chosen_and_print_their_rows():
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed", "--quick", "--only",
         "throughput", "scale", "imports", "latency"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    lines = [line.split("|")[1:-1] for line in run.stdout.splitlines() if line.startswith("|")]
    found = {cells[0].strip(): cells for cells in lines}
    assert {"`import gdpd_sklearn`", "lite", "shared lstm2-32, one", "lstm1-8", "400"} <= set(found)
    assert "gdpd, phase 1" not in found
    assert all(cell.strip() not in ("", "nan") for cells in found.values() for cell in cells)
