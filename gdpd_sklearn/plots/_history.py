"""The losses of a fit, epoch by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from sklearn.exceptions import NotFittedError

from gdpd_sklearn.plots._canvas import axes_or_new, place_legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_history"]

_ALL_DIGITS = [float(digit) for digit in range(1, 10)]
_WORDS = {
    "task_loss": "student: cross-entropy of the labels",
    "transfer_loss": "student: what the distiller asks of it",
    "prior_loss": "prior: how it reproduces the teacher's features",
    "validation_loss": "student: cross-entropy of the validation part",
}


def plot_history(estimator: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the losses of a fit, epoch by epoch.

    Lines are means over students and folds, bands reach from the least to the largest.

    Parameters
    ----------
    estimator : GDPDClassifier or GDPDEarlyClassifier
        Fitted, with a student that was trained.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        Labels of the lines say what each loss is. The teacher's cross-entropy of complete series is
        among them, where it was trained in this fit.

    Raises
    ------
    TypeError
        If it is no such estimator.
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    ValueError
        If its student was solved in closed form.
    """
    history = _history_of(estimator)
    ax, new = axes_or_new(ax)
    teacher = estimator.teacher_history_
    if teacher is not None and "epoch" in teacher:
        _draw(ax, teacher, "task_loss", "teacher: cross-entropy of the labels", color="0.4")
        _draw(
            ax, teacher, "validation_loss", "teacher: cross-entropy of the validation part",
            color="0.4", ls=":",
        )  # fmt: skip
    for number, (name, words) in enumerate(_WORDS.items()):
        _draw(ax, history, name, words, color=f"C{number}")
    ax.set(xlabel="epoch", ylabel="loss", yscale="log")
    _readable(ax)
    ax.grid(alpha=0.3)
    place_legend(ax, new)
    return ax


def _history_of(estimator: Any) -> pd.DataFrame:
    if not hasattr(type(estimator), "history_"):
        raise TypeError(
            f"estimator={estimator!r} must be a fitted GDPDClassifier or GDPDEarlyClassifier."
        )
    if not estimator.is_fitted:
        raise NotFittedError(f"estimator={estimator!r} has no history_; fit it first.")
    history: pd.DataFrame = estimator.history_
    if "epoch" not in history:
        raise ValueError(
            "estimator.history_ has no epochs: its student was solved in closed form, by "
            "prefix_length and penalty."
        )
    return history


def _draw(ax: Axes, history: pd.DataFrame, name: str, words: str, **look: Any) -> None:
    """Draw a loss, where it was computed: one of exactly zero was not, in that stage."""
    if name not in history or not (history[name] > 0).any():
        return
    by_epoch = history[name].where(history[name] > 0).groupby(history["epoch"])
    means, low, high = by_epoch.mean(), by_epoch.min(), by_epoch.max()
    epochs = means.index.to_numpy()
    marker = "." if means.notna().sum() == 1 else None  # a line needs two
    ax.plot(epochs, means.to_numpy(), label=words, marker=marker, **look)
    if (high > low).any():
        color = look.get("color")
        ax.fill_between(epochs, low.to_numpy(), high.to_numpy(), alpha=0.15, color=color, lw=0)


def _readable(ax: Axes) -> None:
    """Write epochs as whole numbers, and losses as plain ones."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    low, high = ax.get_ylim()
    # few powers of ten in sight: their multiples too
    digits = [1.0] if high / low > 1e3 else [1.0, 2.0, 5.0] if high / low > 8 else _ALL_DIGITS
    ax.yaxis.set_major_locator(LogLocator(subs=digits, numticks=30))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_locator(NullLocator())
