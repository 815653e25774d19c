"""Cross-fitted answers come from classifiers that did not see the case."""

import numpy as np
from synthetic import make_series

from benchmarks.early.contestants._held_out import CrossFitted


class Memory(CrossFitted):
    """Answers 1 for the class of the nearest case that it has seen, and keeps what it saw."""

    least_points = 1
    n_folds = 4
    trigger = "margin"

    def _fit_one(self, prefix, codes, random_state):
        return prefix, codes

    def _answer_of(self, model, prefix):
        known, codes = model
        distance = np.abs(known[None] - prefix[:, None]).sum(axis=(2, 3))
        return np.eye(codes.max() + 1)[codes[distance.argmin(axis=1)]]


def test_held_out_answers_are_those_of_the_others():
    X, _ = make_series(20, 1, 6)
    # each case has a twin of another class: who has seen a case knows better
    X[1::2] = X[::2] + 1e-3
    y = np.array(["b", "a"])[np.arange(20) % 2]
    contestant = Memory().fit(X, y, (2, 6), 0)
    inside = contestant.probabilities(X).argmax(axis=-1)
    np.testing.assert_array_equal(contestant.classes_[inside], [y, y])
    held_out = contestant.held_out_.probabilities.argmax(axis=-1)
    assert (contestant.classes_[held_out] == y).mean() < 0.5


def test_a_class_that_a_fold_never_saw_gets_no_probability():
    X, _ = make_series(9, 1, 6)
    y = np.array([0] * 4 + [1] * 4 + [2])
    contestant = Memory().fit(X, y, (2, 6), 0)
    answers = contestant.held_out_.probabilities
    np.testing.assert_allclose(answers.sum(axis=-1), 1.0)
    assert not answers[:, 8, 2].any()
    assert contestant.probabilities(X)[:, 8, 2].all()


def test_a_rule_for_a_cost_is_that_of_the_package():
    X, y = make_series(20, 1, 6)
    contestant = Memory().fit(X, y, (2, 6), 0)
    labels, stop_times = contestant.decide(X)
    stops = contestant.rule_.stop_points(contestant.probabilities(X))
    np.testing.assert_array_equal(stop_times, np.array([2, 6])[stops])
    np.testing.assert_array_equal(labels, y)
