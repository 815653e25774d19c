"""Tables of a folder of cells: what each way gains over labels alone."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks._cells import load_results
from benchmarks._statistics import difference_over_sets
from benchmarks.labels._plot import plot_learning_curves
from benchmarks.labels._ways import WAYS

__all__ = ["report"]

_BASE = "labels alone"


def report(folder: Path) -> None:
    """Print, for each task, student and number of labels, means and gains with 95 % intervals."""
    results = load_results(folder)
    results["per_class"] = (
        results["per_class"].astype(object).where(results["per_class"].notna(), "all")
    )
    for (task, student), part in results.groupby(["task", "student"], sort=False):
        figures = _figures_of(str(task), part)
        print(f"\n{task}, {student} students: mean over sets (of means over draws)\n")
        means = part.groupby(["per_class", "way", "set"])[figures].mean()
        table = _in_order(means.groupby(level=[0, 1]).mean()).round(3).reset_index()
        print(table.to_markdown(index=False))
        for figure in figures:
            _report_gains(part, figure)
    path = folder / "report" / "learning_curves.png"
    path.parent.mkdir(exist_ok=True)
    plot_learning_curves(results).savefig(path, dpi=120, facecolor="white")
    print(f"\nwritten: {path}")


def _figures_of(task: str, part: pd.DataFrame) -> list[str]:
    if task == "early":
        return ["harmonic_mean", "accuracy", "earliness"]
    names = [name for name in map(str, part) if name.startswith(("accuracy_", "auc_prc_"))]
    return [name for name in sorted(names) if part[name].notna().all()]


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows as the ways are listed."""
    place = {name: number for number, name in enumerate(WAYS)}
    return table.sort_index(
        key=lambda values: values.map(place) if values.name == "way" else values.astype(str)
    )


def _report_gains(part: pd.DataFrame, figure: str) -> None:
    """Print differences to labels alone, to self-training and to kd, over the sets both have."""
    print(f"\n{figure}: difference, its 95 % interval over sets, sets ahead, signed-rank p\n")
    cells = part.set_index(["per_class", "set", "draw", "way"])[figure].unstack("way")
    rows = []
    for per_class, of_number in cells.groupby(level="per_class"):
        for way in WAYS:
            for other in (_BASE, "self-training", "kd"):
                if way not in of_number or other not in of_number or way in (other, _BASE):
                    continue
                gains = (of_number[way] - of_number[other]).dropna()
                if gains.empty:
                    continue
                # exact over sets: draws of one set are not independent
                found = difference_over_sets(gains.groupby(level="set").mean(), "set")
                ahead = f"{(found.by_set > 0).sum()} of {len(found.by_set)}"
                rows.append(
                    {
                        "labels per class": per_class, "way": way, "minus": other,
                        "difference": round(found.mean, 3), "±": round(found.half, 3),
                        "sets ahead": ahead, "p": f"{found.p:.1g}",
                    }
                )  # fmt: skip
    print(pd.DataFrame(rows).to_markdown(index=False))
