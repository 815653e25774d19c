"""What an early classifier reads, and what was fitted that answers."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError

from gdpd_sklearn.data import stretch_series
from gdpd_sklearn.estimators._engine import EarlyEngine
from gdpd_sklearn.estimators._series import (
    check_prefixes,
    cut_series,
    list_of_unequal,
    read_collection,
)
from gdpd_sklearn.networks import PrefixModel
from gdpd_sklearn.triggers import Trigger

__all__ = ["EarlyReading"]


class EarlyReading:
    """The fitted parts of an early classifier, and its door for series."""

    classes_: NDArray[Any]
    engine_: EarlyEngine
    n_channels_: int
    n_timepoints_: int
    prefix_by: str
    # whether series of fit ended before others; files of version 1 do not tell
    _ends_early = False

    if TYPE_CHECKING:  # of aeon's base class, beside which this one stands

        def _check_is_fitted(self) -> None: ...

    @abstractmethod
    def _as_aeon(self, X: Any, store_metadata: bool) -> Any:
        """Let aeon's base class read a collection."""

    @property
    def models_(self) -> list[PrefixModel]:
        """The voting students."""
        return self._engine("models_").models

    @property
    def classification_points_(self) -> tuple[int, ...]:
        """Classification points in time points."""
        return self._engine("classification_points_").points

    @property
    def trigger_(self) -> Trigger:
        """The fitted rule."""
        return self._engine("trigger_").trigger

    def _networks_in_use(self) -> list[PrefixModel]:
        return self.engine_.ready_to_move()

    def _engine(self, wanted: str) -> EarlyEngine:
        if "engine_" not in vars(self):
            # an AttributeError too, so that hasattr says no
            raise NotFittedError(f"{type(self).__name__} has no {wanted} before fit.")
        return self.engine_

    def _preprocess_collection(self, X: Any, store_metadata: bool = True) -> Any:
        if getattr(self, "is_fitted", False):
            return self._stretched(self._read(X))
        return read_collection(X, lambda native: self._as_aeon(native, store_metadata))

    def _read(self, X: Any) -> Any:
        """Read series to be decided, and check them."""
        if self._ends_early and self.prefix_by == "time":
            # where lengths differ one may be longer than those of fit: it is decided before
            X = cut_series(X, self.n_timepoints_)

        def read(native: Any) -> Any:
            series: Any = list_of_unequal(native)
            return self._as_aeon(native, False) if series is None else series

        series = read_collection(X, read)
        longest = self.n_timepoints_ if self.prefix_by == "time" else None
        check_prefixes(series, self.n_channels_, longest)
        return series

    def _stretched(self, series: Any) -> Any:
        return stretch_series(series, self.n_timepoints_) if self.prefix_by == "share" else series

    def _are_complete(self, X: Any) -> bool:
        """Whether series of unequal lengths are whole series, as they were in fit."""
        return self._ends_early and isinstance(X, list)
