"""Cells of a benchmark: each is computed once and written atomically; a killed run loses nothing.

A cell is a dict of settings. Its result is a JSON file named by a digest of the settings, which
stand in the file too. A cell that fails is written with its error and does not stop the others.
"""

from __future__ import annotations

import hashlib
import json
import os
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed
from tqdm import tqdm

__all__ = ["cell_path", "load_cells", "run_cells"]

Cell = dict[str, Any]


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
) -> None:
    """Compute the cells that are not there yet, side by side, with the time left.

    Parameters
    ----------
    compute : callable
        Settings of a cell to its figures (JSON types).
    cells : sequence of dict
    folder : Path
        Where the results are.
    n_jobs : int
    retry_failed : bool
        Compute cells again whose result is an error.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [cell for cell in cells if not _is_done(cell_path(folder, cell), retry_failed)]
    jobs = (delayed(_run_cell)(compute, cell, folder) for cell in missing)
    done = Parallel(n_jobs=n_jobs, return_as="generator_unordered")(jobs)
    bar = tqdm(done, total=len(cells), initial=len(cells) - len(missing), unit="cell")
    failed = sum(not succeeded for succeeded in bar)
    if failed:
        tqdm.write(f"{failed} cells failed; their files tell why, --retry-failed tries again")


def _run_cell(compute: Callable[[Cell], dict[str, Any]], cell: Cell, folder: Path) -> bool:
    result: dict[str, Any] = {"cell": cell}
    try:
        result["figures"] = compute(cell)
    except Exception as error:  # recorded, whatever it is: other cells go on
        result["error"] = f"{type(error).__name__}: {error}"
        result["traceback"] = traceback.format_exc()
    path = cell_path(folder, cell)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(json.dumps(result, sort_keys=True, indent=1))
    partial.replace(path)
    return "error" not in result


def _is_done(path: Path, retry_failed: bool) -> bool:
    if not path.exists():
        return False
    return not (retry_failed and "error" in json.loads(path.read_text()))


def load_cells(folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Read all results of a folder.

    Returns
    -------
    rows : list of dict
        Settings and figures of each cell that succeeded, and the name of its ``file``.
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
                rows.append({**result["cell"], **result["figures"], "file": path.name})
        except (OSError, ValueError, KeyError, TypeError) as error:
            problems.append(f"{path.name}: cannot be read ({type(error).__name__}: {error})")
    return rows, problems
