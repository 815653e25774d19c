"""How often decisions of some confidence are right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdpd_sklearn._checks import check_int
from gdpd_sklearn.plots._canvas import axes_or_new, place_legend
from gdpd_sklearn.plots._fitted import check_early

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdpd_sklearn.estimators import GDPDEarlyClassifier

__all__ = ["plot_reliability"]


def plot_reliability(
    classifier: GDPDEarlyClassifier,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    n_bins: int = 8,
    ax: Axes | None = None,
) -> Axes:
    """Draw how often decisions were right against how confident they were.

    Decisions are sorted by confidence and parted into bins of equal numbers. On the diagonal a
    decision of 80 % is right in 80 % of cases; above it the classifier is too modest, below it too
    sure.

    Parameters
    ----------
    classifier : GDPDEarlyClassifier
        Fitted.
    X : array of shape (n, n_channels, n_timepoints_), optional
        Complete series that fit did not see. By default the held-out cases of fit: training cases,
        each answered by students that did not see it. The rule was chosen on these, and they count
        by their weights.
    y : array of shape (n,), optional
        Their labels.
    n_bins : int, default=8
        Bins; fewer where some would hold less than five cases.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        Bars reach one standard error to either side.

    Examples
    --------
    >>> from aeon.datasets import load_italy_power_demand
    >>> from gdpd_sklearn import GDPDEarlyClassifier
    >>> from gdpd_sklearn.plots import plot_reliability
    >>> X, y = load_italy_power_demand(split="train")
    >>> ax = plot_reliability(GDPDEarlyClassifier(random_state=0).fit(X, y))
    """
    check_early(classifier)
    check_int("n_bins", n_bins, 1)
    if (X is None) != (y is None):
        raise ValueError("X and y must be given together, or neither of them.")
    confidence, right, weight = (
        _held_out(classifier) if X is None else _decided(classifier, X, y)
    )  # fmt: skip
    n_bins = max(1, min(n_bins, len(right) // 5))
    bins = np.array_split(np.argsort(confidence, kind="stable"), n_bins)
    table = np.array([
        (
            np.average(confidence[b], weights=weight[b]),
            np.average(right[b], weights=weight[b]),
            weight[b].sum() ** 2 / (weight[b] ** 2).sum(),
        )
        for b in bins
    ])  # fmt: skip
    said, were, n_effective = table.T
    # of a bin that is all right, as if there were one case more that is not known
    shrunk = (were * n_effective + 0.5) / (n_effective + 1)
    error = np.sqrt(shrunk * (1 - shrunk) / n_effective)
    sums = np.array([weight[b].sum() for b in bins])
    gap = float(np.average(np.abs(said - were), weights=sums))
    about = "held-out cases" if X is None else "cases"
    ax, new = axes_or_new(ax)
    low = float(min(said.min(), (were - error).min()))
    ax.plot([0, 1], [0, 1], color="0.6", ls="--", lw=1, label="as sure as right")
    ax.errorbar(
        said, were, np.minimum(error, 1.0), fmt="o-", ms=4, capsize=2,
        label=f"{len(right)} {about} in {n_bins} bins, mean gap {gap:.3f}",
    )  # fmt: skip
    ax.set(
        xlabel="confidence of the decision", ylabel="share of right decisions",
        xlim=(max(0.0, low - 0.05), 1.02), ylim=(max(0.0, low - 0.05), 1.02),
    )  # fmt: skip
    ax.grid(alpha=0.3)
    place_legend(ax, new)
    return ax


Decided = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]


def _held_out(classifier: GDPDEarlyClassifier) -> Decided:
    decisions = classifier._held_out_decisions()
    return decisions.confidences, decisions.right, decisions.weights


def _decided(classifier: GDPDEarlyClassifier, X: Any, y: Any) -> Decided:
    classifier.score(X, y)  # tells what is wrong with them
    labels, probabilities, _ = classifier.predict_early(X)
    right = labels == np.asarray(y).reshape(-1)
    return probabilities.max(axis=1), right, np.ones(len(right))
