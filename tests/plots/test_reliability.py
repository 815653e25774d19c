import numpy as np
import pytest
from matplotlib import pyplot as plt
from sklearn.exceptions import NotFittedError
from synthetic import make_series

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.networks import Rocket
from gdpd_sklearn.plots import plot_reliability
from gdpd_sklearn.triggers import apply_temperature


@pytest.fixture(scope="module")
def noisy():
    X, y = make_series(48, n_classes=3)
    X = X + np.random.default_rng(0).normal(scale=2.0, size=X.shape)
    clf = GDPDEarlyClassifier(4, student=Rocket(400), random_state=0)
    return clf.fit(X, y, sample_weight=1 + np.arange(48) % 3), X, y


def by_loops(confidence, right, weight, n_bins):
    order = np.argsort(confidence, kind="stable")
    said, were = [], []
    for part in np.array_split(order, n_bins):
        said.append(sum(weight[i] * confidence[i] for i in part) / sum(weight[i] for i in part))
        were.append(sum(weight[i] * right[i] for i in part) / sum(weight[i] for i in part))
    return said, were


def test_points_are_shares_of_right_decisions(noisy):
    clf, _, _ = noisy
    X, y = make_series(33, n_classes=3, seed=1)
    ax = plot_reliability(clf, X, y, n_bins=4)
    labels, probabilities, _ = clf.predict_early(X)
    said, were = by_loops(probabilities.max(1), labels == y, np.ones(33), 4)
    line = ax.get_lines()[1]
    np.testing.assert_allclose(line.get_xdata(), said)
    np.testing.assert_allclose(line.get_ydata(), were)


def test_by_default_of_held_out_cases_by_their_weights(noisy):
    clf, _, _ = noisy
    ax = plot_reliability(clf, n_bins=5)
    held_out = apply_temperature(clf.held_out_probabilities_, clf.engine_.temperature)
    stops = clf.trigger_.stop_points(held_out)
    rows = held_out[stops, np.arange(len(stops))]
    right = rows.argmax(1) == clf.held_out_codes_
    said, were = by_loops(rows.max(1), right, clf.held_out_weights_, 5)
    np.testing.assert_allclose(ax.get_lines()[1].get_xdata(), said)
    np.testing.assert_allclose(ax.get_lines()[1].get_ydata(), were)
    assert "48 held-out cases in 5 bins" in ax.figure.legends[0].get_texts()[1].get_text()


def test_few_cases_have_few_bins_and_given_axes_are_kept(noisy):
    clf, X, y = noisy
    _, ax = plt.subplots()
    assert plot_reliability(clf, X[:12], y[:12], n_bins=8, ax=ax) is ax
    assert len(ax.get_lines()[1].get_xdata()) == 2


def test_what_cannot_be_drawn_is_told_before_anything_is(noisy):
    clf, X, y = noisy
    with pytest.raises(NotFittedError):
        plot_reliability(GDPDEarlyClassifier())
    with pytest.raises(TypeError, match="must be a fitted GDPDEarlyClassifier"):
        plot_reliability(X)
    with pytest.raises(ValueError, match="X and y must be given together"):
        plot_reliability(clf, X)
    with pytest.raises(ValueError, match="y of shape"):
        plot_reliability(clf, X, y[:-1])
    with pytest.raises(ValueError, match="n_bins=0"):
        plot_reliability(clf, n_bins=0)
    assert not plt.get_fignums()
