"""The rooms of the speed benchmark run, and print their rows."""

import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.model_selection import ParameterGrid

from benchmarks.speed import __main__ as speed
from benchmarks.speed import _distillers
from benchmarks.speed._grid import FULL, REDUCED
from gdpd_sklearn.distillers import DISTILLERS

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_every_room_prints_its_rows():
    # one process for all rooms, since importing and first steps cost more than they do; and one
    # of its own, since they fork, which hangs in a process that has used autograd
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed", "--quick"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    tables = tables_of(run.stdout)
    assert len(tables) == len(speed.ROOMS) + 1  # latency has two
    assert all(cell not in ("", "nan") for rows in tables for row in rows for cell in row)
    distillers, scale, fits, long, banks, grid, imports, *answers = tables
    calls, stream, kernels, throughput = answers
    check_distillers(distillers)
    check_banks(banks)
    check_grid(run.stdout, grid)
    for table, row in (
        (scale, "400"), (fits, "800 × 100, in a file"), (kernels, "24 points"),
        (long, "20 × 60 × 3 channels, 10% missing"),
        (imports, "`import gdpd_sklearn`"), (calls, "lite"),
        (stream, "shared lstm2-32, one"), (throughput, "lstm1-8"),
    ):  # fmt: skip
        assert row in [cells[0] for cells in table]


def tables_of(printed):
    """Give the tables that are printed, each a list of rows of cells, the head first."""
    tables, before = [], ""
    for line in printed.splitlines():
        if line.startswith("|"):
            if not before.startswith("|"):
                tables.append([])
            if not line.startswith("| --- |"):
                tables[-1].append([cell.strip() for cell in line.split("|")[1:-1]])
        before = line
    return tables


def check_distillers(table):
    """A method has a row and a staged one two; memory is relative to none."""
    rows = {cells[0]: cells for cells in table}
    for row in ("none", "kd", "gdpd, phase 1", "gdpd, phase 2"):
        assert len(rows[row]) == len(table[0])
    memory = [i for i, cell in enumerate(table[0]) if cell.endswith("memory")]
    assert memory
    assert all(rows["none"][i] == "1.00" for i in memory)


def check_banks(table):
    rows = {cells[0]: cells for cells in table}
    for row in ("3 × fcn", "3 × lstm1-8"):
        assert len(rows[row]) == len(table[0])
        assert float(rows[row][4]) > 0
        assert rows[row][-1] == "stacked"


def check_grid(printed, table):
    assert "\n6 fits (1 prefix lengths × 3 λ × 2 warm-ups × 1 seeds)" in printed
    assert [cells[0] for cells in table[1:]] == [
        "`GridSearchCV`", "`GridSearchCV` with `memory`", "`GDPDGridSearchCV`",
    ]  # fmt: skip
    assert float(table[1][2]) == 1.0


def test_every_distiller_is_measured_and_a_staged_one_twice():
    assert all(settings.methods == tuple(DISTILLERS) for settings in _distillers.FULL)
    rows = set(_distillers.stages())
    for name, make in DISTILLERS.items():
        staged = "warmup" in make().get_params()
        assert rows >= ({f"{name}, phase 1", f"{name}, phase 2"} if staged else {name})


def test_sizes_of_the_search():
    assert [len(ParameterGrid(size.grid())) for size in (FULL, REDUCED)] == [180, 24]


def test_rooms_can_be_chosen(monkeypatch, capsys):
    rooms = {name: lambda quick, name=name: f"{name}: {quick}" for name in speed.ROOMS}
    monkeypatch.setattr(speed, "ROOMS", rooms)
    monkeypatch.setattr(sys, "argv", ["speed", "--quick", "--only", "imports", "scale"])
    speed.main()
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in printed[1:] if line] == ["scale: True", "imports: True"]
