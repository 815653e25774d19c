"""A run: the teachers that are missing, then the cells that are missing, then summaries."""

from __future__ import annotations

from collections.abc import Sequence

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
    n_jobs, retry_failed, backend, scheduler
        See :func:`benchmarks._cells.run_cells`.
    """
    laboratory.prepare()
    missing = missing_cells(
        cells, laboratory.out, retry_failed=retry_failed, is_complete=laboratory.is_complete
    )
    run_cells(
        laboratory.train_teacher, distinct([teacher_cell(cell) for cell in missing]),
        laboratory.teachers, n_jobs, retry_failed=retry_failed, backend=backend,
        scheduler=scheduler, unit="teacher",
        is_complete=lambda path, result: path.with_suffix(".joblib").exists(),
    )  # fmt: skip
    failed = run_cells(
        laboratory.compute, cells, laboratory.out, n_jobs, retry_failed=retry_failed,
        backend=backend, scheduler=scheduler, is_complete=laboratory.is_complete,
    )  # fmt: skip
    laboratory.summarise()
    return failed
