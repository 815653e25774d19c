"""Report: the mean AUC-PRC of each method."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks._cells import load_cells
from benchmarks.accuracy._protocol import choose

__all__ = ["report"]


def report(folder: Path, out: Path | None, protocol: str = "honest") -> None:
    """Print and write mean AUC-PRC by set and earliness; in protocol paper, chosen on test too."""
    rows, problems = load_cells(folder)
    for problem in problems:
        print("left out:", problem)
    results = pd.DataFrame(rows)
    columns = {"AUC-PRC": choose(results, "validation")}
    if protocol == "paper":
        columns["AUC-PRC, chosen on test"] = choose(results, "test")
    keys = ["teacher", "student", "earliness", "set", "distiller"]
    table = pd.DataFrame({n: 100 * c.groupby(keys)["auc_prc"].mean() for n, c in columns.items()})
    out = folder / "report" if out is None else out
    out.mkdir(parents=True, exist_ok=True)
    table.to_csv(out / "auc_prc.csv")
    print(table.round(2).to_markdown())
