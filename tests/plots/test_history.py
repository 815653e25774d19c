import numpy as np
import pytest
from matplotlib import pyplot as plt
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from synthetic import TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.plots import plot_history


def lines_of(ax):
    return {line.get_label(): line for line in ax.get_lines()}


@pytest.fixture(scope="module")
def partial():
    X, y = make_series()
    return GDPDClassifier(**TINY, distiller="gdpd", validation_fraction=0.3).fit(X, y)


def test_it_shows_what_was_computed_in_words(partial):
    lines = lines_of(plot_history(partial))
    history = partial.history_
    task = lines["student: cross-entropy of the labels"]
    np.testing.assert_array_equal(task.get_ydata(), history["task_loss"])
    transfer = np.asarray(lines["student: what the distiller asks of it"].get_ydata(), float)
    assert np.isnan(transfer[:2]).all(), "not computed in the warm-up"
    assert {name.split(":")[0] for name in lines} == {"teacher", "student", "prior"}
    teacher = lines["teacher: cross-entropy of the labels"]
    np.testing.assert_array_equal(teacher.get_ydata(), partial.teacher_history_["task_loss"])


def test_epochs_are_whole_and_losses_plain_numbers(partial):
    ax = plot_history(partial)
    ax.figure.draw_without_rendering()
    epochs = [text.get_text() for text in ax.get_xticklabels()]
    assert all(float(text.replace("−", "-")).is_integer() for text in epochs)
    losses = [text.get_text() for text in ax.get_yticklabels()]
    assert losses
    assert all("10^" not in text and float(text) > 0 for text in losses)


def test_folds_have_a_mean_and_a_band(trained):
    clf, _, _ = trained
    ax = plot_history(clf)
    history = clf.history_
    means = history.groupby("epoch")["task_loss"].mean()
    line = lines_of(ax)["student: cross-entropy of the labels"]
    np.testing.assert_allclose(line.get_ydata(), means)
    assert ax.collections
    assert set(clf.teacher_history_["fold"]) == {0, 1}


def test_given_axes_are_kept(partial):
    figure, ax = plt.subplots(figsize=(5, 4))
    assert plot_history(partial, ax=ax) is ax
    assert not figure.legends


def test_what_cannot_be_drawn_is_told_before_anything_is():
    X, y = make_series()
    for estimator in (GDPDEarlyClassifier(), GDPDClassifier()):
        with pytest.raises(NotFittedError):
            plot_history(estimator)
    with pytest.raises(TypeError, match="must be a fitted GDPDClassifier or GDPDEarly"):
        plot_history(LogisticRegression())
    with pytest.raises(ValueError, match="closed form"):
        plot_history(GDPDEarlyClassifier(2, random_state=0).fit(X, y))
    assert not plt.get_fignums()
