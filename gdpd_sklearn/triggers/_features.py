"""What rules read from probabilities: confidence, margin, agreement.

Every function is causal (row p of the answer needs rows 0..p alone) and treats each case by
itself to the last bit: elementwise operations and sums along the last axis, no matrix products,
whose rounding depends on how many cases stand beside. So streaming equals one-shot exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Floats",
    "Ints",
    "agreement",
    "confidence",
    "log_odds",
    "margin",
    "predictions",
    "run_length",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def confidence(probabilities: Floats) -> Floats:
    """Largest class probability: (..., K) -> (...)."""
    return np.asarray(probabilities.max(axis=-1))


def margin(probabilities: Floats) -> Floats:
    """Difference of the two largest class probabilities: (..., K) -> (...)."""
    if probabilities.shape[-1] == 1:
        return confidence(probabilities)
    top = np.partition(probabilities, -2, axis=-1)
    return np.asarray(top[..., -1] - top[..., -2])


def predictions(probabilities: Floats) -> Ints:
    """Most probable class, the first of equals: (..., K) -> (...)."""
    return np.asarray(probabilities.argmax(axis=-1))


def log_odds(share: Floats, bound: float = 1e-4) -> Floats:
    """``log(p / (1 - p))`` with p kept ``bound`` away from 0 and 1."""
    clipped = np.clip(share, bound, 1 - bound)
    return np.asarray(np.log(clipped) - np.log1p(-clipped))


def run_length(safe: NDArray[np.bool_], labels: Ints) -> Ints:
    """Count the latest consecutive safe points with one label: two (P, n) -> (P, n).

    0 where a point is not safe, 1 at the first safe point or where the label has changed.
    """
    runs = np.zeros(safe.shape, dtype=np.intp)
    for p in range(len(safe)):
        runs[p] = safe[p]
        if p:
            runs[p] += np.where(safe[p] & (labels[p] == labels[p - 1]), runs[p - 1], 0)
    return runs


def agreement(probabilities: Floats) -> Ints:
    """For how many points, this one included, the predicted class has been the same."""
    labels = predictions(probabilities)
    return run_length(np.ones(labels.shape, dtype=bool), labels)
