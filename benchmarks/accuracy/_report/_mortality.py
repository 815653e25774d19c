"""Table 8: deaths in intensive care, with and without class weights, by teachers of two tasks."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmarks.accuracy._estimator import TeacherName
from benchmarks.accuracy._report._comparison import mean_and_std
from benchmarks.accuracy._report._document import Document
from benchmarks.accuracy._report._rows import MORTALITY, groups, in_order

__all__ = ["write_mortality"]

TITLE = "Table 8: mortality in intensive care"
POSITIVE = "died"
NO_TEACHER, SAME_TASK = "-", "the same"
SCORES = {
    "died": "AUC-PRC of deaths",
    "both": "AUC-PRC, mean of both classes",
}
ROW = ["channels", "earliness", "class weight", "teacher of", "method"]


def write_mortality(rows: pd.DataFrame, document: Document) -> list[str]:
    """Write one line for each way to train a student, means over seeds.

    Parameters
    ----------
    rows : DataFrame
        Chosen by validation; of any sets.
    document : Document
    """
    known = rows["class_auc_prc"].map(lambda scores: POSITIVE in scores).astype(bool)
    deaths = rows[(rows["suite"] == MORTALITY) & known]
    if deaths.empty:
        return [TITLE]
    document.heading(2, TITLE)
    document.paragraph(
        "AUC-PRC × 100 on the test split, ± over seeds: of the class of those who died in "
        "hospital, for which a ranking by chance has their share (about 14), and the mean of both "
        "classes, which is the figure of the other tables (by chance 50)."
    )
    frames = []
    where = [_where(row) for row in deaths.itertuples()]
    for setting, here in groups(deaths.assign(where=where), "where"):
        table = _table(here)
        frames.append(table.assign(where=setting))
        shown = table.copy()
        for name, label in SCORES.items():
            shown[label] = [
                mean_and_std(m, s)
                for m, s in zip(shown.pop(name), shown.pop(f"{name} std"), strict=True)
            ]
        shown["earliness"] = shown["earliness"].map("{:g}".format)
        document.paragraph(f"**{setting}**")
        document.table(shown[[*ROW, *SCORES.values(), "seeds"]], index=False)
    document.csv("table_8_averages", pd.concat(frames, ignore_index=True))
    return []


def _where(row: Any) -> str:
    """All that must agree for rows to stand in one table."""
    epochs = [] if pd.isna(row.n_epochs) else [f"{row.n_epochs:.0f} epochs"]
    others = [f"{k}={v}" for k, v in sorted(row.options.items()) if k != "class_weight"]
    pair = f"{TeacherName.parse(row.teacher).architecture} → {row.student}"
    validation = f"validation part {row.validation_fraction:g}"
    return ", ".join([row.set, pair, f"setting {row.setting}", *epochs, validation, *others])


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    order = {
        "method": {method: n for n, method in enumerate(in_order(rows["distiller"]))},
        "teacher of": {NO_TEACHER: -2, SAME_TASK: -1},
    }
    lines = pd.DataFrame(
        {
            "channels": ["all" if pd.isna(c) else f"first {c:.0f}" for c in rows["channels"]],
            "earliness": rows["earliness"].to_numpy(),
            "class weight": [str(options.get("class_weight")) for options in rows["options"]],
            "teacher of": [
                TeacherName.parse(teacher).other_set or SAME_TASK for teacher in rows["teacher"]
            ],
            "method": rows["distiller"].to_numpy(),
            "died": [100 * scores[POSITIVE] for scores in rows["class_auc_prc"]],
            "both": 100 * rows["auc_prc"].to_numpy(),
            "seed": rows["seed"].to_numpy(),
        }
    )
    # what has no teacher is the same beside any
    lines.loc[lines["method"] == "none", "teacher of"] = NO_TEACHER
    by = lines.drop_duplicates([*ROW, "seed"]).groupby(ROW)[list(SCORES)]
    table = by.mean().join(by.std(), rsuffix=" std").join(by.size().rename("seeds")).reset_index()
    keys = table[ROW].apply(lambda c: c.map(order[c.name]).fillna(0) if c.name in order else c)
    return table.loc[keys.sort_values(ROW, kind="stable").index]
