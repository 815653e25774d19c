import numpy as np
import pytest
from matplotlib import pyplot as plt
from sklearn.exceptions import NotFittedError
from synthetic import make_series

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import harmonic_mean
from gdpd_sklearn.networks import Rocket
from gdpd_sklearn.plots import plot_accuracy_earliness


def lines_of(ax):
    return {line.get_label(): line for line in ax.get_lines()}


@pytest.fixture(scope="module")
def fits():
    X, y = make_series(60, n_classes=3)
    X = X + np.random.default_rng(0).normal(size=X.shape)
    parts = [np.arange(20), np.arange(20, 40)]
    return X, y, parts, [
        GDPDEarlyClassifier(4, student=Rocket(400), random_state=seed).fit(
            np.delete(X, part, 0), np.delete(y, part)
        )
        for seed, part in enumerate(parts)
    ]  # fmt: skip


def accuracies(clf, X, y):
    points = clf.classification_points_
    return [(clf.as_classifier(prefix=point).predict(X) == y).mean() for point in points]


def test_star_and_curve_are_the_scores(fits):
    X, y, _, (clf, _) = fits
    ax = plot_accuracy_earliness(clf, X, y)
    curve = lines_of(ax)["all at this point"]
    np.testing.assert_allclose(curve.get_xdata(), np.array(clf.classification_points_) / 20)
    np.testing.assert_allclose(curve.get_ydata(), accuracies(clf, X, y))
    score, accuracy, earliness = clf.score(X, y)
    star = lines_of(ax)[f"FallingThreshold, harmonic mean {score:.2f}"]
    assert star.get_xydata()[0] == pytest.approx([earliness, accuracy])


def test_folds_have_a_mean_and_a_spread(fits):
    X, y, parts, both = fits
    ax = plot_accuracy_earliness(both, X, y, cases=parts)
    curves = [accuracies(clf, X[part], y[part]) for clf, part in zip(both, parts, strict=True)]
    curve = lines_of(ax)["all at this point"]
    np.testing.assert_allclose(curve.get_ydata(), np.mean(curves, axis=0))
    scores = [clf.score(X[part], y[part]) for clf, part in zip(both, parts, strict=True)]
    label = f"FallingThreshold, harmonic mean {np.mean(scores):.2f} ± {np.std(scores):.2f}"
    star = lines_of(ax)[label].get_xydata()[0]
    assert star == pytest.approx(np.mean([(s.earliness, s.accuracy) for s in scores], axis=0))
    band = ax.collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx((np.mean(curves, 0) + np.std(curves, 0)).max())


def test_classifiers_stand_side_by_side_by_name(fits):
    X, y, _, both = fits
    other = GDPDEarlyClassifier(3, student=Rocket(400), random_state=0).fit(X, y)
    lines = lines_of(plot_accuracy_earliness({"two": both, "mixed": [both[0], other]}, X, y))
    assert {"two", "mixed"} <= set(lines)
    np.testing.assert_allclose(lines["mixed"].get_ydata(), accuracies(both[0], X, y))


@pytest.mark.parametrize("level", [0.5, 0.8])
def test_contours_are_lines_of_equal_harmonic_mean(fits, level):
    X, y, _, (clf, _) = fits
    ax = plot_accuracy_earliness(clf, X, y)
    contour = next(c for c in ax.collections if hasattr(c, "levels"))
    number = int(np.flatnonzero(np.isclose(contour.levels, level))[0])
    vertices = contour.get_paths()[number].vertices
    np.testing.assert_allclose(harmonic_mean(vertices[:, 1], vertices[:, 0]), level, atol=2e-3)
    (name,) = [text for text in ax.texts if text.get_text() == f"{level:.1f}"]
    assert harmonic_mean(1.0, name.get_position()[0]) == pytest.approx(level)
    plain = plot_accuracy_earliness(clf, X, y, contours=False)
    assert not any(hasattr(c, "levels") for c in plain.collections)


def test_chance_is_drawn_where_it_is_near(fits):
    X, y, _, (clf, _) = fits
    lines = lines_of(plot_accuracy_earliness(clf, X, np.roll(y, 1)))
    assert lines["most frequent class"].get_ydata()[0] == pytest.approx(1 / 3)


def test_a_list_of_series_of_unequal_lengths():
    X, y = make_series(30)
    mixed = [x[:, : 14 + i % 7] for i, x in enumerate(X)]
    clf = GDPDEarlyClassifier(3, student=Rocket(400), random_state=0).fit(mixed, y)
    ax = plot_accuracy_earliness([clf], mixed, y, cases=[np.arange(9)])
    curve = lines_of(ax)["all at this point"].get_ydata()
    assert curve[-1] == (clf.as_classifier(prefix=1.0).predict(mixed[:9]) == y[:9]).mean()


def test_what_cannot_be_drawn_is_told_before_anything_is(fits):
    X, y, parts, both = fits
    with pytest.raises(NotFittedError):
        plot_accuracy_earliness(GDPDEarlyClassifier(), X, y)
    with pytest.raises(TypeError, match=r"classifier\[1\]=3 must be a fitted"):
        plot_accuracy_earliness([both[0], 3], X, y)
    with pytest.raises(TypeError, match=r"classifier\['a'\]"):
        plot_accuracy_earliness({"a": None}, X, y)
    for nothing in ([], {}):
        with pytest.raises(ValueError, match="empty"):
            plot_accuracy_earliness(nothing, X, y)
    with pytest.raises(ValueError, match="cases holds 2 index arrays"):
        plot_accuracy_earliness(both[0], X, y, cases=parts)
    with pytest.raises(ValueError, match="y of shape"):
        plot_accuracy_earliness(both[0], X, y[:-1])
    assert not plt.get_fignums()
