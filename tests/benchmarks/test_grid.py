import subprocess
import sys
from pathlib import Path

from sklearn.model_selection import ParameterGrid

from benchmarks.speed.__main__ import ROOMS
from benchmarks.speed._grid import FULL, REDUCED, grid_room

ROOT = Path(__file__).parents[2]


def test_sizes():
    assert [len(ParameterGrid(size.grid())) for size in (FULL, REDUCED)] == [180, 24]


def test_table():
    assert ROOMS["grid"] is grid_room
    # in a process of its own: the room forks, which hangs in one that has used autograd
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed", "--quick", "--only", "grid"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    _, text = run.stdout.split("## A search\n\n", 1)
    assert text.startswith("6 fits (1 prefix lengths × 3 λ × 2 warm-ups × 1 seeds)")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|")]
    assert [row[0].strip() for row in rows[2:]] == [
        "`GridSearchCV`", "`GridSearchCV` with `memory`", "`GDPDGridSearchCV`",
    ]  # fmt: skip
    assert float(rows[2][2]) == 1.0
