"""aeon's own loop of early classification, with GDPDEarlyClassifier beside TEASER.

``python -m benchmarks.aeon_loop`` shows growing prefixes of a bundled data set to both, takes the
decided cases out after each, as aeon's notebook on early classification does, and prints how many
are left and what both reach in the end. No line of the loop depends on the classifier.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
from aeon.classification.early_classification import TEASER
from aeon.classification.early_classification.base import BaseEarlyClassifier
from numpy.typing import NDArray

from benchmarks._data import load_split
from gdpd_sklearn import GDPDEarlyClassifier

__all__ = ["watch"]


def watch(
    classifier: BaseEarlyClassifier,
    X: NDArray[np.floating],
    y: NDArray[Any],
    points: Sequence[int],
) -> tuple[list[int], tuple[float, float, float]]:
    """Show a fitted classifier growing prefixes of ``X`` until all cases are decided.

    Parameters
    ----------
    classifier : BaseEarlyClassifier
        Fitted.
    X : array of shape (n, n_channels, n_timepoints)
    y : array of shape (n,)
    points : sequence of int
        The lengths shown, rising; the last is the full one.

    Returns
    -------
    waiting : list of int
        Cases without a decision after each length.
    score : tuple of float
        Harmonic mean, accuracy, earliness.
    """
    classifier.reset_state_info()
    state = np.zeros((len(X), 4), dtype=np.int64)
    indices = np.arange(len(X))
    waiting = []
    for point in points:
        _, decisions = classifier.update_predict(X[:, :, :point])
        state[indices] = classifier.get_state_info()
        X, indices, _ = classifier.split_indices_and_filter(X, indices, decisions)
        waiting.append(len(indices))
        if len(indices) == 0:
            break
    score, accuracy, earliness = classifier.compute_harmonic_mean(state, y)
    return waiting, (float(score), float(accuracy), float(earliness))


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.aeon_loop", description=__doc__)
    parser.add_argument("--set", default="ItalyPowerDemand", help="data set (default: bundled)")
    parser.add_argument("--data-dir")
    parser.add_argument("--points", type=int, default=6, help="how many lengths are shown")
    parser.add_argument("--n-epochs", type=int, default=100)
    args = parser.parse_args()
    X, y = load_split(args.set, "train", args.data_dir)
    X_test, y_test = load_split(args.set, "test", args.data_dir)
    n_timepoints = X.shape[2]
    points = tuple(round(k * n_timepoints / args.points) for k in range(1, args.points + 1))
    print(f"{args.set}, {len(X_test)} test cases; without a decision after time point")
    for classifier in (
        GDPDEarlyClassifier(classification_points=points, n_epochs=args.n_epochs, random_state=0),
        TEASER(classification_points=points, random_state=0),
    ):
        waiting, (score, accuracy, earliness) = watch(classifier.fit(X, y), X_test, y_test, points)
        left = ", ".join(f"{p}: {n}" for p, n in zip(points, waiting, strict=False))
        print(
            f"{type(classifier).__name__:20} {left}\n{'':20} harmonic mean {score:.3f}, "
            f"accuracy {accuracy:.3f}, earliness {earliness:.3f}"
        )


if __name__ == "__main__":
    main()
