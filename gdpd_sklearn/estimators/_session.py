"""What an early classifier remembers between ``predict`` and ``update_predict``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.estimators._engine import EarlyEngine
from gdpd_sklearn.estimators._state import EarlyState

__all__ = ["Session"]


class Session:
    """A box for the present :class:`EarlyState` that is always copied and pickled empty.

    An estimator must not change when it predicts (aeon hashes every attribute before and after),
    yet ``get_state_info`` must tell of the last prediction. A pickled estimator therefore loses a
    session in progress; ``GDPDEarlyClassifier.stream`` gives one that can be saved.
    """

    def __init__(self) -> None:
        self.state: EarlyState | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return (Session, ())

    def start(
        self, engine: EarlyEngine, X: Sequence[NDArray[np.floating]], *, complete: bool
    ) -> EarlyState:
        """Forget what was, and look at other cases; see :meth:`EarlyEngine.start`."""
        # not read again: another thread may have begun with other cases
        state = self.state = engine.start(X, complete=complete)
        return state

    def update(
        self, engine: EarlyEngine, X: Sequence[NDArray[np.floating]], *, complete: bool
    ) -> EarlyState:
        """Go on with the cases that wait; those decided before leave.

        Raises
        ------
        ValueError
            If no case waits, or X has another number of cases or is shorter than before; nothing
            is changed then.
        """
        state = self.state
        assert state is not None
        waiting = state.undecided()
        if len(waiting) == 0:
            raise ValueError(
                "All cases are decided; call reset_state_info() (or predict) to start with others."
            )
        if len(X) != len(waiting):
            raise ValueError(
                f"X has {len(X)} cases, but {len(waiting)} cases are waiting for a decision; pass "
                f"these, in their order, without the decided ones, or call reset_state_info()."
            )
        lengths = np.array([series.shape[1] for series in X])
        if (lengths < waiting.length).any():
            case = int(np.argmax(lengths < waiting.length))
            raise ValueError(
                f"X has {lengths[case]} time points in case {case}, but {waiting.length[case]} "
                f"were shown before; an update needs prefixes at least as long."
            )
        engine.show(waiting, X, complete=complete)
        self.state = waiting
        return waiting
