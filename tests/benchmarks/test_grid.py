from sklearn.model_selection import ParameterGrid

from benchmarks.speed.__main__ import ROOMS
from benchmarks.speed._grid import FULL, REDUCED, grid_room


def test_sizes():
    assert [len(ParameterGrid(size.grid())) for size in (FULL, REDUCED)] == [180, 24]


def test_table():
    assert ROOMS["grid"] is grid_room
    head, text = grid_room(quick=True).split("\n\n", 1)
    assert head == "## A search"
    assert text.startswith("6 fits (1 prefix lengths × 3 λ × 2 warm-ups × 1 seeds)")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|")]
    assert [row[0].strip() for row in rows[2:]] == [
        "`GridSearchCV`", "`GridSearchCV` with `memory`", "`GDPDGridSearchCV`",
    ]  # fmt: skip
    assert float(rows[2][2]) == 1.0
