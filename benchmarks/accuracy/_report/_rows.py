"""The cells of a folder as one table, with what groups them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from benchmarks import _physionet
from benchmarks._cells import load_cells
from benchmarks._data import UCR_12, UEA_12
from benchmarks.accuracy._protocol import choose
from gdpd_sklearn.distillers import DISTILLERS

__all__ = ["MORTALITY", "chosen", "groups", "in_order", "load_rows"]

MORTALITY = "PhysioNet 2012"
"""The suite of the sets of table 8, which stand in no other table of methods."""

SETTINGS = (
    "set", "earliness", "teacher", "student", "distiller", "options", "weight", "warmup",
    "channels", "setting", "n_epochs", "validation_fraction", "seed",
)  # fmt: skip
FIGURES = (
    "auc_prc", "accuracy", "teacher_auc_prc", "teacher_accuracy", "agreement", "predictive_kl",
    "validation_loss", "validation_auc_prc", "n_parameters", "teacher_n_parameters",
)  # fmt: skip
NAMES = ("file", "origin", "teacher_origin")


def load_rows(folder: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read the accuracy cells of a folder.

    Returns
    -------
    rows : DataFrame
        Settings and figures; ``suite`` (of the set), ``pair`` (teacher → student), ``variant``
        (the options, as text) and ``block`` (all that must agree for rows to be compared: suite,
        pair, channels, setting, epochs, validation part). A classifier of prefixes is a method in
        every block of its suite and channels: it has a row for each, all of one file.
    problems : list of str
        A line for each cell or file left out.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If it holds no result.
    """
    loaded, problems = load_cells(folder)
    good: list[dict[str, Any]] = []
    for row in map(_as_method, loaded):
        problem = _problem_of(row)
        if problem is None:
            good.append(row)
        else:
            problems.append(f"{row['file']}: {problem}")
    if not good:
        listed = "".join(f"\n  {problem}" for problem in problems)
        raise ValueError(f"results folder {str(folder)!r} holds no accuracy result.{listed}")
    rows = pd.DataFrame(good)
    rows = rows.reindex(columns=[*SETTINGS, *FIGURES, "class_auc_prc", "longer", *NAMES])
    # cells of older runs lack it
    known = rows["class_auc_prc"]
    rows["class_auc_prc"] = known.map(lambda scores: scores if isinstance(scores, dict) else {})
    numbers = [*FIGURES, "weight", "warmup", "channels", "n_epochs"]
    rows[numbers] = rows[numbers].astype(float)
    suites = _suites(set(rows["set"]))
    rows["suite"] = rows["set"].map(suites)
    rows = _beside_students(rows)
    rows["pair"] = rows["teacher"] + " → " + rows["student"]
    rows["variant"] = [_variant(options) for options in rows["options"]]
    rows["block"] = [_block(row) for row in rows.itertuples()]
    order = ["block", "earliness", "set", "distiller", "variant", "weight", "warmup", "seed"]
    return rows.sort_values(order, kind="stable", ignore_index=True), problems


def _problem_of(row: dict[str, Any]) -> str | None:
    if row.get("benchmark") != "accuracy":
        return f"benchmark {row.get('benchmark')!r} is not 'accuracy'"
    missing = [key for key in (*SETTINGS, "auc_prc") if key not in row]
    if missing:
        return f"lacks {missing}"
    value = row["auc_prc"]
    if not isinstance(value, int | float) or not np.isfinite(value):
        return f"auc_prc={value!r} is not a finite number"
    return None


def _as_method(row: dict[str, Any]) -> dict[str, Any]:
    """Give a classifier's cell what a student's has, nothing where it has no such thing."""
    if "classifier" not in row:
        return row
    nothing = dict.fromkeys((*SETTINGS, *FIGURES))
    origin = row["origin"].as_dict()
    own = {"distiller": row["classifier"], "options": {}, "longer": {}, "teacher_origin": origin}
    return {**nothing, **row, **own}


def _suites(names: Iterable[str]) -> dict[str, str]:
    """Give the suite that stands over each set.

    Sets of the two suites stand apart, as in the paper. Where a folder holds any other set, all are
    compared with each other.
    """
    apart = {**dict.fromkeys(UCR_12, "UCR-12"), **dict.fromkeys(UEA_12, "UEA-12")}
    mortality = dict.fromkeys(_physionet.SETS, MORTALITY)
    others = set(names) - mortality.keys()
    if not others <= apart.keys():
        apart = dict.fromkeys(others, "all sets")
    return apart | mortality


def _beside_students(rows: pd.DataFrame) -> pd.DataFrame:
    """Repeat classifiers' rows for every kind of student of the same suite and channels.

    A kind is what makes a block: networks, setting, epochs, validation part. Where a suite has no
    students, its classifiers are a block by themselves.
    """
    alone = rows["student"].isna()
    if not alone.any():
        return rows
    kind = ["teacher", "student", "setting", "n_epochs", "validation_fraction"]
    shared = ["suite", "channels"]
    kinds = rows.loc[~alone, [*shared, *kind]].drop_duplicates()
    beside = rows[alone].drop(columns=kind).merge(kinds, on=shared, how="left")
    words = {"teacher": "-", "student": "-", "setting": "-", "validation_fraction": 0.0}
    beside = beside.fillna(words).astype({"n_epochs": float, "validation_fraction": float})
    return pd.concat([rows[~alone], beside[rows.columns]], ignore_index=True)


def _variant(options: dict[str, Any]) -> str:
    return ", ".join(f"{key}={json.dumps(options[key])}" for key in sorted(options))


def _block(row: Any) -> str:
    if row.student == "-":
        n_channels = [] if np.isnan(row.channels) else [f"first {row.channels:.0f} channels"]
        return ", ".join([row.suite, "classifiers alone", *n_channels])
    parts = [row.suite, row.pair, f"setting {row.setting}"]
    if not np.isnan(row.channels):
        parts.append(f"first {row.channels:.0f} channels")
    if not np.isnan(row.n_epochs):
        parts.append(f"{row.n_epochs:.0f} epochs")
    parts.append(f"validation part {row.validation_fraction:g}")
    return ", ".join(parts)


def chosen(
    rows: pd.DataFrame, by: Literal["validation", "test"]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the rows of the best weight and warm-up of each method.

    Blocks are chosen in one by one: settings that must not be compared do not compete.

    Returns
    -------
    kept : DataFrame
    undecided : DataFrame
        Rows among which there was no validation figure to choose by; in no protocol are they
        averaged over, nor chosen by something else.
    """
    group = ["block", "earliness", "distiller", "set", "variant"]
    keys = [rows[name] for name in group]
    candidates = rows.groupby(["weight", "warmup"], dropna=False).ngroup()
    several = candidates.groupby(keys).transform("nunique") > 1
    unseen = rows["validation_auc_prc"].isna() & (by == "validation")
    undecided = several & unseen.groupby(keys).transform("any")
    open_to_choice = rows[several & ~undecided]
    parts = [choose(part, by) for _, part in groups(open_to_choice, "block")]
    return pd.concat([rows[~several], *parts]).sort_index(), rows[undecided]


def groups(frame: pd.DataFrame, *by: str) -> Iterator[tuple[Any, pd.DataFrame]]:
    """Give the rows of each value, or tuple of values, of the columns ``by``, in sorted order."""
    yield from frame.groupby(list(by) if len(by) > 1 else by[0])


def in_order(methods: pd.Series | pd.Index) -> list[str]:
    """Names of distillers in the order of the package, unknown ones after them."""
    names = set(methods)
    return [name for name in DISTILLERS if name in names] + sorted(names - set(DISTILLERS))
