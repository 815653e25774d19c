"""Whole estimators in one file: JSON and arrays, no pickle, no code."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gdpd_sklearn import distillers, metrics, networks, recipes, triggers
from gdpd_sklearn.estimators._engine import EarlyEngine
from gdpd_sklearn.fitting import FittedTeacher
from gdpd_sklearn.networks import PrefixModel
from gdpd_sklearn.persistence import (
    Kind,
    naming,
    own_parts,
    pack,
    part_kind,
    read_sealed,
    unpack,
    write_sealed,
)
from gdpd_sklearn.solver import CompactFeatures, Lesson
from gdpd_sklearn.training import Columns, as_frame

__all__ = ["SavedEstimator", "check_classes"]

_OF_AEON = ("classes_", "metadata_", "fit_time_millis_")
_ROOMS = (networks, distillers, triggers, recipes, metrics)


class SavedEstimator:
    """Estimators that a file can hold.

    A class names itself in ``_file_kind`` and what was fitted in ``_learned_names``; the latter may
    be missing. Labels and what the trainer's time was are added here.
    """

    _file_kind: ClassVar[str]
    _learned_names: ClassVar[tuple[str, ...]]
    classes_: NDArray[Any]
    _history: Columns
    # files of before teachers left theirs do not tell
    _teacher_history: Columns | None = None

    if TYPE_CHECKING:  # of aeon's base class, beside which this one stands

        def get_params(self, deep: bool = True) -> dict[str, Any]: ...

        def _check_is_fitted(self) -> None: ...

    @property
    def history_(self) -> pd.DataFrame:
        """What happened in training, epoch by epoch or point by point."""
        return as_frame(self._history)

    @property
    def teacher_history_(self) -> pd.DataFrame | None:
        """What happened in the training of the teacher, or of the folds' teachers."""
        self._check_is_fitted()
        return None if self._teacher_history is None else as_frame(self._teacher_history)

    def save(self, path: str | Path) -> None:
        """Write the fitted estimator into one file, which holds no code.

        Parameters, labels, students, the rule and its temperature, and the history are inside, and
        a digest of it all. An old file is replaced when the new one is complete. ``memory`` is not
        written: a cache is a folder of pickles, which no file shall bring along.

        Parameters
        ----------
        path : str or Path
            Such as ``"clf.safetensors"``: it can be read outside Python too.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        TypeError
            If a part is Python code, such as a function as ``trigger`` or a module as ``student``;
            the message names it.
        OSError
            If the file cannot be written.
        """
        self._check_is_fitted()
        parameters = dict(self.get_params(deep=False))
        parameters |= {"memory": None, "device": str(parameters["device"])}
        kinds = _kinds()
        about, arrays = pack(parameters, kinds)
        learned, further = pack(self._learned(), kinds)
        content = {"parameters": about, "learned": learned}
        write_sealed(path, self._file_kind, content, arrays | further)

    @classmethod
    def load(cls, path: str | Path, parts: Sequence[type] = ()) -> Self:
        """Read a file that :meth:`save` wrote.

        No code is executed, and nothing is built that is larger than the file accounts for.

        Parameters
        ----------
        path : str or Path
        parts : sequence of class, optional
            Classes of parts beside the package's own that the file may name.

        Raises
        ------
        ValueError
            That names the path: if the file is damaged, of another kind, of a newer format, or
            holds a part of an unknown class.
        """
        kinds = _kinds(parts)
        about, arrays = read_sealed(path, cls._file_kind)
        with naming(path):
            parameters = unpack(about["parameters"], arrays, kinds)
            if parameters["memory"] is not None:
                raise ValueError("it names a folder of pickles as its memory")
            estimator = cls(**parameters)
            estimator._take_learned(unpack(about["learned"], arrays, kinds))
        return estimator

    @abstractmethod
    def _check_learned(self) -> None:
        """Refuse what was read, if it does not belong together."""

    def _learned(self) -> dict[str, Any]:
        names = (*_OF_AEON, *self._learned_names)
        return {name: getattr(self, name) for name in names if hasattr(self, name)}

    def _take_learned(self, learned: Mapping[str, Any]) -> None:
        unknown = set(learned) - {*_OF_AEON, *self._learned_names}
        if unknown:
            raise ValueError(f"it holds {sorted(unknown)}, which this version does not know")
        for name, value in learned.items():
            setattr(self, name, value)
        self._check_learned()
        # what aeon's base class makes of the labels
        self.n_classes_ = len(self.classes_)
        self._class_dictionary = {label: code for code, label in enumerate(self.classes_)}
        self.is_fitted = True


def check_classes(classes: NDArray[Any], n_classes: int) -> None:
    """Refuse labels that are not those of so many classes."""
    if not isinstance(classes, np.ndarray) or classes.shape != (n_classes,):
        raise ValueError(f"its labels {classes!r} are not {n_classes}")


def _kinds(parts: Sequence[type] = ()) -> dict[str, Kind]:
    """Give the kinds of objects in estimators."""
    own = own_parts(getattr(room, name) for room in _ROOMS for name in room.__all__)
    return {
        "part": part_kind(own, parts),
        "model": Kind(
            lambda value: isinstance(value, PrefixModel),
            PrefixModel.taken_apart,
            PrefixModel.put_together,
        ),
        "teacher": Kind(
            lambda value: isinstance(value, FittedTeacher),
            FittedTeacher.__getstate__,
            FittedTeacher.of_state,
        ),
        "lesson": Kind(
            lambda value: isinstance(value, Lesson), Lesson.__getstate__, Lesson.of_state
        ),
        "compact": Kind(
            lambda value: isinstance(value, CompactFeatures),
            CompactFeatures.__getstate__,
            CompactFeatures.of_state,
        ),
        "engine": Kind(
            lambda value: isinstance(value, EarlyEngine),
            EarlyEngine.__getstate__,
            lambda members: EarlyEngine(**members),
        ),
        "random_state": Kind(
            lambda value: isinstance(value, np.random.RandomState), _generator, _as_random_state
        ),
    }


def _generator(random: np.random.RandomState) -> dict[str, Any]:
    name, keys, position, has_gauss, gauss = random.get_state()
    return {
        "name": name, "keys": keys, "position": position, "has_gauss": has_gauss, "gauss": gauss
    }  # fmt: skip


def _as_random_state(members: dict[str, Any]) -> np.random.RandomState:
    random = np.random.RandomState()
    random.set_state(tuple(members[key] for key in _GENERATOR))
    return random


_GENERATOR = ("name", "keys", "position", "has_gauss", "gauss")
