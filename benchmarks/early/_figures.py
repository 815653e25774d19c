"""Results as data: a row for each contestant, rule, set and seed; from cells, or from a CSV file.

Columns of a row:

``contestant``
    An ``entry`` of ``CONTESTANTS``, with its ``rule`` or ``anchor`` where it has several.
``set``, ``seed``, ``least_points``
    What was computed; no point is under so many time points.
``accuracy``, ``earliness``, ``harmonic_mean``
    Of the operating point.
``fit_seconds``, ``score_seconds``
    Of the processor; to decide on the whole test split.
``linear cost 0.3``, ``linear accuracy 0.3``, ``linear earliness 0.3``, …
    For each setting of costs and each α.
``linear fits``, ``rare fits``
    Whether the rule was fitted for each α.
``version``, ``commit``
    Of the code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks._cells import load_results
from benchmarks.early._costs import ALPHAS, SETTINGS
from benchmarks.early._published import published_rows
from benchmarks.early.contestants import CONTESTANTS

__all__ = [
    "STORED",
    "cost_column",
    "in_order",
    "load_stored",
    "read_cells",
    "store",
    "with_published",
]

STORED = Path(__file__).parent / "figures.csv.gz"
"""Figures of the tables in the documents."""

_DECIMALS = 5
_KEY = ["contestant", "entry", "set", "seed"]
_OF_SETTING = ("cost", "accuracy", "earliness")


def cost_column(setting: str, alpha: float, figure: str = "cost") -> str:
    """Name the column of a figure of a rule that was fitted for α."""
    return f"{setting} {figure} {alpha:g}"


def read_cells(folder: Path) -> pd.DataFrame:
    """Read the cells of a run.

    Rows are in the order of ``CONTESTANTS``, whatever the order of the files. Cells of other points
    are another contestant: they are not averaged over.
    """
    results = load_results(folder)
    rows = [row for cell in results.to_dict("records") for row in _rows_of(cell)]
    frame = pd.DataFrame(rows)
    several = frame.groupby("contestant")["least_points"].transform("nunique") > 1
    suffix = ", from " + frame["least_points"].astype(str)
    frame["contestant"] += suffix.where(several, "")
    return in_order(frame)


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort rows as ``CONTESTANTS`` stand, their rules and then their anchors, by set and seed."""
    place = {name: number for number, name in enumerate(CONTESTANTS)}
    keys = frame.assign(
        place=frame["entry"].map(lambda entry: place.get(entry, len(place))),
        is_anchor=frame["anchor"] != "",
    )
    by = ["place", "entry", "is_anchor", "contestant", "set", "seed"]
    return frame.loc[keys.sort_values(by, kind="stable").index].reset_index(drop=True)


def _rows_of(cell: Mapping[Any, Any]) -> Iterable[dict[str, Any]]:
    """Give the rows of one cell: its rules, then its anchors."""
    entry = cell["contestant"]
    shared = {name: cell[name] for name in ("set", "seed", "least_points")}
    shared |= {"version": cell["origin"].version, "commit": cell["origin"].commit}
    seconds = {name: cell[name] for name in ("fit_seconds", "score_seconds")}
    for rule, figures in cell["rules"].items():
        name = f"{entry}, {rule}" if rule else entry
        yield {"contestant": name, "entry": entry, "rule": rule, "anchor": "", **shared, **seconds,
               **_flat(figures)}  # fmt: skip
    anchors = cell.get("anchors")
    for anchor, figures in anchors.items() if isinstance(anchors, Mapping) else ():
        yield {"contestant": f"{entry}: {anchor}", "entry": entry, "rule": "", "anchor": anchor,
               **shared, **_flat(figures)}  # fmt: skip


def _flat(figures: Mapping[str, Any]) -> dict[str, Any]:
    flat = {name: figures[name] for name in ("accuracy", "earliness", "harmonic_mean")}
    for setting in SETTINGS:
        flat[f"{setting} fits"] = figures[setting]["fits"]
        flat |= {
            cost_column(setting, alpha, figure): value
            for figure in _OF_SETTING
            for alpha, value in zip(ALPHAS, figures[setting][figure], strict=True)
        }
    return flat


def store(frame: pd.DataFrame, path: Path) -> None:
    """Write rows as CSV, compressed where the name ends in ``.gz``; the same rows, the same bytes.

    Figures keep five decimals.
    """
    how: Any = {"method": "gzip", "mtime": 0} if path.suffix == ".gz" else None
    frame.round(_DECIMALS).to_csv(path, index=False, compression=how)


def load_stored(path: Path = STORED) -> pd.DataFrame:
    """Read rows that :func:`store` wrote: by default those of the documents' tables.

    Raises
    ------
    ValueError
        If a column is missing that says what a row is about.
    """
    frame = pd.read_csv(path, dtype={"commit": str, "version": str})
    for name in ("rule", "anchor"):
        frame[name] = frame[name].fillna("") if name in frame else ""
    lacking = [name for name in _KEY if name not in frame]
    if lacking:
        raise ValueError(f"{str(path)!r} lacks the columns {lacking}; it has {list(frame)}.")
    return frame


def with_published(frame: pd.DataFrame) -> pd.DataFrame:
    """Append what other authors published on the same sets, as contestants.

    Their costs in the linear setting are computed of accuracy and earliness; others are unknown.
    """
    costs = {cost_column("linear", alpha): alpha for alpha in ALPHAS}
    rows = []
    for row in published_rows(frame["set"], costs):
        points = {
            cost_column("linear", alpha, figure): row[figure]
            for figure in ("accuracy", "earliness")
            for alpha in ALPHAS
        }
        names = {"entry": row["contestant"], "rule": "", "anchor": ""}
        rows.append({**row, **names, **points, "linear fits": False})
    return pd.concat([frame, pd.DataFrame(rows)], ignore_index=True) if rows else frame
