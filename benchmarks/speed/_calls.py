"""Short calls that take turns, round by round."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.speed._turns import Spread

__all__ = ["milliseconds", "ratio", "take_turns"]


def take_turns(
    calls: Mapping[str, Callable[[], Any]], n_rounds: int, n_calls: int
) -> dict[str, list[float]]:
    """Measure each call in every round, so that a drift of the machine meets all of them.

    Parameters
    ----------
    calls : dict of str to callable
    n_rounds : int
    n_calls : int
        How often a call is repeated in a round.

    Returns
    -------
    dict of str to list of float
        CPU seconds of one call, a value for each round.
    """
    for call in calls.values():
        call()
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(n_rounds):
        for name, call in calls.items():
            gc.collect()
            start = time.process_time()
            for _ in range(n_calls):
                call()
            seconds[name].append((time.process_time() - start) / n_calls)
    return seconds


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> list[str]:
    """Write median and quartiles of the ratios of each round, as two cells."""
    pairs = zip(numerators, denominators, strict=True)
    low, median, high = Spread.of([a / b for a, b in pairs])
    return [f"{median:.2f}", f"{low:.2f} – {high:.2f}"]


def milliseconds(seconds: Sequence[float]) -> list[str]:
    """Write median and quartiles in milliseconds, as two cells."""
    low, median, high = (1e3 * value for value in Spread.of(seconds))
    return [f"{median:.3g} ms", f"{low:.3g} – {high:.3g}"]
