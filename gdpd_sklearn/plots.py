"""Plots of early classification; each returns the matplotlib axes it drew on.

matplotlib is needed (``pip install gdpd_sklearn[plots]``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import NotFittedError

from gdpd_sklearn.estimators import GDPDEarlyClassifier

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_accuracy_earliness", "plot_decision", "plot_history"]


def plot_accuracy_earliness(
    classifier: GDPDEarlyClassifier, X: ArrayLike, y: ArrayLike, *, ax: Axes | None = None
) -> Axes:
    """Draw accuracy against the share of the series seen, and where the rule stands.

    The curve is that of deciding every case at the same point; the star is the rule, which decides
    each at its own.

    Parameters
    ----------
    classifier : GDPDEarlyClassifier
        Fitted.
    X : array of shape (n, n_channels, n_timepoints_)
        Complete series.
    y : array of shape (n,)
    ax : matplotlib Axes, optional
    """
    # first what is checked
    score, accuracy, earliness = classifier.score(X, y)
    ax = _axes(ax)
    series = np.asarray(X, dtype=float)
    series = series[:, None] if series.ndim == 2 else series
    labels = np.asarray(y).reshape(-1)
    points = np.array(classifier.classification_points_)
    probabilities = classifier.engine_.probabilities_up_to(series, len(points))
    accuracies = [(classifier.classes_[row.argmax(1)] == labels).mean() for row in probabilities]
    ax.plot(points / classifier.n_timepoints_, accuracies, "o-", ms=4, label="all at this point")
    ax.plot(
        earliness, accuracy, "*", ms=15, color="#d95f02",
        label=f"{type(classifier.trigger_).__name__}, harmonic mean {score:.2f}",
    )  # fmt: skip
    ax.set(xlabel="share of the series seen", ylabel="accuracy", xlim=(0, 1.02))
    ax.grid(alpha=0.3)
    ax.legend(loc="lower right", frameon=False)
    return ax


def plot_decision(
    classifier: GDPDEarlyClassifier, series: ArrayLike, *, axes: Any = None
) -> tuple[Axes, Axes]:
    """Draw one series, its class probabilities as it grows, and where the decision falls.

    Parameters
    ----------
    classifier : GDPDEarlyClassifier
        Fitted.
    series : array of shape (n_channels, n_timepoints_) or (n_timepoints_,)
        A complete series.
    axes : pair of matplotlib Axes, optional
        For the series and for the probabilities.
    """
    values = np.atleast_2d(np.asarray(series))
    labels, _, stop_times = classifier.predict_early(values[None])
    if axes is None:
        _, axes = _pyplot().subplots(2, 1, sharex=True, figsize=(7.0, 5.0), layout="constrained")
    upper, lower = axes
    points = np.array(classifier.classification_points_)
    probabilities = classifier.engine_.probabilities_up_to(values[None], len(points))[:, 0]
    time = np.arange(1, values.shape[1] + 1)
    for channel, row in enumerate(values):
        upper.plot(time, row, lw=1.2, label=f"channel {channel}")
    if len(values) > 1:
        upper.legend(frameon=False, fontsize="small")
    for code, label in enumerate(classifier.classes_):
        lower.plot(points, probabilities[:, code], "o-", ms=3, label=str(label))
    for axis in (upper, lower):
        axis.axvline(stop_times[0], color="black", ls="--", lw=1)
        axis.axvspan(stop_times[0], values.shape[1], color="black", alpha=0.06, lw=0)
        axis.grid(alpha=0.3)
    upper.set(title=f"decision {labels[0]!s} after {stop_times[0]} of {values.shape[1]} points")
    upper.set_ylabel("series")
    lower.set(xlabel="time point", ylabel="probability", ylim=(-0.03, 1.03))
    lower.legend(title="class", frameon=False, fontsize="small", ncols=2)
    return upper, lower


def plot_history(estimator: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the losses of a fit, epoch by epoch; the mean over students and folds.

    Parameters
    ----------
    estimator : GDPDClassifier or GDPDEarlyClassifier
        Fitted.
    ax : matplotlib Axes, optional
    """
    history = getattr(estimator, "history_", None)
    if history is None:
        raise NotFittedError(f"estimator={estimator!r} has no history_; fit it first.")
    if "epoch" not in history:
        raise ValueError(
            "estimator.history_ has no epochs: its student was solved in closed form, by "
            "prefix_length and penalty."
        )
    ax = _axes(ax)
    losses = [name for name in history.columns if name.endswith("_loss")]
    means = history.groupby("epoch")[losses].mean()
    for name in losses:
        # a loss of exactly zero was not computed in that stage
        ax.plot(means.index, means[name].where(means[name] > 0), label=name.removesuffix("_loss"))
    ax.set(xlabel="epoch", ylabel="loss", yscale="log")
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    return ax


def _pyplot() -> Any:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            "Plots need matplotlib; install it with pip install gdpd_sklearn[plots]."
        ) from error
    return pyplot


def _axes(ax: Axes | None) -> Axes:
    if ax is None:
        _, ax = _pyplot().subplots(layout="constrained")
    assert ax is not None
    return ax
