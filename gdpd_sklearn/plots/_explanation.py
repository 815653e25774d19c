"""Which part of a series spoke for its label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_int
from gdpd_sklearn.plots._canvas import check_axes, pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdpd_sklearn.estimators import Explanation

__all__ = ["plot_explanation"]

# Blue and orange are told apart by nearly everybody.
_COLOURS = "PuOr"


def plot_explanation(
    explanation: Explanation, *, max_channels: int = 6, axes: Any = None
) -> list[Axes]:
    """Draw a series over colours that say what each of its values counted.

    Parameters
    ----------
    explanation : Explanation
        Of ``classifier.explain(X)``, one of the list.
    max_channels : int, default=6
        Of more channels those are drawn that counted most.
    axes : sequence of matplotlib Axes, optional
        One for each channel that is drawn, and one for the sum over channels.

    Returns
    -------
    list of matplotlib Axes
        The last one has, for each time, what the values of all channels counted together; the bars
        and the rest in the title add up to the margin.

    Examples
    --------
    >>> from aeon.datasets import load_gunpoint
    >>> from gdpd_sklearn import GDPDClassifier
    >>> from gdpd_sklearn.plots import plot_explanation
    >>> X, y = load_gunpoint(split="train")
    >>> clf = GDPDClassifier(random_state=0).fit(X, y)
    >>> axes = plot_explanation(clf.explain(X[:1])[0])
    """
    if not hasattr(explanation, "values") or not hasattr(explanation, "margin"):
        raise TypeError(
            f"explanation={explanation!r} must be an Explanation, one of classifier.explain(X)."
        )
    check_int("max_channels", max_channels, 1)
    channels = _weightiest(explanation.values, max_channels)
    drawn = _axes(axes, len(channels) + 1)
    largest = float(np.abs(explanation.values).max()) or 1.0
    image = None
    for ax, channel in zip(drawn, channels, strict=False):
        image = _draw_channel(ax, explanation, channel, largest)
        if len(explanation.values) > 1:
            ax.set_ylabel(f"channel {channel}")
    _draw_sums(drawn[-1], explanation)
    counted = explanation.values.sum()
    drawn[0].set_title(
        f"{explanation.label!s} against {explanation.against!s} after {explanation.time} points: "
        f"log-odds {explanation.margin:.2f} = {counted:+.2f} here {explanation.rest:+.2f} rest",
        fontsize="medium",
    )
    if axes is None and image is not None:
        bar = drawn[0].figure.colorbar(image, ax=drawn, pad=0.01, fraction=0.03)
        bar.set_label(f"for {explanation.against!s}   –   for {explanation.label!s}")
    return drawn


def _weightiest(values: NDArray[np.float64], most: int) -> list[int]:
    """Give the channels that counted most, in their own order."""
    order = np.argsort(-np.abs(values).sum(axis=1), kind="stable")[:most]
    return sorted(order.tolist())


def _axes(axes: Any, n_axes: int) -> list[Axes]:
    if axes is None:
        heights = [2.0] * (n_axes - 1) + [1.2]
        _, grid = pyplot().subplots(
            n_axes, 1, sharex=True, squeeze=False, layout="constrained",
            figsize=(8.0, 1.0 + sum(heights) * (1.0 if n_axes < 4 else 0.7)),
            height_ratios=heights,
        )  # fmt: skip
        return list(grid[:, 0])
    given = list(axes) if np.iterable(axes) else [axes]
    if len(given) != n_axes:
        raise ValueError(
            f"axes holds {len(given)} axes; {n_axes} are needed: one for each of {n_axes - 1} "
            f"channels, and one for their sum."
        )
    check_axes("axes", given)
    return given


def _draw_channel(ax: Axes, explanation: Explanation, channel: int, largest: float) -> Any:
    """Draw a channel over its colours; give what the colour bar is about."""
    row, values = explanation.series[channel], explanation.values[channel]
    time = np.arange(1, len(row) + 1)
    known = row[np.isfinite(row)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    room = 0.08 * (high - low) or 1.0
    image = ax.imshow(
        values[None], aspect="auto", cmap=_COLOURS, vmin=-largest, vmax=largest,
        extent=(0.5, len(row) + 0.5, low - room, high + room), origin="lower", alpha=0.9,
    )  # fmt: skip
    ax.plot(time, row, color="black", lw=1.2)
    _grey_out(ax, explanation, len(row))
    return image


def _draw_sums(ax: Axes, explanation: Explanation) -> None:
    """Draw bars that add up to the margin less the rest."""
    sums = explanation.values.sum(axis=0)
    time = np.arange(1, len(sums) + 1)
    colours = pyplot().get_cmap(_COLOURS)([0.15, 0.85])
    for sign, colour in zip((-1, 1), colours, strict=True):
        ax.bar(time, np.where(np.sign(sums) == sign, sums, 0.0), width=1.0, color=colour)
    ax.axhline(0, color="black", lw=0.8)
    _grey_out(ax, explanation, len(sums))
    ax.set(xlabel="time point", ylabel="all channels" if len(explanation.values) > 1 else "counts")
    ax.grid(alpha=0.3)


def _grey_out(ax: Axes, explanation: Explanation, length: int) -> None:
    """Grey what follows the decision, and show as much of it as went before."""
    length = min(length, max(2 * explanation.time, 10))
    ax.axvline(explanation.time + 0.5, color="black", ls="--", lw=1)
    ax.axvspan(explanation.time + 0.5, length + 0.5, color="black", alpha=0.06, lw=0)
    ax.set_xlim(0.5, length + 0.5)
