"""Which weight and warm-up of a method a report shows, and what the choice looked at."""

from __future__ import annotations

import json
from typing import Literal

import pandas as pd

__all__ = ["choose"]

GROUP = ["set", "earliness", "teacher", "student", "distiller", "channels", "setting"]
CANDIDATE = ["weight", "warmup"]


def choose(rows: pd.DataFrame, by: Literal["validation", "test"]) -> pd.DataFrame:
    """Keep the rows of the best weight and warm-up of each group, by the mean over seeds.

    Parameters
    ----------
    rows : DataFrame
        A row for each cell.
    by : {"validation", "test"}
        What is looked at: AUC-PRC on the validation part (ties: less validation loss), or on the
        test split.

    Raises
    ------
    ValueError
        If candidates are to be compared by a validation part that they did not have.
    """
    figures = ["validation_auc_prc", "validation_loss"] if by == "validation" else ["auc_prc"]
    group = [*GROUP, "options"]
    keys = rows.assign(options=[json.dumps(o, sort_keys=True) for o in rows["options"]])
    means = keys.groupby([*group, *CANDIDATE], dropna=False)[figures].mean().reset_index()
    several = means.groupby(group, dropna=False)[figures[0]].transform("size") > 1
    if means.loc[several, figures[0]].isna().any():
        raise ValueError(f"several weights or warm-ups to choose from, but no {figures[0]}.")
    ascending = [False, True][: len(figures)]
    ordered = means.sort_values(figures, ascending=ascending, kind="stable")
    best = ordered.drop_duplicates(group)[[*group, *CANDIDATE]]
    wanted = pd.MultiIndex.from_frame(best.fillna(-1))
    have = pd.MultiIndex.from_frame(keys[[*group, *CANDIDATE]].fillna(-1))
    return rows[have.isin(wanted)]
