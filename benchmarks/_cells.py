"""Cells of a benchmark: each is computed once and written atomically; a killed run loses nothing.

A cell is a dict of settings. Its result is a JSON file named by a digest of the settings, which
stand in the file too, beside the version and the commit that computed it. A cell that fails is
written with its error and does not stop the others.
"""

from __future__ import annotations

import hashlib
import json
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from benchmarks._engine import run_unordered
from benchmarks._origin import Origin, current_origin, describe_origins
from benchmarks._threads import one_thread
from gdpd_sklearn.persistence import write_atomically

__all__ = ["cell_path", "load_cells", "load_results", "missing_cells", "run_cells"]

Cell = dict[str, Any]
Completeness = Callable[[Path, dict[str, Any]], bool]


def cell_path(folder: Path, cell: Cell) -> Path:
    """Give the file of a cell."""
    text = json.dumps(cell, sort_keys=True)
    return folder / f"{hashlib.sha256(text.encode()).hexdigest()[:20]}.json"


def run_cells(
    compute: Callable[[Cell], dict[str, Any]],
    cells: Sequence[Cell],
    folder: Path,
    n_jobs: int,
    *,
    retry_failed: bool = False,
    redo_other_versions: bool = False,
    is_complete: Completeness | None = None,
    backend: str = "loky",
    scheduler: str | None = None,
    unit: str = "cell",
) -> int:
    """Compute the cells that are not there yet, side by side, with the time left.

    Parameters
    ----------
    compute : callable
        Settings of a cell to its figures (JSON types).
    cells : sequence of dict
    folder : Path
        Where the results are; shared by all workers.
    n_jobs : int
    retry_failed, redo_other_versions, is_complete
        See :func:`missing_cells`.
    backend, scheduler
        See :func:`benchmarks._engine.run_unordered`.
    unit : str
        What a cell is called in the progress bar.

    Returns
    -------
    int
        How many failed.

    Raises
    ------
    RuntimeError
        If workers write elsewhere than into ``folder``.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    missing = missing_cells(
        cells, folder, retry_failed=retry_failed, redo_other_versions=redo_other_versions,
        is_complete=is_complete,
    )  # fmt: skip
    stale = {path: path.stat().st_mtime_ns for cell in missing
             if (path := cell_path(folder, cell)).exists()}  # fmt: skip
    failed = 0
    with tqdm(total=len(cells), initial=len(cells) - len(missing), unit=unit) as bar:
        run = partial(_run_cell, compute, folder)
        for cell, error in run_unordered(run, missing, n_jobs, backend, scheduler):
            path = cell_path(folder, cell)
            if error is not None:  # of the worker, not of the cell, which records its own
                _write(path, {**_signed(cell), **_describe(error)})
            elif not path.exists() or path.stat().st_mtime_ns == stale.get(path):
                raise RuntimeError(
                    f"a worker computed a cell, but {str(path)!r} is not there: the results "
                    f"folder must be one that all workers share."
                )
            failed += "error" in json.loads(path.read_text())
            bar.update()
    if failed:
        tqdm.write(f"{failed} {unit}s failed; their files tell why, --retry-failed tries again")
    return failed


def missing_cells(
    cells: Sequence[Cell],
    folder: Path,
    *,
    retry_failed: bool = False,
    redo_other_versions: bool = False,
    is_complete: Completeness | None = None,
) -> list[Cell]:
    """Cells that are still to be computed.

    Parameters
    ----------
    cells : sequence of dict
    folder : Path
    retry_failed : bool
        Whether cells count whose result is an error, or cannot be read.
    redo_other_versions : bool
        Whether cells count that another version or another commit computed.
    is_complete : callable, optional
        Path and content of a result to whether it has all that is wanted now; by default it has.
    """

    def is_done(path: Path) -> bool:
        if not path.exists():
            return False
        try:
            result = json.loads(path.read_text())
            failed = "error" in result
            origin = Origin.read(result)
        except (ValueError, TypeError, AttributeError):
            failed = True
        if failed:
            return not retry_failed
        if redo_other_versions and origin != current_origin():
            return False
        return is_complete is None or is_complete(path, result)

    return [cell for cell in cells if not is_done(cell_path(folder, cell))]


def _run_cell(compute: Callable[[Cell], dict[str, Any]], folder: Path, cell: Cell) -> None:
    result = _signed(cell)
    try:
        with one_thread():
            result["figures"] = compute(cell)
    except Exception as error:  # recorded, whatever it is: other cells go on
        result |= _describe(error)
    _write(cell_path(folder, cell), result)


def _signed(cell: Cell) -> dict[str, Any]:
    """Begin the result of a cell: its settings, and the code that computes it."""
    return {"cell": cell, "origin": current_origin().as_dict()}


def _write(path: Path, result: dict[str, Any]) -> None:
    write_atomically(path, json.dumps(result, sort_keys=True, indent=1).encode())


def _describe(error: BaseException) -> dict[str, str]:
    return {
        "error": f"{type(error).__name__}: {error}",
        "traceback": "".join(traceback.format_exception(error)),
    }


def load_cells(folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Read all results of a folder.

    Returns
    -------
    rows : list of dict
        Settings and figures of each cell that succeeded, the name of its ``file`` and its
        ``origin`` (an :class:`benchmarks._origin.Origin`).
    problems : list of str
        A line for each failed cell and each file that cannot be read.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"results folder {str(folder)!r} does not exist.")
    rows, problems = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            result = json.loads(path.read_text())
            if "error" in result:
                problems.append(f"{path.name}: {result['cell']}: {result['error']}")
            else:
                own = {"file": path.name, "origin": Origin.read(result)}
                rows.append({**result["cell"], **result["figures"], **own})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            problems.append(f"{path.name}: cannot be read ({type(error).__name__}: {error})")
    return rows, problems


def load_results(folder: Path) -> pd.DataFrame:
    """Read all results of a folder for a report.

    Prints which versions and commits they come from, and what had to be left out.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If it holds no result.
    """
    rows, problems = load_cells(folder)
    if rows:
        print(describe_origins(row["origin"] for row in rows))
    for problem in problems:
        print("left out:", problem)
    if not rows:
        raise ValueError(f"results folder {str(folder)!r} holds no result.")
    return pd.DataFrame(rows)
