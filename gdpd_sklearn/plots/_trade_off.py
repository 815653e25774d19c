"""Accuracy against earliness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdpd_sklearn._checks import check_switch
from gdpd_sklearn.metrics import harmonic_mean
from gdpd_sklearn.plots._canvas import axes_or_new, place_legend
from gdpd_sklearn.plots._fitted import check_early, complete_series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdpd_sklearn.estimators import GDPDEarlyClassifier

__all__ = ["plot_accuracy_earliness"]

# Chance is drawn where it is so near to the curves; further down it would press them together.
_NEAR = 0.15


def plot_accuracy_earliness(
    classifier: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    cases: Sequence[ArrayLike] | None = None,
    contours: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw accuracy against the share of the series seen, and where the rule stands.

    The curve is that of deciding every case at the same point; the star is the rule, which decides
    each at its own. Of several fits, bands and bars are one standard deviation over them.

    Parameters
    ----------
    classifier : GDPDEarlyClassifier, sequence or dict
        Fitted. A sequence holds fits of one classifier, by other seeds or in the folds of a
        cross-validation. A dict compares: name to classifier, or to a sequence.
    X : array of shape (n, n_channels, n_timepoints_) or list of arrays
        Complete series.
    y : array of shape (n,)
    cases : sequence of index arrays, optional
        For fits of a sequence: the cases of ``X`` that each is asked about, such as
        ``cross_validate(…, return_estimator=True, return_indices=True)["indices"]["test"]``.
    contours : bool, default=True
        Whether to draw lines of equal harmonic mean.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from aeon.datasets import load_italy_power_demand
    >>> from gdpd_sklearn import GDPDEarlyClassifier
    >>> from gdpd_sklearn.plots import plot_accuracy_earliness
    >>> X, y = load_italy_power_demand(split="train")
    >>> early = GDPDEarlyClassifier(random_state=0).fit(X, y)
    >>> ax = plot_accuracy_earliness(early, X, y)
    """
    check_switch("contours", contours)
    named = _named(classifier)
    if cases is not None and any(len(fits) != len(cases) for fits in named.values()):
        raise ValueError(
            f"cases holds {len(cases)} index arrays; there must be one for each fit of a sequence."
        )
    # first what is checked
    parts = _parts(X, y, cases)
    measured = {
        name: [_measure(fit, *parts[i % len(parts)]) for i, fit in enumerate(fits)]
        for name, fits in named.items()
    }
    ax, new = axes_or_new(ax)
    for number, (name, rows) in enumerate(measured.items()):
        _draw(ax, name, rows, f"C{number}")
    curves = [row.accuracies for rows in measured.values() for row in rows]
    lowest = min(float(curve.min()) for curve in curves)
    chance = _chance(y)
    if chance > lowest - _NEAR:
        ax.axhline(chance, color="0.5", ls=":", lw=1, label="most frequent class")
        lowest = min(lowest, chance)
    ax.set(
        xlabel="share of the series seen", ylabel="accuracy", xlim=(0, 1.02),
        ylim=(max(-0.02, lowest - 0.05), 1.05 if contours else 1.02),
    )  # fmt: skip
    if contours:
        _draw_contours(ax)
    ax.grid(alpha=0.3)
    place_legend(ax, new)
    return ax


@dataclass(frozen=True)
class _Measured:
    """One fit on its cases: the curve over shares of the series, and the rule."""

    shares: NDArray[np.float64]
    accuracies: NDArray[np.float64]
    accuracy: float
    earliness: float
    rule: str


def _named(classifier: Any) -> dict[str, list[GDPDEarlyClassifier]]:
    """Give the fits by name; without names there is one, the empty one."""
    if isinstance(classifier, Mapping):
        if not classifier:
            raise ValueError("classifier is an empty dict; it must hold a fitted classifier.")
        return {
            str(name): _fits(each, f"classifier[{name!r}]") for name, each in classifier.items()
        }
    return {"": _fits(classifier, "classifier")}


def _fits(value: Any, name: str) -> list[GDPDEarlyClassifier]:
    if not isinstance(value, list | tuple):
        return [check_early(value, name)]
    if not value:
        raise ValueError(f"{name} is empty; it must hold fitted classifiers.")
    return [check_early(each, f"{name}[{i}]") for i, each in enumerate(value)]


def _parts(X: Any, y: Any, cases: Sequence[ArrayLike] | None) -> list[tuple[Any, Any]]:
    if cases is None:
        return [(X, y)]
    labels, parts = np.asarray(y), []
    for each in cases:
        index = np.asarray(each)
        own = [X[i] for i in index] if isinstance(X, list) else np.asarray(X)[index]
        parts.append((own, labels[index]))
    return parts


def _measure(classifier: GDPDEarlyClassifier, X: Any, y: Any) -> _Measured:
    _, accuracy, earliness = classifier.score(X, y)
    series = complete_series(classifier, X)
    labels = np.asarray(y).reshape(-1)
    points = np.array(classifier.classification_points_)
    probabilities = classifier.engine_.probabilities_up_to(series, len(points))
    right = classifier.classes_[probabilities.argmax(axis=2)] == labels
    return _Measured(
        points / classifier.n_timepoints_, right.mean(axis=1), accuracy, earliness,
        type(classifier.trigger_).__name__,
    )  # fmt: skip


def _draw(ax: Axes, name: str, rows: list[_Measured], colour: str) -> None:
    """Draw the curve and the star of one classifier, the mean over its fits."""
    shares = rows[0].shares
    if all(np.array_equal(row.shares, shares) for row in rows):
        curves = np.stack([row.accuracies for row in rows])
        mean, spread = curves.mean(axis=0), curves.std(axis=0)
        ax.plot(shares, mean, "o-", ms=3.5, color=colour, label=name or "all at this point")
        if len(rows) > 1:
            ax.fill_between(
                shares, mean - spread, mean + spread, color=colour, alpha=0.2, lw=0
            )  # fmt: skip
    else:  # fits of other points each have a line
        for number, row in enumerate(rows):
            label = None if number else name or "all at this point"
            ax.plot(row.shares, row.accuracies, "-", lw=0.8, color=colour, label=label)
    stars = np.array([(row.earliness, row.accuracy) for row in rows])
    (earliness, accuracy), (wide, high) = stars.mean(axis=0), stars.std(axis=0)
    scores = np.asarray(harmonic_mean(stars[:, 1], stars[:, 0]))
    score = float(scores.mean())
    spread_of = f" ± {scores.std():.2f}" if len(rows) > 1 else ""
    if len(rows) > 1:
        ax.errorbar(earliness, accuracy, high, wide, color="black", lw=1, capsize=2, zorder=4)
    ax.plot(
        earliness, accuracy, "*", ms=15, color=colour if name else "#d95f02", mec="black", mew=0.6,
        zorder=5, ls="none", label=f"{rows[0].rule}, harmonic mean {score:.2f}{spread_of}",
    )  # fmt: skip


def _chance(y: Any) -> float:
    """Give the accuracy of always saying the most frequent class."""
    labels = np.asarray(y).reshape(-1)
    return float(np.unique(labels, return_counts=True)[1].max() / len(labels))


def _draw_contours(ax: Axes) -> None:
    """Draw lines of equal harmonic mean of accuracy and one less earliness, named at the top."""
    lowest, top = ax.get_ylim()[0], 1.0
    earliness, accuracy = np.linspace(0.0, 1.0, 101), np.linspace(max(lowest, 0.0), top, 101)
    levels = np.arange(1, 10) / 10
    values = harmonic_mean(accuracy[:, None], earliness[None])
    ax.contour(earliness, accuracy, values, levels=levels, colors="0.75", linewidths=0.7, zorder=0)
    for level in levels:
        # where the line meets an accuracy of 1
        ax.text(
            2 * (1 - level) / (2 - level), top + 0.005, f"{level:.1f}", color="0.5", ha="center",
            va="bottom", fontsize="x-small",
        )  # fmt: skip
    ax.text(0.0, top + 0.005, " harmonic mean", color="0.5", va="bottom", fontsize="x-small")
