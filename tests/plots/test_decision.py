import numpy as np
import pytest
from early_cases import never
from matplotlib import pyplot as plt
from sklearn.exceptions import NotFittedError
from synthetic import make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.networks import Rocket
from gdpd_sklearn.plots import plot_decision
from gdpd_sklearn.triggers import apply_temperature


def labels_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def lines_of(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_the_decision_is_marked_where_it_falls(kernels):
    clf, X, _ = kernels
    upper, lower = plot_decision(clf, X[0])
    labels, _, stop_times = clf.predict_early(X[:1])
    title = upper.get_title()
    assert title == f"class {labels[0]}, decided after {stop_times[0]} of 20 time points"
    for ax in (upper, lower):
        assert ax.get_lines()[-1].get_xdata()[0] == stop_times[0]


def test_probabilities_are_those_of_the_engine_in_numeric_order(kernels):
    clf, X, _ = kernels
    _, lower = plot_decision(clf, X[0])
    expected = clf.engine_.probabilities_up_to(X[:1], 6)[:, 0]
    assert labels_of(lower) == [*map(str, range(12)), "line of ProbabilityThreshold"]
    for code, label in enumerate(clf.classes_):
        line = lines_of(lower)[label]
        np.testing.assert_array_equal(line.get_ydata(), expected[:, code])
        np.testing.assert_array_equal(line.get_xdata(), clf.classification_points_)


def test_the_line_of_the_rule_parts_deciding_from_waiting(kernels):
    _, X, y = kernels
    for trigger in ("probability_threshold", "falling_threshold"):
        own = GDPDEarlyClassifier(6, student=Rocket(700), trigger=trigger, random_state=0)
        own.fit(X + np.random.default_rng(0).normal(size=X.shape), y)
        rule = own.trigger_
        _, lower = plot_decision(own, X[0])
        line = lines_of(lower)[f"line of {type(rule).__name__}"].get_ydata()
        held_out = apply_temperature(own.held_out_probabilities_, own.engine_.temperature)
        for point in range(5):
            seen = held_out[: point + 1]
            above = seen[-1].max(1) >= line[point]
            np.testing.assert_array_equal(rule.should_stop(seen), above)
    waiting = GDPDEarlyClassifier(2, student=Rocket(300), trigger=never, random_state=0)
    _, lower = plot_decision(waiting.fit(X, y), X[0])
    assert labels_of(lower) == [*map(str, range(12))]


def test_given_axes_are_kept(kernels):
    clf, X, _ = kernels
    figure, axes = plt.subplots(1, 2, figsize=(9, 4))
    places = [ax.get_position().bounds for ax in axes]
    assert plot_decision(clf, X[0], axes=axes) == tuple(axes)
    assert [ax.get_position().bounds for ax in axes] == places
    assert len(figure.axes) == 2
    figure.draw_without_rendering()
    for ax in axes:
        box, own = ax.get_legend().get_window_extent(), ax.get_window_extent()
        assert own.x0 <= box.x0
        assert box.x1 <= own.x1
        curves = [line for line in ax.get_lines()[:-1] if len(line.get_xdata()) > 2]
        highest = max(ax.transData.transform(line.get_xydata())[:, 1].max() for line in curves)
        assert box.y0 >= highest


def test_of_many_channels_the_first_and_last_are_named():
    X, y = make_series(24, n_channels=11)
    clf = GDPDEarlyClassifier(2, student=Rocket(300), random_state=0).fit(X, y)
    upper, _ = plot_decision(clf, X[0])
    assert labels_of(upper) == ["channel 0", "channel 10"]


def test_a_series_that_ended_is_drawn_to_its_end(kernels):
    clf, X, _ = kernels
    upper, lower = plot_decision(clf, X[0][:, :12])
    assert "of 12 time points" in upper.get_title()
    assert lines_of(lower)["0"].get_xdata()[-1] <= 14


def test_shares_stand_on_the_own_time_of_the_series():
    X, y = make_series(30)
    mixed = [x[:, : 14 + i % 7] for i, x in enumerate(X)]
    clf = GDPDEarlyClassifier(4, student=Rocket(300), prefix_by="share", random_state=0)
    upper, lower = plot_decision(clf.fit(mixed, y), mixed[0])
    assert "of 14 time points" in upper.get_title()
    points = np.array(clf.classification_points_) * 14 / 20
    np.testing.assert_allclose(lower.get_lines()[0].get_xdata(), points)


def test_what_cannot_be_drawn_is_told_before_anything_is(kernels):
    clf, X, _ = kernels
    with pytest.raises(NotFittedError, match="not fitted"):
        plot_decision(GDPDEarlyClassifier(), X[0])
    with pytest.raises(TypeError, match="must be a fitted GDPDEarlyClassifier"):
        plot_decision(GDPDClassifier(), X[0])
    with pytest.raises(TypeError, match="series must be an array of numbers"):
        plot_decision(clf, ["a", "b"])
    with pytest.raises(ValueError, match=r"series of shape \(60, 6, 20\) must be one series"):
        plot_decision(clf, X)
    with pytest.raises(ValueError, match="1 channels in case 0"):
        plot_decision(clf, X[0, 0])
    with pytest.raises(ValueError, match="must be a pair"):
        plot_decision(clf, X[0], axes=plt.gca())
    plt.close("all")
    with pytest.raises(TypeError, match="axes holds"):
        plot_decision(clf, X[0], axes=(1, 2))
    assert not plt.get_fignums()
