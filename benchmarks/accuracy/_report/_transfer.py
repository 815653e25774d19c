"""Table 7: students of one prefix length, tested on longer ones."""

from __future__ import annotations

import pandas as pd

from benchmarks.accuracy._report import _plots
from benchmarks.accuracy._report._comparison import complete_sets, mean_and_std
from benchmarks.accuracy._report._document import Document
from benchmarks.accuracy._report._rows import groups, in_order

__all__ = ["write_transfer"]

TITLE = "Table 7: transfer to longer prefixes"


def write_transfer(rows: pd.DataFrame, document: Document) -> list[str]:
    """Write AUC-PRC by the share that students are tested on, averages over complete sets."""
    tested = rows[(rows["variant"] == "") & rows["longer"].map(bool)]
    if tested.empty:
        return [TITLE]
    document.heading(2, TITLE)
    document.paragraph(
        "AUC-PRC × 100 on the test split; columns are the shares of the series that a student "
        "of one prefix length is tested on. Averages over complete sets, ± over seeds."
    )
    long = _one_row_per_test(tested)
    frames = []
    for block, of_block in groups(long, "block"):
        panels = []
        for earliness, here in groups(of_block, "earliness"):
            table = _write_trained_at(f"{block}, trained at {earliness:g}", here, document)
            frames.append(table.assign(block=block, earliness=earliness))
            if table["tested"].nunique() > 1:
                means = table.pivot(index="tested", columns="method", values="mean")
                label = f"AUC-PRC × 100 (trained at {earliness:g})"
                panels.append((means[in_order(means.columns)], label))
        if panels:
            figure = _plots.curves(panels, "share of the series seen in the test")
            document.figure(f"table_7_{block}", figure, f"Transfer, {block}")
    document.csv("table_7_averages", pd.concat(frames, ignore_index=True))
    return []


def _write_trained_at(title: str, rows: pd.DataFrame, document: Document) -> pd.DataFrame:
    complete = complete_sets(rows, ["distiller", "tested"])
    whole = rows[rows["set"].isin(complete)]
    by_seed = whole.groupby(["distiller", "tested", "seed"])["score"].mean().groupby(level=[0, 1])
    table = pd.DataFrame({"mean": by_seed.mean(), "std": by_seed.std()}).reset_index()
    table = table.rename(columns={"distiller": "method"})
    document.paragraph(f"**{title}**")
    if len(table):
        shown = [mean_and_std(m, s) for m, s in zip(table["mean"], table["std"], strict=True)]
        wide = table.assign(shown=shown).pivot(index="method", columns="tested", values="shown")
        document.table(wide.reindex(in_order(wide.index)))
    n_seeds = rows["seed"].nunique()
    lines = [f"{len(complete)} complete sets, {n_seeds} seed{'s' * (n_seeds > 1)}"]
    left_out = sorted(set(rows["set"]) - set(complete))
    if left_out:
        lines.append(f"left out of averages, incomplete: {', '.join(left_out)}")
    document.items(lines)
    return table.assign(sets=len(complete))


def _one_row_per_test(rows: pd.DataFrame) -> pd.DataFrame:
    """Give a row for each tested share, the trained one among them."""
    keys = ["block", "earliness", "set", "distiller", "seed"]
    long = [
        (*key, float(share), 100 * score)
        for key, own, longer in zip(
            rows[keys].itertuples(index=False, name=None),
            rows["auc_prc"],
            rows["longer"],
            strict=True,
        )
        for share, score in {key[1]: own, **longer}.items()
    ]
    return pd.DataFrame(long, columns=[*keys, "tested", "score"])
