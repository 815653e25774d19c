"""Table 10: what distillers cost, from the files beside the cells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.accuracy._report import _plots
from benchmarks.accuracy._report._document import Document
from benchmarks.accuracy._report._rows import groups, in_order

__all__ = ["load_costs", "write_costs"]

TITLE = "Table 10: cost"
COSTS = ("fit_seconds", "teacher_seconds", "seconds_per_epoch")


def load_costs(folder: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Read ``<folder>/cost``: by the name of the cell's file, the costs; and what is unreadable."""
    costs, problems = {}, []
    for path in sorted((folder / "cost").glob("*.json")):
        try:
            read = json.loads(path.read_text())
            costs[path.name] = {
                key: np.nan if read.get(key) is None else float(read[key]) for key in COSTS
            }
        except (ValueError, TypeError, AttributeError) as error:
            problems.append(f"cost/{path.name}: cannot be read ({type(error).__name__}: {error})")
    return costs, problems


def write_costs(rows: pd.DataFrame, document: Document) -> list[str]:
    """Write seconds per epoch, relative to the student alone.

    Memory is not here: what a process occupies depends on the cells that it has run before, and to
    count a cell's own tensors slows it down. ``benchmarks.speed`` counts them, in a process each.

    Parameters
    ----------
    rows : DataFrame
        With the columns ``COSTS``; NaN where a cell has no file.
    document : Document
    """
    plain = rows[(rows["variant"] == "") & rows["seconds_per_epoch"].notna()]
    if plain.empty:
        return [TITLE]
    document.heading(2, TITLE)
    document.paragraph(
        "Processor seconds on the machine of the run. `relative to none`: geometric mean over "
        "cells of the same set, earliness and seed (weights and warm-ups of a method averaged) of "
        "the seconds per epoch against those of the student alone. Others: medians over cells. "
        "For a comparison in turns on a quiet machine, and for the peak memory of each method: "
        "`python -m benchmarks.speed --only distillers`; figures are in docs/performance.md."
    )
    frames = []
    for block, here in groups(plain, "block"):
        same = here.groupby(["set", "earliness", "seed", "distiller"])["seconds_per_epoch"].mean()
        wide = same.unstack()
        table = here.groupby("distiller")[list(COSTS)].median()
        if "none" in wide:
            ratios = wide.div(wide["none"], axis=0)
            table.insert(0, "relative to none", np.exp(ratios.map(np.log).mean()))
            table.insert(1, "compared cells", ratios.notna().sum())
        table["cells"] = here.groupby("distiller").size()
        table = table.reindex(in_order(table.index))
        frames.append(table.reset_index(names="method").assign(block=block))
        document.paragraph(f"**{block}**")
        shown = table.rename(columns=lambda name: name.replace("_", " ")).dropna(axis=1, how="all")
        document.table(shown, digits=3)
        if "none" in wide and len(table) > 1:
            picture = _plots.bars(
                table["relative to none"].dropna(), "seconds per epoch, student alone = 1"
            )
            document.figure(f"table_10_{block}", picture, f"Cost, {block}")
    document.csv("table_10", pd.concat(frames, ignore_index=True))
    return []
