"""What all plots share: matplotlib itself, colours of classes, and a place for the legend."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "axes_or_new",
    "check_axes",
    "class_styles",
    "numeric_order",
    "place_legend",
    "pyplot",
]

# More classes than these get a colour, a dash and a marker of their own.
_N_PLAIN = 10
_DASHES = ("-", "--", "-.")
_MARKERS = ("o", "s", "^", "D", "v")
# Of the height of axes: where a legend would take more, it stays at this.
_TALLEST_LEGEND = 0.6
# Entries of one column beside axes of some two inches.
_TALLEST_COLUMN = 8


def pyplot() -> Any:
    """Give matplotlib's pyplot, or say how to install it."""
    try:
        from matplotlib import pyplot as plt
    except ImportError as error:
        raise ImportError(
            "Plots need matplotlib; install it with pip install gdpd_sklearn[plots]."
        ) from error
    return plt


def axes_or_new(ax: Axes | None) -> tuple[Axes, bool]:
    """Give axes to draw on, and whether they are new."""
    if ax is not None:
        check_axes("ax", [ax])
        return ax, False
    _, new = pyplot().subplots(layout="constrained")
    return new, True


def check_axes(name: str, axes: Iterable[Any]) -> None:
    """Refuse what is no matplotlib axes."""
    from matplotlib.axes import Axes

    for each in axes:
        if not isinstance(each, Axes):
            raise TypeError(f"{name} holds {each!r}, which is no matplotlib Axes.")


def numeric_order(labels: NDArray[Any]) -> list[int]:
    """Order labels as a person would: numbers by value, and numbers within text too.

    Examples
    --------
    >>> import numpy as np
    >>> numeric_order(np.array(["1", "10", "2"]))
    [0, 2, 1]
    """
    texts = [str(label) for label in labels]
    try:
        keys: list[Any] = [float(text) for text in texts]
    except ValueError:
        keys = [
            [(part.isdigit(), int(part) if part.isdigit() else part) for part in parts]
            for parts in (re.split(r"(\d+)", text) for text in texts)
        ]
    return sorted(range(len(keys)), key=keys.__getitem__)


def class_styles(n_classes: int) -> list[dict[str, Any]]:
    """Give each class a look of its own: colour, dash and marker."""
    if n_classes <= _N_PLAIN:
        return [{"color": f"C{i}", "ls": "-", "marker": "o"} for i in range(n_classes)]
    colours = pyplot().get_cmap("turbo")(np.linspace(0.02, 0.95, n_classes))
    return [
        {"color": colour, "ls": _DASHES[i % 3], "marker": _MARKERS[i % 5]}
        for i, colour in enumerate(colours)
    ]


def place_legend(ax: Axes, new: bool, *, beside: bool = False, **options: Any) -> None:
    """Put the legend where it covers no curve.

    Below or beside new axes, whose layout makes room for it. Within given axes, above the curves:
    what stands around them belongs to the caller.
    """
    handles, labels = ax.get_legend_handles_labels()
    if not handles:
        return
    look = {"frameon": False, "fontsize": "small", **options}
    if new and beside:
        columns = 1 + (len(handles) - 1) // _TALLEST_COLUMN
        ax.legend(
            handles, labels, loc="upper left", bbox_to_anchor=(1.01, 1.03), ncols=columns, **look
        )  # fmt: skip
        return
    if new:
        figure = ax.get_figure(root=True)
        assert figure is not None
        figure.legend(handles, labels, loc="outside lower center", ncols=2, **look)
        return
    share = _legend_height(ax, handles, labels, look)
    # the ticks stay those of the curves
    ticks = [tick for tick in ax.get_yticks() if ax.get_ylim()[0] <= tick <= ax.get_ylim()[1]]
    transform = ax.yaxis.get_transform()
    low, high = transform.transform(np.array(ax.get_ylim()))
    top = low + (high - low) / (1.0 - share)
    ax.set_ylim(ax.get_ylim()[0], float(transform.inverted().transform(np.array([top]))[0]))
    ax.set_yticks(ticks)


def _legend_height(ax: Axes, handles: list[Any], labels: list[str], look: dict[str, Any]) -> float:
    """Draw the legend in as many columns as fit; give its height as a share of the axes'."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    of_axes = ax.get_window_extent()
    for columns in range(len(handles), 0, -1):
        legend = ax.legend(handles, labels, loc="upper center", ncols=columns, **look)
        extent = legend.get_window_extent()
        if extent.width <= of_axes.width or columns == 1:
            break
    return min(float(extent.height / of_axes.height) + 0.04, _TALLEST_LEGEND)
