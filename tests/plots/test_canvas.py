import sys

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgba

from gdpd_sklearn.plots._canvas import (
    axes_or_new,
    class_styles,
    numeric_order,
    place_legend,
    pyplot,
)


@pytest.mark.parametrize(
    ("labels", "ordered"),
    [
        (["1", "10", "2"], ["1", "2", "10"]),
        ([3, -1, 2], [-1, 2, 3]),
        (["c10", "c9", "b"], ["b", "c9", "c10"]),
        (["2b", "a", "10"], ["2b", "10", "a"]),
    ],
)
def test_labels_stand_in_the_order_of_their_numbers(labels, ordered):
    assert [labels[i] for i in numeric_order(np.array(labels))] == [
        type(labels[0])(each) for each in ordered
    ]


@pytest.mark.parametrize("n_classes", [2, 10, 15, 60])
def test_no_two_classes_look_alike(n_classes):
    looks = {(to_rgba(s["color"]), s["ls"], s["marker"]) for s in class_styles(n_classes)}
    assert len(looks) == n_classes
    assert len({look[0] for look in looks}) == n_classes


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_legend_in_given_axes_stands_above_the_curves(scale):
    _, ax = plt.subplots(figsize=(4, 3))
    for i in range(12):
        ax.plot([1, 2], [1 + i, 12.0], label=f"class {i}")
    ax.set_yscale(scale)
    place_legend(ax, new=False, title="class")
    ax.figure.draw_without_rendering()
    legend = ax.get_legend().get_window_extent()
    highest = ax.transData.transform([(1, 12.0)])[0, 1]
    assert legend.y0 >= highest
    assert ax.get_window_extent().x0 <= legend.x0
    assert legend.x1 <= ax.get_window_extent().x1
    assert max(ax.get_yticks()) <= 14


@pytest.mark.parametrize("beside", [False, True])
def test_a_legend_of_new_axes_stands_outside(beside):
    ax, new = axes_or_new(None)
    assert new
    ax.plot([0, 1], [0, 1], label="line")
    place_legend(ax, new, beside=beside)
    ax.figure.draw_without_rendering()
    (legend,) = ax.figure.legends or [ax.get_legend()]
    box, of_axes = legend.get_window_extent(), ax.get_window_extent()
    assert box.x0 >= of_axes.x1 or box.y1 <= of_axes.y0
    assert box.x1 <= ax.figure.bbox.x1


def test_nothing_named_needs_no_legend():
    ax, new = axes_or_new(None)
    place_legend(ax, new)
    assert not ax.figure.legends
    assert ax.get_legend() is None


def test_what_are_no_axes_is_told():
    with pytest.raises(TypeError, match="ax holds 3, which is no matplotlib Axes"):
        axes_or_new(3)


def test_it_says_how_to_install_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install gdpd_sklearn\[plots\]"):
        pyplot()
