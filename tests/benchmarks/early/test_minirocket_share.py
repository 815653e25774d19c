"""A share of the cases is the rule's alone, the rest the classifiers'."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from synthetic import make_series

from benchmarks.early.contestants import _minirocket_share
from benchmarks.early.contestants._minirocket_share import MiniRocketShare


def fitted(y, X=None, **parameters):
    X = make_series(len(y), 1, 12)[0] if X is None else X
    return MiniRocketShare(n_kernels=84, **parameters).fit(X, np.array(y), (9, 12), 3)


@pytest.mark.parametrize("share", [0.4, 0.2])
def test_the_share_is_drawn_within_each_class(share):
    y = [0] * 20 + [1] * 10 + [2] * 5
    counts = np.bincount(fitted(y, rule_share=share).held_out_.codes)
    np.testing.assert_array_equal(counts, [share * 20, share * 10, share * 5])


def test_classifiers_do_not_see_the_rules_cases(monkeypatch):
    y = np.arange(20) % 2
    drawn = _minirocket_share._drawn_by_class(y, 0.4, 3)
    X, _ = make_series(20, 1, 12)
    other = X.copy()
    other[drawn] = np.random.default_rng(9).normal(size=other[drawn].shape)
    new = make_series(7, 1, 12, seed=5)[0]
    one, two = (fitted(y, series) for series in (X, other))
    np.testing.assert_array_equal(one.probabilities(new), two.probabilities(new))
    assert not np.array_equal(one.held_out_.probabilities, two.held_out_.probabilities)
    # and the rule sees what they say of its own cases, and of no other
    np.testing.assert_array_equal(one.probabilities(X[drawn]), one.held_out_.probabilities)


@pytest.mark.parametrize(
    "y, calibrated, for_rule",
    [
        ([0] * 5 + [1] * 5, True, [2, 2]),
        ([0] * 9 + [1] * 2, False, [4, 1]),
        ([0] * 9 + [1], False, [4]),
        ([0] * 9 + [1] * 5 + [2], False, [4, 2]),
    ],
)
def test_small_classes(y, calibrated, for_rule):
    contestant = fitted(y)
    np.testing.assert_array_equal(np.bincount(contestant.held_out_.codes), for_rule)
    models = [model for _, model in contestant.models_]
    assert all(isinstance(m, CalibratedClassifierCV) is calibrated for m in models)
    probabilities = contestant.probabilities(make_series(6, 1, 12, seed=1)[0])
    assert probabilities.shape == (2, 6, max(y) + 1)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1.0)
