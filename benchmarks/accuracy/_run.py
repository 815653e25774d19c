"""A run: the teachers that are missing, then the cells that are missing, then summaries."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from benchmarks._cells import Cell, missing_cells, run_cells
from benchmarks.accuracy._compute import Laboratory
from benchmarks.accuracy._grid import distinct
from benchmarks.accuracy._teachers import teacher_cell

__all__ = ["run"]


def run(
    cells: Sequence[Cell],
    laboratory: Laboratory,
    n_jobs: int = 1,
    *,
    retry_failed: bool = False,
    redo_other_versions: bool = False,
    backend: str = "loky",
    scheduler: str | None = None,
) -> int:
    """Compute cells, and give the number of those that failed.

    Teachers come first, so that no two cells wait for, or train, the same one. A teacher that
    fails is tried again by its cells, which record why.

    Parameters
    ----------
    cells : sequence of dict
    laboratory : Laboratory
    n_jobs, retry_failed, redo_other_versions, backend, scheduler
        See :func:`benchmarks._cells.run_cells`.
    """
    laboratory.prepare()
    which: dict[str, Any] = {
        "retry_failed": retry_failed, "redo_other_versions": redo_other_versions,
    }  # fmt: skip
    where: dict[str, Any] = {"n_jobs": n_jobs, "backend": backend, "scheduler": scheduler}
    missing = missing_cells(
        cells, laboratory.out, **which, is_complete=laboratory.is_complete
    )  # fmt: skip
    students = [cell for cell in missing if "classifier" not in cell]
    run_cells(
        partial(laboratory.train_teacher, anew=redo_other_versions),
        distinct([teacher_cell(cell) for cell in students]), laboratory.teachers, **where, **which,
        unit="teacher", is_complete=lambda path, result: path.with_suffix(".joblib").exists(),
    )  # fmt: skip
    failed = run_cells(
        laboratory.compute, cells, laboratory.out, **where, **which,
        is_complete=laboratory.is_complete,
    )  # fmt: skip
    laboratory.summarise()
    return failed
