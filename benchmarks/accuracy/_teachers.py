"""Teachers: trained once for each set, seed and architecture, shared by all cells on disk.

They lie beside their own result files in ``<out>/teachers``. A teacher depends on its settings
alone, so that two processes that train the same one at once write the same one, each atomically;
a file that cannot be read is trained anew. A teacher names the code that trained it.
"""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import numpy as np
from numpy.typing import NDArray

from benchmarks._cells import Cell, cell_path
from benchmarks._data import load_split
from benchmarks._origin import Origin, current_origin
from benchmarks.accuracy._estimator import TeacherName, build_estimator
from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.fitting import FittedTeacher
from gdpd_sklearn.persistence import write_atomically

__all__ = ["SharedTeacher", "shared_teacher", "teacher_cell", "teacher_path", "train_teacher"]

_OWN = ("set", "teacher", "setting", "n_epochs", "validation_fraction", "seed")


class SharedTeacher(NamedTuple):
    """A teacher, the processor seconds that it took, and the code that trained it."""

    teacher: FittedTeacher
    seconds: float
    origin: Origin


def teacher_cell(cell: Cell) -> Cell:
    """Give the settings that a cell's teacher depends on, as a cell of its own.

    It sees all channels and complete series, so neither ``channels`` nor ``earliness`` is there.
    Classifier parameters among the options stay, even where they concern students only: a teacher
    too many costs time, one too few would be wrong.
    """
    options = {
        name: value
        for name, value in cell["options"].items()
        if not name.startswith(("student__", "distiller__"))
    }
    own = {name: cell[name] for name in _OWN}
    architecture, other_set = TeacherName.parse(cell["teacher"])
    if other_set is not None:  # the very teacher that students of that set have
        own |= {"teacher": architecture, "set": other_set}
    return {"benchmark": "accuracy teacher", **own, "options": options}


def teacher_path(folder: Path, cell: Cell) -> Path:
    """Give the file of a cell's teacher."""
    return cell_path(folder, teacher_cell(cell)).with_suffix(".joblib")


def train_teacher(
    cell: Cell, data_dir: str | None, folder: Path, *, anew: bool = False
) -> dict[str, Any]:
    """Train the teacher of a teacher cell ahead of the cells that share it.

    With ``anew``, a teacher that another version or commit has trained is replaced.
    """
    student_side = {"earliness": 1.0, "student": cell["teacher"], "distiller": "none",
                    "weight": None, "warmup": None, "channels": None}  # fmt: skip
    any_cell = {**cell, **student_side}
    X, y = load_split(cell["set"], "train", data_dir)
    shared = shared_teacher(any_cell, build_estimator(any_cell), X, y, folder)
    if anew and shared.origin != current_origin():
        teacher_path(folder, any_cell).unlink()
        shared = shared_teacher(any_cell, build_estimator(any_cell), X, y, folder)
    return {"validation_accuracy": shared.teacher.score}


def shared_teacher(
    cell: Cell,
    estimator: GDPDClassifier,
    X: NDArray[np.floating],
    y: NDArray[Any],
    folder: Path,
) -> SharedTeacher:
    """Load the teacher of a cell, or train and keep it.

    Parameters
    ----------
    cell : dict
    estimator : GDPDClassifier
        The cell's classifier, not fitted.
    X, y
        Training split of the teacher's set.
    folder : Path
        Of the teachers.
    """
    path = teacher_path(folder, cell)
    if path.exists():
        try:
            return SharedTeacher(*joblib.load(path))
        except Exception:
            # a damaged pickle may raise anything; what it held can be trained again
            path.unlink(missing_ok=True)
    start = time.process_time()
    teacher = estimator.fit_teacher(X, y)
    trained = SharedTeacher(teacher, time.process_time() - start, current_origin())
    buffer = io.BytesIO()
    joblib.dump(tuple(trained), buffer)
    write_atomically(path, buffer.getvalue())
    return trained
