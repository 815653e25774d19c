"""A rule of the user's own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_takes
from gdpd_sklearn.triggers._base import Trigger
from gdpd_sklearn.triggers._features import Floats
from gdpd_sklearn.triggers._held_out import HeldOut

__all__ = ["CallableTrigger"]


class CallableTrigger(Trigger):
    """Ask a function at each point.

    Parameters
    ----------
    function : callable
        ``function(probabilities_so_far, fractions) -> bool (n,)`` with the probabilities of
        shape (p + 1, n, K) and the fractions of shape (p + 1,), the current point last. It must
        answer for each case by that case alone, and keep no state. It learns nothing in fit.

    Examples
    --------
    >>> import numpy as np
    >>> from gdpd_sklearn.triggers import CallableTrigger
    >>> p = np.array([[[0.6, 0.4]], [[0.8, 0.2]], [[0.9, 0.1]]])
    >>> rule = CallableTrigger(lambda seen, fractions: seen[-1].max(axis=-1) > 0.7)
    >>> rule.fit(p, [0], [0.2, 0.6, 1.0]).stop_points(p).tolist()
    [1]
    """

    def __init__(self, function: Callable[[Floats, Floats], NDArray[np.bool_]]) -> None:
        self.function = function

    def check_parameters(self) -> None:
        """Refuse what cannot be called."""
        if not callable(self.function):
            raise ValueError(
                f"function={self.function!r} must be callable: (probabilities of shape "
                f"(p + 1, n, K), fractions of shape (p + 1,)) -> bool (n,)."
            )
        check_takes("function", self.function, ("probabilities", "fractions"))

    def _fit(self, held_out: HeldOut) -> None:
        pass  # a function is given, not learned

    def _safe(self, probabilities: Floats) -> NDArray[np.bool_]:
        n_points, n_cases = probabilities.shape[:2]
        safe = np.zeros((n_points, n_cases), dtype=bool)
        for p in range(n_points):
            try:
                answer = np.asarray(self.function(probabilities[: p + 1], self.fractions_[: p + 1]))
            except TypeError as error:
                raise TypeError(
                    f"function={self.function!r} failed on (probabilities, fractions): {error}"
                ) from error
            if answer.shape != (n_cases,) or answer.dtype != np.bool_:
                raise ValueError(
                    f"function={self.function!r} must return bool of shape ({n_cases},); it "
                    f"returned {answer.dtype} of shape {answer.shape}."
                )
            safe[p] = answer
        return safe
