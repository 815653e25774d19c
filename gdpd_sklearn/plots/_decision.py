"""One series, what its classes are worth as it grows, and the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdpd_sklearn.plots._canvas import (
    check_axes,
    class_styles,
    numeric_order,
    place_legend,
    pyplot,
)
from gdpd_sklearn.plots._fitted import as_one_series, check_early, complete_series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdpd_sklearn.estimators import GDPDEarlyClassifier

__all__ = ["plot_decision"]

# The legend names so many channels, or classes, at most; of more it names those that matter.
_MOST_CHANNELS = 8
_MOST_CLASSES = 30


def plot_decision(
    classifier: GDPDEarlyClassifier, series: ArrayLike, *, axes: Any = None
) -> tuple[Axes, Axes]:
    """Draw one series, its class probabilities as it grows, and where the decision falls.

    Parameters
    ----------
    classifier : GDPDEarlyClassifier
        Fitted.
    series : array of shape (n_channels, n_timepoints_) or (n_timepoints_,)
        A complete series; a shorter one has ended.
    axes : pair of matplotlib Axes, optional
        For the series and for the probabilities. Legends stay within them.

    Returns
    -------
    pair of matplotlib Axes
        The upper one shows the series, the lower one the probabilities, and the line of the rule
        where it has one (:meth:`gdpd_sklearn.triggers.Trigger.least_confidence`). What comes after
        the decision is grey.

    Examples
    --------
    >>> from aeon.datasets import load_gunpoint
    >>> from gdpd_sklearn import GDPDEarlyClassifier
    >>> from gdpd_sklearn.plots import plot_decision
    >>> X, y = load_gunpoint(split="train")
    >>> early = GDPDEarlyClassifier(random_state=0).fit(X, y)
    >>> upper, lower = plot_decision(early, X[0])
    """
    check_early(classifier)
    values = as_one_series(series)
    labels, _, stop_times = classifier.predict_early([values])
    upper, lower, new = _pair(axes)
    seen = complete_series(classifier, [values])
    length = seen.shape[2]
    points = np.array(classifier.classification_points_)
    probabilities = classifier.engine_.probabilities_up_to(seen, len(points))[:, 0]
    # of stretched series, what a student sees stands on the axis of time
    own_time = np.arange(1, length + 1) * (values.shape[1] / length)
    by_time = classifier.prefix_by == "time"
    scale = 1.0 if by_time else values.shape[1] / length
    _draw_series(upper, values)
    last = int(classifier.engine_.final_point(np.array(values.shape[1]))) if by_time else -1
    end = len(points) if last < 0 else last + 1
    _draw_probabilities(lower, points[:end] * scale, probabilities[:end], classifier.classes_)
    _draw_rule(lower, classifier, points[:end] * scale, end)
    stop, last_time = int(stop_times[0]), values.shape[1]
    right = float(max(own_time[-1] if not by_time else 0, last_time, points[end - 1] * scale))
    for axis in (upper, lower):
        axis.axvline(stop, color="black", ls="--", lw=1)
        axis.axvspan(stop, right, color="black", alpha=0.06, lw=0)
        axis.grid(alpha=0.3)
        axis.set_xlim(0, right * 1.01)
    upper.set(title=f"class {labels[0]!s}, decided after {stop} of {last_time} time points")
    upper.set_ylabel("series")
    lower.set(xlabel="time point", ylabel="probability", ylim=(-0.03, 1.03))
    place_legend(upper, new, beside=True)
    place_legend(lower, new, beside=True, title="class")
    return upper, lower


def _pair(axes: Any) -> tuple[Axes, Axes, bool]:
    if axes is None:
        _, (upper, lower) = pyplot().subplots(
            2, 1, sharex=True, figsize=(9.0, 5.0), layout="constrained"
        )
        return upper, lower, True
    try:
        upper, lower = axes
    except (TypeError, ValueError) as error:
        raise ValueError(f"axes={axes!r} must be a pair of matplotlib Axes.") from error
    check_axes("axes", (upper, lower))
    return upper, lower, False


def _draw_series(ax: Axes, values: NDArray[np.floating]) -> None:
    """Draw all channels; the legend names them where there are few."""
    n_channels = len(values)
    colours = pyplot().get_cmap("viridis")(np.linspace(0.0, 0.9, n_channels))
    time = np.arange(1, values.shape[1] + 1)
    for channel, row in enumerate(values):
        named = 1 < n_channels <= _MOST_CHANNELS
        look = {"color": "C0"} if n_channels == 1 else {"color": colours[channel]}
        ax.plot(time, row, lw=1.2, label=f"channel {channel}" if named else None, **look)
    if n_channels > _MOST_CHANNELS:
        ax.plot([], [], color=colours[0], label="channel 0")
        ax.plot([], [], color=colours[-1], label=f"channel {n_channels - 1}")


def _draw_probabilities(
    ax: Axes, times: NDArray[np.floating], probabilities: NDArray[np.float64], classes: NDArray[Any]
) -> None:
    """Draw the classes in the order of their numbers; of very many name the likeliest."""
    order = numeric_order(classes)
    named = set(order)
    if len(order) > _MOST_CLASSES:
        named = set(np.argsort(-probabilities.max(axis=0))[:_MOST_CLASSES].tolist())
    for code, look in zip(order, class_styles(len(order)), strict=True):
        label = str(classes[code]) if code in named else None
        ax.plot(times, probabilities[:, code], ms=3, lw=1.2, label=label, **look)


def _draw_rule(
    ax: Axes, classifier: GDPDEarlyClassifier, times: NDArray[np.floating], end: int
) -> None:
    rule = classifier.trigger_
    line = rule.least_confidence()
    if line is not None:
        label = f"line of {type(rule).__name__}"
        ax.plot(times, line[:end], color="black", ls=":", lw=1.5, label=label)
