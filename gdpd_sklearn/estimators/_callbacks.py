"""scikit-learn's callbacks (from 1.9 on), told of a fit, its trainings and their epochs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from gdpd_sklearn._progress import watched_by

__all__ = ["CALLBACK_STATE", "CalledBack", "with_callbacks"]

if TYPE_CHECKING:
    _Method = TypeVar("_Method", bound=Callable[..., Any])

    class CallbackSupportMixin:
        """scikit-learn's own."""

        def _init_callback_context(self, max_subtasks: int | None = 0) -> Any: ...

    def with_callbacks(method: _Method) -> _Method:
        """scikit-learn's own."""

else:
    try:
        from sklearn.callback import CallbackSupportMixin, with_callbacks
    except ImportError:  # scikit-learn before 1.9 knows no callbacks

        class CallbackSupportMixin:
            """Nothing to set."""

        def with_callbacks(method: Callable[..., Any]) -> Callable[..., Any]:
            """Give the method itself."""
            return method


CALLBACK_STATE = ("_skl_callbacks", "_parent_callback_ctx")
"""Attributes that scikit-learn gives an estimator before a fit.

aeon's ``reset`` at the beginning of the fit would delete them, and callbacks would be lost without
a word: they are among what it is told to keep.
"""


class CalledBack(CallbackSupportMixin):
    """Mixin of estimators whose fit is a tree of tasks: trainings, and epochs below them."""

    @contextmanager
    def _telling_callbacks(self, X: Any, y: Any) -> Iterator[None]:
        """Tell callbacks of the fit that runs inside; where there are none, do nothing."""
        if not any(hasattr(self, name) for name in CALLBACK_STATE):
            yield
            return
        context = self._init_callback_context(max_subtasks=None)
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        with watched_by(_Tasks(self, context)):
            yield
        context.call_on_fit_task_end(estimator=self, X=X, y=y)


class _Tasks:
    """A task for each training, and one below it for each epoch.

    A callback cannot stop a training: several students may share it.
    """

    def __init__(self, estimator: CalledBack, context: Any) -> None:
        self._estimator = estimator
        self._root = context
        self._training: Any = None

    def begin(self, label: str, n_epochs: int) -> None:
        """Note that a training begins."""
        self._training = self._root.subcontext(f"training of {label}", max_subtasks=n_epochs)
        self._training.call_on_fit_task_begin(estimator=self._estimator)

    def epoch_begins(self) -> None:
        """Note that an epoch of it begins."""
        self._epoch = self._training.subcontext("epoch")
        self._epoch.call_on_fit_task_begin(estimator=self._estimator)

    def epoch_ends(self) -> None:
        """Note that the epoch is over."""
        self._epoch.call_on_fit_task_end(estimator=self._estimator)

    def end(self) -> None:
        """Note that the training is over, or was left."""
        self._training.call_on_fit_task_end(estimator=self._estimator)
