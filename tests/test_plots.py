import matplotlib
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from synthetic import TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.plots import plot_accuracy_earliness, plot_decision, plot_history

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def fitted():
    X, y = make_series(24, n_channels=2)
    clf = GDPDEarlyClassifier(**TINY, n_folds=2, classification_points=4)
    return clf.fit(X, y), X, y


def test_star_and_curve_are_the_scores(fitted):
    clf, X, y = fitted
    ax = plot_accuracy_earliness(clf, X, y)
    curve, star = ax.get_lines()
    _, accuracy, earliness = clf.score(X, y)
    assert star.get_xydata()[0] == pytest.approx([earliness, accuracy])
    np.testing.assert_allclose(curve.get_xdata(), [0.25, 0.5, 0.75, 1.0])
    last = clf.as_classifier(prefix=1.0).predict(X)
    assert curve.get_ydata()[-1] == pytest.approx((last == y).mean())


def test_decision_is_marked_where_it_falls(fitted):
    clf, X, _ = fitted
    upper, lower = plot_decision(clf, X[0])
    stop = clf.predict_early(X[:1]).stop_times[0]
    assert f"after {stop} of 20" in upper.get_title()
    assert len(upper.get_lines()) == 2 + 1  # two channels and the mark
    assert lower.get_lines()[-1].get_xdata()[0] == stop


def test_history_shows_what_was_computed():
    X, y = make_series()
    ax = plot_history(GDPDClassifier(**TINY, distiller="gdpd").fit(X, y))
    lines = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    assert set(lines) == {"task", "transfer", "prior"}
    assert np.isfinite(lines["task"]).all()
    assert np.isnan(np.asarray(lines["transfer"], float)[:2]).all()  # not computed in the warm-up


def test_what_cannot_be_drawn_is_told_before_anything_is(fitted):
    early, X, y = fitted
    for classifier in (GDPDEarlyClassifier(), GDPDClassifier()):
        with pytest.raises(NotFittedError):
            plot_history(classifier)
    with pytest.raises(NotFittedError):
        plot_decision(GDPDEarlyClassifier(), X[0])
    with pytest.raises(ValueError, match="closed form"):
        plot_history(GDPDEarlyClassifier(2, random_state=0).fit(X, y))
    with pytest.raises((TypeError, ValueError), match="X"):
        plot_decision(early, ["a", "b"])
    with pytest.raises(ValueError, match="y of shape"):
        plot_accuracy_earliness(early, X, y[:-1])
