import numpy as np
import pytest
from matplotlib import pyplot as plt

from gdpd_sklearn.plots import plot_explanation


def test_colours_and_bars_are_the_contributions(kernels):
    clf, X, _ = kernels
    (explanation,) = clf.explain(X[:1])
    axes = plot_explanation(explanation)
    assert len(axes) == 7
    for ax, row in zip(axes, explanation.values, strict=False):
        np.testing.assert_array_equal(ax.get_images()[0].get_array()[0], row)
    heights = np.array([bar.get_height() for bar in axes[-1].patches if bar.get_width() == 1.0])
    assert heights.sum() + explanation.rest == pytest.approx(explanation.margin)
    np.testing.assert_allclose(heights.reshape(2, -1).sum(0), explanation.values.sum(0))
    title = axes[0].get_title()
    assert f"{explanation.label} against {explanation.against}" in title
    assert f"log-odds {explanation.margin:.2f}" in title


def test_of_many_channels_the_weightiest_are_drawn(kernels):
    clf, X, _ = kernels
    (explanation,) = clf.explain(X[:1])
    axes = plot_explanation(explanation, max_channels=2)
    weights = np.abs(explanation.values).sum(1)
    expected = sorted(np.argsort(-weights)[:2].tolist())
    assert [ax.get_ylabel() for ax in axes[:-1]] == [f"channel {i}" for i in expected]


def test_given_axes_are_kept_and_counted(trained):
    clf, X, _ = trained
    (explanation,) = clf.explain(X[:1])
    figure, axes = plt.subplots(3, 1)
    assert plot_explanation(explanation, axes=axes) == list(axes)
    assert len(figure.axes) == 3
    with pytest.raises(ValueError, match="axes holds 1 axes; 3 are needed"):
        plot_explanation(explanation, axes=axes[0])


def test_what_cannot_be_drawn_is_told(kernels):
    clf, X, _ = kernels
    with pytest.raises(TypeError, match="must be an Explanation, one of"):
        plot_explanation(clf.explain(X[:1]))
    with pytest.raises(ValueError, match="max_channels=0"):
        plot_explanation(clf.explain(X[:1])[0], max_channels=0)


def test_gaps_are_no_obstacle(kernels):
    clf, X, _ = kernels
    X = X[:1].copy()
    X[0, 1] = np.nan
    X[0, 0, :3] = np.nan
    assert len(plot_explanation(clf.explain(X)[0])) == 7
