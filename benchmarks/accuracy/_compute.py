"""The story of a cell: teacher, student, and only then the test split."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._cells import Cell, cell_path
from benchmarks._data import load_split
from benchmarks._tsml import summarise_tsml_results, write_tsml_results
from benchmarks.accuracy._classifiers import build_classifier
from benchmarks.accuracy._estimator import build_estimator
from benchmarks.accuracy._figures import (
    figures_on_test,
    longer_shares,
    own_figures,
    transfer_figures,
    validation_figures,
)
from benchmarks.accuracy._teachers import shared_teacher, teacher_cell, train_teacher
from gdpd_sklearn.data import resolve_prefix_length
from gdpd_sklearn.networks import count_parameters
from gdpd_sklearn.persistence import write_atomically

__all__ = ["Laboratory"]


@dataclass(frozen=True)
class Laboratory:
    """Where cells are computed, and what is wanted of them beside their figures.

    Parameters
    ----------
    out : Path
        Folder of results, absolute; ``prepare`` makes it.
    data_dir : str, optional
    longer : bool
        Test students on longer prefixes too.
    tsml : bool
        Write result files in the tsml format too, into ``<out>/tsml``.
    """

    out: Path
    data_dir: str | None = None
    longer: bool = False
    tsml: bool = False

    @property
    def teachers(self) -> Path:
        """Folder of the teachers."""
        return self.out / "teachers"

    def prepare(self) -> None:
        """Make the folders; workers make none, so that a folder that is not shared shows."""
        for folder in (self.out, self.teachers, self.out / "cost"):
            folder.mkdir(parents=True, exist_ok=True)

    def train_teacher(self, cell: Cell, *, anew: bool = False) -> dict[str, Any]:
        """Compute a teacher cell; ``anew`` where another version's teacher will not do."""
        with _conditions():
            return train_teacher(cell, self.data_dir, self.teachers, anew=anew)

    def compute(self, cell: Cell) -> dict[str, Any]:
        """Compute the figures of a cell, of a student or of a classifier beside them."""
        with _conditions():
            if "classifier" in cell:
                return self._compute_classifier(cell)
            return self._compute_student(cell)

    def _compute_classifier(self, cell: Cell) -> dict[str, Any]:
        """Fit on prefixes, then open the test split."""
        X, y = load_split(cell["set"], "train", self.data_dir)
        prefix_length = resolve_prefix_length(cell["earliness"], X.shape[2])
        seen = slice(cell["channels"]), slice(prefix_length)
        classifier = build_classifier(cell["classifier"], cell["seed"])
        start = time.process_time()
        classifier.fit(X[:, *seen], y)
        fit_seconds = time.process_time() - start

        X_test, y_test = load_split(cell["set"], "test", self.data_dir)
        start = time.process_time()
        probabilities = np.asarray(classifier.predict_proba(X_test[:, *seen]), dtype=np.float64)
        predict_seconds = time.process_time() - start
        classes = np.unique(y)
        self._write_cost(cell, {"fit_seconds": fit_seconds})
        if self.tsml:
            self._write_tsml(cell, classes, y_test, probabilities, fit_seconds, predict_seconds)
        return own_figures(classes, probabilities, y_test)

    def _compute_student(self, cell: Cell) -> dict[str, Any]:
        """Compute the figures of a student; what differs from run to run goes into files beside.

        The test split is opened when the student is fitted and its validation figures are taken:
        nothing that is fitted or chosen can depend on it.
        """
        X, y = load_split(cell["set"], "train", self.data_dir)
        student = build_estimator(cell)
        taught = teacher_cell(cell)["set"]  # of another task where that is another set
        lesson = (X, y) if taught == cell["set"] else load_split(taught, "train", self.data_dir)
        shared = shared_teacher(cell, student, *lesson, self.teachers)
        teacher = shared.teacher
        start = time.process_time()
        student.set_params(teacher=teacher).fit(X, y)
        fit_seconds = time.process_time() - start
        figures = validation_figures(student, X, y)

        X_test, y_test = load_split(cell["set"], "test", self.data_dir)
        visible = X_test[:, list(student.channels_), : student.prefix_length_]
        start = time.process_time()
        probabilities = student.predict_proba(visible)
        predict_seconds = time.process_time() - start
        figures |= figures_on_test(student.classes_, teacher, probabilities, X_test, y_test)
        figures["longer"] = transfer_figures(student, X_test, y_test) if self.longer else {}
        figures["n_parameters"] = student.n_parameters_
        figures["teacher_n_parameters"] = count_parameters(teacher.model[0])
        figures["teacher_origin"] = shared.origin.as_dict()
        cost = {
            "fit_seconds": fit_seconds,
            "teacher_seconds": shared.seconds,
            "seconds_per_epoch": fit_seconds / len(student.history_),
        }
        self._write_cost(cell, cost)
        if self.tsml:
            self._write_tsml(
                cell, student.classes_, y_test, probabilities, fit_seconds, predict_seconds
            )
        return figures

    def _write_cost(self, cell: Cell, cost: dict[str, float]) -> None:
        write_atomically(cell_path(self.out / "cost", cell), json.dumps(cost, indent=1).encode())

    def is_complete(self, path: Path, result: dict[str, Any]) -> bool:
        """Whether a result that is there has all that is wanted now."""
        cell = result["cell"]
        wants_longer = self.longer and "classifier" not in cell
        if wants_longer and longer_shares(cell["earliness"]) and not result["figures"]["longer"]:
            return False
        return not self.tsml or self._tsml_path(cell).exists()

    def summarise(self) -> None:
        """Put the accuracies of all tsml files where aeon's loaders look for them, if wanted."""
        if self.tsml:
            written = (self.out / "tsml").glob("*/Predictions/*/testResample*.csv")
            for name in sorted({path.parents[2].name for path in written}):
                summarise_tsml_results(self.out / "tsml", name)

    def _tsml_path(self, cell: Cell) -> Path:
        return (
            self.out / "tsml" / _tsml_name(cell) / "Predictions" / cell["set"]
            / f"testResample{cell['seed']}.csv"
        )  # fmt: skip

    def _write_tsml(
        self, cell: Cell, classes: NDArray[Any], y: NDArray[Any],
        probabilities: NDArray[np.float64], fit_seconds: float, predict_seconds: float,
    ) -> None:  # fmt: skip
        write_tsml_results(
            self.out / "tsml", _tsml_name(cell), cell["set"], cell["seed"], "test",
            np.searchsorted(classes, y), probabilities.argmax(1), probabilities,
            parameters=json.dumps(cell, sort_keys=True), fit_milliseconds=1000 * fit_seconds,
            predict_milliseconds=1000 * predict_seconds, n_classes=len(classes),
        )  # fmt: skip


def _tsml_name(cell: Cell) -> str:
    """Name what a cell is apart from set and seed: readable first, then a digest of the rest."""
    rest = {name: value for name, value in cell.items() if name not in ("set", "seed")}
    digest = cell_path(Path(), rest).stem[:8]
    parts = (
        cell[name] for name in ("classifier", "distiller", "teacher", "student") if name in cell
    )
    # a module's colon is no part of a path on every system
    readable = "-".join(parts).replace(":", ".")
    return f"{readable}-{cell['earliness']:g}-{digest}"


@contextmanager
def _conditions() -> Iterator[None]:
    """Compute on one thread, without aeon's warning of channels that hardly vary.

    What is never measured does not vary.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Data seen by instance of")
        yield
