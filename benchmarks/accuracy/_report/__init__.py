"""Reports from a folder of cells: the paper's tables, with plots and tests."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks._origin import Origin, describe_origins
from benchmarks.accuracy._report._ablation import write_ablations
from benchmarks.accuracy._report._cost import COSTS, load_costs, write_costs
from benchmarks.accuracy._report._document import Document
from benchmarks.accuracy._report._fidelity import write_fidelity
from benchmarks.accuracy._report._methods import write_method_tables
from benchmarks.accuracy._report._mortality import write_mortality
from benchmarks.accuracy._report._rows import MORTALITY, chosen, load_rows
from benchmarks.accuracy._report._transfer import write_transfer

__all__ = ["report"]

PROTOCOLS = ("honest", "paper")


def report(folder: Path, out: Path | None = None, protocol: str = "honest") -> None:
    """Print the tables that the cells of a folder give, and write them with CSV and PNG files.

    Parameters
    ----------
    folder : Path
        Results of ``python -m benchmarks.accuracy run``.
    out : Path, optional
        Where ``report.md`` and its files go; by default ``folder / "report"``.
    protocol : {"honest", "paper"}, default="honest"
        In both, weight and warm-up are chosen by validation. ``"paper"`` adds a column of the
        averages that choosing on the test split would have given.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If it holds no accuracy result, or the protocol is unknown.
    """
    if protocol not in PROTOCOLS:
        raise ValueError(f"protocol={protocol!r} must be one of {list(PROTOCOLS)}.")
    rows, problems = load_rows(folder)
    costs, cost_problems = load_costs(folder)
    problems += cost_problems
    rows = rows.join(pd.DataFrame.from_dict(costs, "index", columns=list(COSTS)), on="file")
    by_validation, undecided = chosen(rows, "validation")
    on_test = None
    if protocol == "paper":
        by_method = rows.groupby(["block", "earliness", "distiller", "variant"])
        candidates = by_method[["weight", "warmup"]].transform("nunique", dropna=False)
        on_test = chosen(rows[(candidates > 1).any(axis=1)], "test")[0]

    document = Document(out if out is not None else folder / "report")
    document.heading(1, "Accuracy of students of prefixes")
    document.paragraph(f"{_origins(rows)} Protocol `{protocol}`.")
    if problems:
        document.paragraph(f"Left out ({len(problems)}):")
        document.items([problem.splitlines()[0] for problem in problems])
    if len(undecided):
        document.paragraph(
            "Several weights or warm-ups without a validation part, so that none may be chosen; in "
            "table 9 only:"
        )
        groups = undecided[["distiller", "block", "earliness"]].drop_duplicates()
        document.items(
            [f"{method}, {block}, earliness {e:g}" for method, block, e in groups.to_numpy()]
        )
    elsewhere = by_validation[by_validation["suite"] != MORTALITY]
    absent = write_method_tables(elsewhere, on_test, document)
    absent += write_fidelity(by_validation, document)
    absent += write_transfer(by_validation, document)
    absent += write_mortality(by_validation, document)
    absent += write_ablations(rows[rows["suite"] != MORTALITY], document)
    absent += write_costs(rows, document)
    if absent:
        document.paragraph(f"No cells for: {'; '.join(absent)}.")
    path = document.write("report.md")
    print(document.text)
    print(f"written: {path} and beside it CSV and PNG files")


def _origins(rows: pd.DataFrame) -> str:
    """Say which code the cells come from, and how many learned from a teacher of other code."""
    rows = rows.drop_duplicates("file")  # a classifier has a row in each block
    text = describe_origins(rows["origin"])
    teachers = [
        Origin(**teacher) if isinstance(teacher, dict) else Origin()
        for teacher in rows["teacher_origin"]
    ]
    elsewhere = sum(
        own != teacher for own, teacher in zip(rows["origin"], teachers, strict=True)
    )  # fmt: skip
    return f"{text} Teachers of {elsewhere} cells come from other code." if elsewhere else text
