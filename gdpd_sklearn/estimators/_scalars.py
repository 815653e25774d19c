"""Parameters of a fit that are no parts, each checked and turned into what the trainer takes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from joblib import Memory
from numpy.typing import NDArray
from sklearn.utils.validation import check_memory

from gdpd_sklearn._checks import check_int, check_real
from gdpd_sklearn._seeding import root_seed

__all__ = ["ClassWeight", "class_weights", "resolve_memory", "resolve_root", "resolve_verbose"]

ClassWeight: TypeAlias = str | Mapping[Any, float] | None

# Sums of such weights and losses stay within single precision.
_HEAVIEST = 1e30


def resolve_verbose(verbose: Any) -> int:
    """Give a number of at least 0; scikit-learn takes True and False as 1 and 0."""
    return (
        int(verbose) if isinstance(verbose, bool | np.bool_) else check_int("verbose", verbose, 0)
    )


def resolve_root(random_state: Any) -> int:
    """Draw the root seed, or raise a ValueError that names the parameter."""
    if random_state is None or isinstance(random_state, np.random.RandomState):
        return root_seed(random_state)
    try:
        return root_seed(check_int("random_state", random_state, 0, 2**32 - 1))
    except ValueError as error:
        raise ValueError(f"{str(error)[:-1]}, a RandomState or None.") from None


def resolve_memory(memory: Any) -> Memory:
    """Make joblib's memory of a folder, or raise a ValueError that names the parameter."""
    if isinstance(memory, Path):
        memory = str(memory)
    if not (memory is None or isinstance(memory, str) or hasattr(memory, "cache")):
        raise ValueError(
            f"memory={memory!r} must be None, the path of a folder or a joblib.Memory."
        )
    return check_memory(memory)


def class_weights(
    class_weight: ClassWeight,
    classes: NDArray[Any],
    codes: NDArray[np.int64],
    sample_weight: NDArray[np.float64] | None = None,
) -> NDArray[np.float64] | None:
    """scikit-learn's ``class_weight`` → a weight per class code, or None.

    ``codes`` and ``sample_weight`` are those of the cases that count.
    """
    if class_weight is None:
        return None
    counts = np.bincount(codes, minlength=len(classes))
    if isinstance(class_weight, str) and class_weight == "balanced":
        return _balanced(np.bincount(codes, sample_weight, len(classes)))
    if not isinstance(class_weight, Mapping):
        raise ValueError(
            f"class_weight={class_weight!r} must be None, 'balanced' or a dict of label to weight."
        )
    labels = classes.tolist()
    unknown = sorted(set(class_weight) - set(labels), key=str)
    if unknown:
        raise ValueError(
            f"class_weight={class_weight!r} names the labels {unknown}, which are not in y; "
            f"labels are {labels}."
        )
    weights = np.array(
        [
            check_real(f"class_weight[{label!r}]", class_weight.get(label, 1.0), 0.0, _HEAVIEST)
            for label in labels
        ]
    )
    if weights.astype(np.float32) @ counts.astype(np.float32) == 0:
        raise ValueError(f"class_weight={class_weight!r} leaves no case of a weight above 0.")
    if counts[weights > 0].sum() < 2:
        raise ValueError(
            f"class_weight={class_weight!r} leaves one case of a weight above 0; at least 2 are "
            f"needed."
        )
    return weights


def _balanced(totals: NDArray[Any]) -> NDArray[np.float64]:
    """Give each class the same total weight; one without a case that counts keeps 1."""
    weights = np.ones(len(totals))
    np.divide(totals.sum(), len(totals) * totals, out=weights, where=totals > 0)
    return weights
