from sklearn.model_selection import ParameterGrid

from benchmarks.speed._grid import FULL, REDUCED, TINY, grid_table


def test_sizes():
    assert [len(ParameterGrid(size.grid())) for size in (FULL, REDUCED)] == [180, 24]


def test_table():
    text = grid_table(TINY)
    assert text.startswith("6 fits (1 prefix lengths × 3 λ × 2 warm-ups × 1 seeds)")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|")]
    assert [row[0].strip() for row in rows[2:]] == [
        "`GridSearchCV`", "`GridSearchCV` with `memory`", "`GDPDGridSearchCV`",
    ]  # fmt: skip
    assert float(rows[2][2]) == 1.0
