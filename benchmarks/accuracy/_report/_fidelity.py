"""Table 6: how far students agree with their teachers."""

from __future__ import annotations

import pandas as pd

from benchmarks.accuracy._report import _plots
from benchmarks.accuracy._report._comparison import complete_sets, mean_and_std
from benchmarks.accuracy._report._document import Document
from benchmarks.accuracy._report._rows import groups, in_order

__all__ = ["write_fidelity"]

TITLE = "Table 6: fidelity to the teacher"
FIGURES = {"agreement": "top-1 agreement, %", "predictive_kl": "predictive KL, nats"}


def write_fidelity(rows: pd.DataFrame, document: Document) -> list[str]:
    """Write agreement and KL by earliness, averages over complete sets."""
    known = rows[(rows["variant"] == "") & rows[list(FIGURES)].notna().all(axis=1)]
    if known.empty:
        return [TITLE]
    document.heading(2, TITLE)
    document.paragraph(
        "On the test split, the student at its prefix, the teacher at the complete series; KL from "
        "the teacher's to the student's probabilities. Averages over complete sets, ± over seeds."
    )
    frames = []
    for block, here in groups(known, "block"):
        table = pd.concat(
            [_at(part, earliness) for earliness, part in groups(here, "earliness")],
            ignore_index=True,
        )
        frames.append(table.assign(block=block))
        shown = table[["earliness", "method"]].copy()
        shown["earliness"] = shown["earliness"].map("{:g}".format)
        for figure, label in FIGURES.items():
            shown[label] = [
                mean_and_std(m, s, 3 if figure == "predictive_kl" else 1)
                for m, s in zip(table[figure], table[f"{figure}_std"], strict=True)
            ]
        shown[["sets", "left out", "seeds"]] = table[["sets", "left out", "seeds"]]
        document.paragraph(f"**{block}**")
        document.table(shown.dropna(axis=1, how="all"), index=False)
        if table["earliness"].nunique() > 1 and table["agreement"].notna().any():
            wide = [
                (table.pivot(index="earliness", columns="method", values=f)[_methods(here)], label)
                for f, label in FIGURES.items()
            ]
            picture = _plots.curves(wide, "share of the series seen")
            document.figure(f"table_6_{block}", picture, f"Fidelity, {block}")
    document.csv("table_6_averages", pd.concat(frames, ignore_index=True))
    return []


def _methods(rows: pd.DataFrame) -> list[str]:
    return in_order(rows["distiller"])


def _at(rows: pd.DataFrame, earliness: float) -> pd.DataFrame:
    complete = complete_sets(rows, ["distiller"])
    whole = rows[rows["set"].isin(complete)].assign(agreement=100 * rows["agreement"])
    by_seed = whole.groupby(["distiller", "seed"])[list(FIGURES)].mean().groupby(level=0)
    table = by_seed.mean().join(by_seed.std(), rsuffix="_std").reindex(_methods(rows))
    table = table.reset_index(names="method")
    table.insert(0, "earliness", earliness)
    table["sets"] = len(complete)
    table["left out"] = ", ".join(sorted(set(rows["set"]) - set(complete))) or None
    table["seeds"] = rows["seed"].nunique()
    return table
