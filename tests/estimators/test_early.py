"""GDPDEarlyClassifier: one answer, however the series arrive."""

import numpy as np
import pytest
from aeon.testing.estimator_checking import parametrize_with_checks
from aeon.testing.testing_config import EXCLUDED_TESTS
from early_cases import KINDS, assert_same, at_once, never, whimsical
from sklearn.exceptions import NotFittedError
from synthetic import EARLY, make_series

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.triggers import FallingThreshold, Trigger, apply_temperature, pool_votes

X24, Y24 = make_series()


@parametrize_with_checks([GDPDEarlyClassifier])
def test_aeon_checks(check):
    check()


def test_no_aeon_check_is_excluded():
    assert "GDPDEarlyClassifier" not in EXCLUDED_TESTS


# one answer, however the series arrive ------------------------------------------------------------


def decide_by_hand(clf, X):
    """Decide each case alone, point by point, as the definition has it."""
    for series in X:
        seen = []
        for point, m in enumerate(clf.classification_points_):
            votes = [model.predict_proba(series[None, :, :m], point) for model in clf.models_]
            seen.append(apply_temperature(pool_votes(votes), clf.engine_.temperature))
            if clf.trigger_.should_stop(np.stack(seen))[0]:
                yield clf.classes_[seen[-1][0].argmax()], seen[-1][0], m
                break


def test_decisions_are_those_of_the_definition(case):
    clf, X, _ = case
    assert clf.classification_points_ == (5, 10, 15, 20)
    by_hand = map(np.array, zip(*decide_by_hand(clf, X), strict=True))
    prediction = clf.predict_early(X)
    assert_same(prediction, by_hand)
    assert set(prediction.stop_times) == {5, 10, 15, 20}  # else these tests show little
    np.testing.assert_allclose(prediction.probabilities.sum(1), 1.0)


@pytest.mark.parametrize("length", [3, 5, 9, 10, 14, 15, 19, 20])
def test_a_prefix_tells_what_can_be_known_by_then(case, length):
    clf, X, _ = case
    whole = clf.predict_early(X)
    labels, decisions = clf.predict(X[:, :, :length])
    np.testing.assert_array_equal(decisions, whole.stop_times <= length)
    np.testing.assert_array_equal(labels[decisions], whole.labels[decisions])
    assert (labels[~decisions] == -1).all()
    probabilities, decisions_too = clf.predict_proba(X[:, :, :length])
    np.testing.assert_array_equal(decisions_too, decisions)
    np.testing.assert_array_equal(probabilities[decisions], whole.probabilities[decisions])
    assert (probabilities[~decisions] == -1).all()


def test_prefixes_of_unequal_lengths_are_each_case_alone(case):
    clf, X, _ = case
    lengths = np.random.default_rng(0).integers(1, 21, size=len(X))
    prefixes = [series[:, :n] for series, n in zip(X, lengths, strict=True)]
    together = clf.predict_proba(prefixes)
    labels = clf.predict(prefixes)[0]
    for i, prefix in enumerate(prefixes):
        assert_same(clf.predict_proba(prefix[None]), [each[i : i + 1] for each in together])
        assert clf.predict(prefix[None])[0] == labels[i]
    assert 0 < together[1].sum() < len(X)


def test_univariate_series_may_be_flat():
    X, y = make_series()
    flat = GDPDEarlyClassifier(**EARLY, trigger=whimsical).fit(X[:, 0], y)
    deep = GDPDEarlyClassifier(**EARLY, trigger=whimsical).fit(X, y)
    assert_same(flat.predict_early(X[:, 0]), deep.predict_early(X))
    assert_same(flat.predict(X[:, 0, :12]), deep.predict(X[:, :, :12]))
    unequal = [X[0, 0, :7], X[1, 0, :16]]
    assert_same(flat.predict(unequal), deep.predict([X[0, :, :7], X[1, :, :16]]))


SCHEDULES = [(5, 10, 15, 20), range(1, 21), (3, 4, 11, 11, 12, 20), (20,), (14, 20)]


@pytest.mark.parametrize("lengths", SCHEDULES, ids=str)
def test_updates_come_to_the_same_as_one_look(case, lengths):
    clf, X, _ = case
    whole = clf.predict_early(X)
    for proba in (False, True):
        clf.reset_state_info()
        update = clf.update_predict_proba if proba else clf.update_predict
        indices, seen = np.arange(len(X)), 0
        for length in lengths:
            answer, decisions = update(X[indices][:, :, :length])
            due = (whole.stop_times[indices] <= length) & (whole.stop_times[indices] > seen)
            np.testing.assert_array_equal(decisions, due)
            expected = whole.probabilities if proba else whole.labels
            np.testing.assert_array_equal(answer[decisions], expected[indices[decisions]])
            assert (answer[~decisions] == -1).all()
            indices, seen = indices[~decisions], length
            if len(indices) == 0:
                break
        assert len(indices) == 0


def test_updates_of_unequal_lengths(case):
    clf, X, _ = case
    whole = clf.predict_early(X)
    rng = np.random.default_rng(0)
    lengths = np.zeros(len(X), dtype=int)
    indices = np.arange(len(X))
    clf.reset_state_info()
    while len(indices):
        lengths[indices] = np.minimum(20, lengths[indices] + rng.integers(0, 8, len(indices)))
        probabilities, decisions = clf.update_predict_proba(
            [X[i][:, : lengths[i]] for i in indices]
        )
        fallen = indices[decisions]
        np.testing.assert_array_equal(probabilities[decisions], whole.probabilities[fallen])
        info = clf.get_state_info()
        np.testing.assert_array_equal(info[decisions, 3], whole.stop_times[fallen])
        indices = indices[~decisions]
        assert (whole.stop_times[indices] > lengths[indices]).all()


def test_the_loop_of_aeons_notebook_gives_the_score(case):
    clf, X, y = case
    clf.reset_state_info()
    remaining, indices = X, np.arange(len(X))
    final = np.empty((len(X), 4), dtype=int)
    for length in clf.classification_points_:
        _, decisions = clf.update_predict_proba(remaining[:, :, :length])
        info = clf.get_state_info()
        remaining, indices, finished = clf.split_indices_and_filter(remaining, indices, decisions)
        final[finished] = info[decisions]
        if len(indices) == 0:
            break
    score = clf.score(X, y)
    assert clf.compute_harmonic_mean(final, y) == tuple(score)
    whole = clf.predict_early(X)
    assert score.accuracy == pytest.approx(np.mean(whole.labels == y))
    assert score.earliness == pytest.approx(np.mean(whole.stop_times) / 20)
    saved = 1 - score.earliness
    assert score == pytest.approx(2 * score.accuracy * saved / (score.accuracy + saved))


@pytest.mark.parametrize("kind", KINDS)
def test_a_decision_is_forced_at_full_length(kind):
    X, y = make_series()
    clf = GDPDEarlyClassifier(**{**EARLY, **KINDS[kind]}, trigger=never).fit(X, y)
    assert not clf.predict(X[:, :, :19])[1].any()
    labels, decisions = clf.update_predict(X)
    assert decisions.all()
    assert set(labels) <= {0, 1}
    np.testing.assert_array_equal(clf.predict_early(X).stop_times, 20)
    assert clf.score(X, y) == 0.0  # nothing was saved


def test_one_that_never_waits_decides_at_the_first_point(series):
    clf = GDPDEarlyClassifier(**EARLY, trigger=at_once).fit(*series)
    assert (clf.predict_early(series[0]).stop_times == 5).all()
    assert not clf.predict(series[0][:, :, :4])[1].any()


def test_what_comes_after_the_decision_is_not_looked_at(case):
    clf, X, _ = case
    whole = clf.predict_early(X)
    altered = X.copy()
    for series, stop in zip(altered, whole.stop_times, strict=True):
        series[:, stop:] = 1e6
    assert_same(clf.predict_early(altered), whole)


def test_order_and_company_do_not_matter(case):
    clf, X, _ = case
    order = np.random.default_rng(0).permutation(len(X))[:17]
    whole = clf.predict_early(X)
    assert_same(clf.predict_early(X[order]), [each[order] for each in whole])


# a fitted classifier ----------------------------------------------------------------------


@pytest.mark.parametrize("y", [Y24[:-1], Y24[:1], np.eye(24), 1], ids=np.shape)
def test_score_needs_a_label_for_each_case(clf, y):
    with pytest.raises(ValueError, match=r"y of shape .* one label for each of the 24 cases"):
        clf.score(X24, y)


def test_a_function_that_does_not_answer_as_it_should_is_told_so(series):
    clf = GDPDEarlyClassifier(**EARLY, trigger=lambda seen, fractions: True).fit(*series)
    with pytest.raises(ValueError, match=r"function=.*must return bool of shape \(24,\)"):
        clf.predict_early(X24)


def test_before_fit_there_is_nothing_to_ask():
    clf = GDPDEarlyClassifier()
    for ask in (clf.predict, clf.predict_early, clf.update_predict, clf.predict_proba):
        with pytest.raises(NotFittedError):
            ask(X24)
    for ask in (clf.stream, clf.fit_trigger):
        with pytest.raises(NotFittedError):
            ask()
    with pytest.raises(NotFittedError):
        clf.score(X24, Y24)


def test_attributes(series):
    X, y = series
    clf = GDPDEarlyClassifier(**EARLY).fit(X, y)
    assert (clf.n_timepoints_, clf.n_channels_, clf.n_classes_) == (20, 1, 2)
    assert len(clf.models_) == 2
    assert clf.n_parameters_ == 2 * 370
    assert isinstance(clf.trigger_, FallingThreshold)
    assert isinstance(clf.trigger_, Trigger)
    assert sorted(set(clf.history_["fold"])) == [0, 1]
    assert sorted(clf.held_out_codes_) == sorted(y)
    separate = GDPDEarlyClassifier(**{**EARLY, "shared": False}).fit(X, y)
    assert separate.n_parameters_ == 4 * 2 * 370
    assert set(separate.history_["prefix_length"]) == {5, 10, 15, 20}


def test_refit_uses_one_student_of_all_cases_and_the_same_held_out_ones(series):
    X, y = series
    voting = GDPDEarlyClassifier(**EARLY).fit(X, y)
    clf = GDPDEarlyClassifier(**EARLY, refit=True).fit(X, y)
    assert len(clf.models_) == 1
    assert clf.n_parameters_ == 370
    np.testing.assert_array_equal(clf.held_out_probabilities_, voting.held_out_probabilities_)
    assert vars(clf.trigger_)["start_"] == voting.trigger_.start_
    one, other = (each.engine_.probabilities_at(X, 0) for each in (clf, voting))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(("kind", "n_channels"), [("shared causal_fcn", 3), ("separate fcn", 1)])
def test_learns_what_can_be_learned(kind, n_channels):
    setting = {**EARLY, **KINDS[kind], "n_epochs": 10}
    clf = GDPDEarlyClassifier(**setting).fit(*make_series(40, n_channels))
    score = clf.score(*make_series(40, n_channels, seed=1))
    assert score.accuracy > 0.9
    assert score > 0.8


def test_what_there_is_after_fit_is_named_before():
    early = GDPDEarlyClassifier()
    for name in ("models_", "trigger_", "classification_points_"):
        assert not hasattr(early, name)
        with pytest.raises(NotFittedError, match=rf"GDPDEarlyClassifier has no {name} before fit"):
            getattr(early, name)
    X = np.zeros((2, 1, 20))
    for call in (early.predict_early, early.predict, early.predict_proba, early.update_predict):
        with pytest.raises(NotFittedError):
            call(X)
    for call in (early.stream, early.fit_trigger, lambda: early.score(X, [0, 1])):
        with pytest.raises(NotFittedError):
            call()


@pytest.mark.parametrize("name", ["shared", "refit"])
def test_switches_are_booleans(name):
    X, y = make_series()
    for value in ("false", 0, 1, None, [], "True"):
        with pytest.raises(ValueError, match=rf"{name}=.* must be True or False"):
            GDPDEarlyClassifier(**{name: value}).fit(X, y)
