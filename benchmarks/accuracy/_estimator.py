"""A cell is one call of the package's own classifier; this is the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from benchmarks._cells import Cell
from benchmarks.accuracy._named import make_named
from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.distillers import DISTILLERS, Distiller

__all__ = ["TeacherName", "build_estimator", "make_distiller"]

_MAKERS: Mapping[str, Callable[..., GDPDClassifier]] = {
    "default": GDPDClassifier,
    "paper": GDPDClassifier.paper,
}


class TeacherName(NamedTuple):
    """What a cell calls its teacher: ``ARCHITECTURE``, or ``ARCHITECTURE@SET``.

    The latter learned another task, on the training split of a set of series like the student's.
    """

    architecture: str
    other_set: str | None

    @classmethod
    def parse(cls, name: str) -> TeacherName:
        """Take a name apart."""
        architecture, at, other = name.partition("@")
        return cls(architecture, other if at else None)


def make_distiller(name: str) -> Distiller:
    """Make a distiller of the package by name, or one of your own by ``module:Class``.

    Raises
    ------
    ValueError
        If there is none.
    """
    distiller: Distiller = make_named("distillers", name, DISTILLERS)
    if not isinstance(distiller, Distiller):
        raise ValueError(f"distillers: {name!r} is no gdpd_sklearn.distillers.Distiller.")
    return distiller


def build_estimator(cell: Cell) -> GDPDClassifier:
    """Make the classifier of a cell, not fitted; its teacher is an architecture."""
    distiller = make_distiller(cell["distiller"])
    given = {name: cell[name] for name in ("weight", "warmup") if cell[name] is not None}
    parameters: dict[str, Any] = {
        "prefix_length": cell["earliness"],
        "teacher": TeacherName.parse(cell["teacher"]).architecture,
        "student": cell["student"],
        "distiller": distiller.set_params(**given),
        "validation_fraction": cell["validation_fraction"],
        "channels": cell["channels"],
        "random_state": cell["seed"],
    }
    if cell["n_epochs"] is not None:
        parameters["n_epochs"] = cell["n_epochs"]
    return _MAKERS[cell["setting"]](**parameters).set_params(**cell["options"])
