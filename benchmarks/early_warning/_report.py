"""Tables of the figures, as Markdown."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks._cells import load_results
from benchmarks.early_warning._compute import HOURS

__all__ = ["report"]


def report(out: Path) -> None:
    """Print means over seeds, with their deviation."""
    cells = load_results(out)
    keys = ["sensitivity_wanted", "specificity_wanted", "contestant"]
    rows, early = [], []
    for _, cell in cells.iterrows():
        wanted = (cell["sensitivity"], cell["specificity"], cell["contestant"])
        about = dict(zip(keys, wanted, strict=True))
        rows += [{**about, "hour": int(h), **f} for h, f in cell["at hours"].items()]
        figures = dict(cell["early"])
        shares = zip(HOURS, figures.pop("decided"), strict=True)
        early.append({**about, **figures, **{f"by hour {hour}": share for hour, share in shares}})
    for (sensitivity, specificity), own in pd.DataFrame(rows).groupby(keys[:2]):
        print(f"\nAt fixed hours; the cut is that of sensitivity {sensitivity} on held-out stays\n")
        print(_table(own.drop(columns=keys[:2]), ["hour", "contestant"]))
        decisions = pd.DataFrame(early)
        same = (decisions[keys[0]] == sensitivity) & (decisions[keys[1]] == specificity)
        print(f"\nEarly: sensitivity {sensitivity} and specificity {specificity} at least delay\n")
        print(_table(decisions[same].drop(columns=keys[:2]), ["contestant"]))


def _table(figures: pd.DataFrame, by: list[str]) -> str:
    groups = figures.groupby(by, sort=True)
    means, deviations = groups.mean(), groups.std(ddof=0)
    cells = means.astype(object)
    for name in map(str, means.columns):
        digits = 1 if name.startswith("hour") else 3
        each = zip(means[name], deviations[name], strict=True)
        cells[name] = [f"{mean:.{digits}f} ± {spread:.{digits}f}" for mean, spread in each]
    return str(cells.reset_index().to_markdown(index=False))
