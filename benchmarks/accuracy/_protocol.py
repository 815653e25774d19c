"""What may choose a weight and a warm-up: the validation part, or, for comparison, the test split.

Protocol *honest* reports what :func:`choose` takes by ``"validation"``. Protocol *paper* adds a
column, labelled so, of what choosing by ``"test"`` would have given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

import pandas as pd

__all__ = ["CRITERIA", "choose"]

CANDIDATE = ["weight", "warmup"]
"""What is chosen; all other settings but the seed tell one choice from another."""

_CONTEXT = [
    "set", "earliness", "teacher", "student", "distiller", "options", "channels", "setting",
    "n_epochs", "validation_fraction",
]  # fmt: skip

CRITERIA: Mapping[str, Mapping[str, bool]] = {
    "validation": {"validation_auc_prc": False, "validation_loss": True},
    "test": {"auc_prc": False},
}
"""Figures that a choice looks at, the later ones at ties only, and whether less is better."""


def choose(rows: pd.DataFrame, by: Literal["validation", "test"]) -> pd.DataFrame:
    """Keep, of each set, prefix, pair and method, the rows of its best weight and warm-up.

    Means over seeds are compared, among the candidates that have the most seeds: one of which
    seeds failed, or are still missing, would be judged on others. Where nothing is left to the
    figures, the smaller weight and the shorter warm-up win.

    Parameters
    ----------
    rows : DataFrame
        A row per cell, settings and figures side by side (``load_cells``).
    by : {"validation", "test"}
        What may be looked at. By ``"validation"`` no column of the test split is read.

    Returns
    -------
    DataFrame
        Some of the rows, in their order.

    Raises
    ------
    ValueError
        If ``by`` is unknown, or there are several candidates and none has validation figures.
    """
    if by not in CRITERIA:
        raise ValueError(f"by={by!r} must be one of {list(CRITERIA)}.")
    if rows.empty:
        return rows
    # cells of older runs lack columns that came later
    context = [name for name in _CONTEXT if name in rows]
    keys = rows.reset_index(drop=True)
    # dicts have no order among themselves, their text has
    keys = keys.assign(options=[json.dumps(o, sort_keys=True) for o in rows["options"]])
    keys[CANDIDATE] = keys[CANDIDATE].astype(float)
    chosen = [
        _best(group, by, dict(zip(context, names, strict=True)))
        for names, group in keys.groupby(context, dropna=False, sort=False)
    ]
    return rows.iloc[sorted(pd.concat(chosen).index)]


def _best(group: pd.DataFrame, by: str, names: dict[str, object]) -> pd.DataFrame:
    """Rows of the best candidate of a group."""
    candidates = list(group.groupby(CANDIDATE, dropna=False))
    if len(candidates) == 1:
        return group
    most = max(candidate["seed"].nunique() for _, candidate in candidates)
    complete = [c for _, c in candidates if c["seed"].nunique() == most]
    criteria = CRITERIA[by]
    means = pd.DataFrame([c[list(criteria)].astype(float).mean() for c in complete])
    if means.isna().all(axis=None):
        raise ValueError(
            f"{names}: several weights or warm-ups to choose from, but no figure of "
            f"{list(criteria)}; run with a validation part (--validation-fraction)."
        )
    order = means.sort_values(list(criteria), ascending=list(criteria.values()), kind="stable")
    best: pd.DataFrame = complete[order.index[0]]
    return best
