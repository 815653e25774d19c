"""Series of unequal lengths, with gaps, and ended early: one answer however they arrive."""

import numpy as np
import pytest
from early_cases import KINDS, assert_same, at_once, never, whimsical
from synthetic import EARLY, TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.data import ends_of_each, pad_series
from gdpd_sklearn.estimators import SCORERS
from gdpd_sklearn.estimators._stream_answers import Late
from gdpd_sklearn.networks import Rocket

CLOSED = {"student": Rocket(400), "distiller": "none"}
ALL_KINDS = {"closed form": CLOSED, **KINDS}


def messy(n_cases=30, n_channels=2, seed=0):
    """Series that end between 8 and 20 points, and lack three values in ten."""
    X, y = make_series(n_cases, n_channels, seed=seed)
    random = np.random.default_rng(seed)
    X[random.random(X.shape) < 0.3] = np.nan
    lengths = random.integers(8, 21, n_cases)
    lengths[0] = 20
    series = []
    for each, length in zip(X, lengths, strict=True):
        cut = each[:, :length]
        # an end that is seen as one: the last point has a value
        cut[0, -1] = np.nan_to_num(cut[0, -1])
        series.append(cut)
    return series, y


@pytest.fixture(scope="module", params=[(kind, n) for kind in ALL_KINDS for n in (1, 2)], ids=str)
def fitted(request):
    """An early classifier that was fitted on messy series, and others to decide."""
    kind, n_channels = request.param
    setting = {**EARLY, **ALL_KINDS[kind]}
    clf = GDPDEarlyClassifier(**setting, trigger=whimsical).fit(*messy(n_channels=n_channels))
    return clf, messy(20, n_channels, seed=1)[0]


# early classifiers --------------------------------------------------------------------------------


def test_lists_and_padded_arrays_are_decided_alike(fitted):
    clf, series = fitted
    expected = clf.predict_early(series)
    ends = ends_of_each(series)
    assert np.isfinite(expected.probabilities).all()
    assert (expected.stop_times <= ends).all()
    assert_same(clf.predict_early(pad_series(series, 20)), expected)
    for X in (series, pad_series(series, 20)):
        labels, decisions = clf.predict(X)
        assert decisions.all()
        np.testing.assert_array_equal(labels, expected.labels)
        np.testing.assert_array_equal(clf.get_state_info()[:, 3], expected.stop_times)


def test_batch_and_order_do_not_matter(fitted):
    clf, series = fitted
    expected = clf.predict_early(series)
    for case in range(0, 20, 3):
        alone = clf.predict_early([series[case]])
        assert_same(alone, [each[case : case + 1] for each in expected])
    backwards = clf.predict_early(series[::-1])
    assert_same(backwards, [each[::-1] for each in expected])


@pytest.mark.parametrize("size", [1, 3])
def test_a_stream_decides_as_at_once(fitted, size):
    clf, series = fitted
    expected = clf.predict_early(series)
    stream = clf.stream()
    for case, each in enumerate(series):
        decision = None
        for start in range(0, each.shape[1], size):
            decision = stream.push(case, each[:, start : start + size])
            if decision:
                break
        decision = decision or stream.end(case)
        assert decision.label == expected.labels[case]
        np.testing.assert_array_equal(decision.probabilities, expected.probabilities[case])
        assert decision.stop_time == expected.stop_times[case]
    assert not stream.open_series()


def test_nothing_behind_what_was_seen_matters(fitted):
    clf, series = fitted
    X = pad_series(series, 20)
    first = clf.predict(X[:, :, :10])
    info = clf.get_state_info()
    X[:, :, 10:] = np.random.default_rng(3).normal(size=X[:, :, 10:].shape)
    assert_same(clf.predict(X[:, :, :10]), first)
    np.testing.assert_array_equal(clf.get_state_info(), info)


def test_a_blank_channel_has_an_answer(fitted):
    clf, series = fitted
    X = pad_series(series, 20)
    X[:, 0] = np.nan
    prediction = clf.predict_early(X)
    assert np.isfinite(prediction.probabilities).all()
    np.testing.assert_allclose(prediction.probabilities.sum(1), 1.0)


def test_the_score_is_that_of_the_decisions(fitted):
    clf, series = fitted
    truth = np.arange(20) % 2
    labels, _, stop_times = clf.predict_early(series)
    harmonic_mean, accuracy, earliness = clf.score(series, truth)
    assert accuracy == pytest.approx((labels == truth).mean())
    assert earliness == pytest.approx((stop_times / 20).mean())
    assert SCORERS["harmonic_mean"](clf, series, truth) == harmonic_mean


def test_what_was_fitted_on_equal_lengths_takes_a_list_for_prefixes():
    clf = GDPDEarlyClassifier(**{**EARLY, **CLOSED}, trigger=never).fit(*make_series())
    series, _ = messy(6, 1)
    _, decisions = clf.predict(series)
    np.testing.assert_array_equal(decisions, [each.shape[1] == 20 for each in series])
    # complete series are complete, whatever fit saw
    np.testing.assert_array_equal(clf.predict_early(series).stop_times, ends_of_each(series))


def test_a_series_that_is_longer_than_those_of_fit_is_decided_before(fitted):
    clf, series = fitted
    longer = [np.concatenate([each, each], axis=1) for each in pad_series(series, 20)]
    expected = clf.predict_early([each[:, :20] for each in longer])
    assert_same(clf.predict_early(longer), expected)


def test_held_out_answers_stay_after_the_end():
    series, y = messy(40, 1)
    clf = GDPDEarlyClassifier(**{**EARLY, **CLOSED}).fit(series, y)
    points, held_out = clf.classification_points_, clf.held_out_probabilities_
    for case, end in enumerate(ends_of_each(series)):
        final = int(np.searchsorted(points, end))
        for point in range(final, len(points)):
            np.testing.assert_array_equal(held_out[point, case], held_out[final, case])
    assert (held_out[1] != held_out[2]).any()


def test_a_series_that_ended_before_the_first_point_is_decided():
    series, y = messy(40, 1)
    clf = GDPDEarlyClassifier(**{**EARLY, **CLOSED}, trigger=at_once).fit(series, y)
    short = [each[:, :2] for each in series]
    prediction = clf.predict_early(short)
    assert (prediction.stop_times <= 2).all()
    assert np.isfinite(prediction.probabilities).all()


# streams ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def waiting():
    return GDPDEarlyClassifier(**{**EARLY, **CLOSED}, trigger=never).fit(*messy())


@pytest.mark.parametrize(
    "blank", [None, [None, None], [np.nan, None], np.full((2, 1), np.nan),
              np.ma.masked_all(2), np.array([None, np.nan], dtype=object)],
    ids=str,
)  # fmt: skip
def test_no_value_at_this_time(waiting, blank):
    X = make_series(1, 2)[0][0]
    expected = X.copy()
    expected[:, 4] = np.nan
    stream = waiting.stream()
    stream.push("a", X[:, :4])
    assert stream.push("a", blank) is None
    assert stream.n_timepoints("a") == 5
    decision = stream.push_many({"a": X[:, 5:]})["a"]
    np.testing.assert_array_equal(
        decision.probabilities, waiting.predict_early(expected[None]).probabilities[0]
    )


def test_the_end_of_a_series_is_its_last_value(waiting):
    X = make_series(1, 2)[0][0]
    stream = waiting.stream()
    stream.push("a", X[:, :12])
    stream.push("a", np.full((2, 5), np.nan))  # past a classification point
    decision = stream.end("a")
    assert decision.stop_time == 12
    expected = waiting.predict_early([X[:, :12], X]).probabilities[0]
    np.testing.assert_array_equal(decision.probabilities, expected)
    late = stream.end("a")
    assert isinstance(late, Late)
    assert late.decision is decision is stream.decisions["a"]


def test_the_end_of_an_unknown_series_is_refused(waiting):
    with pytest.raises(KeyError, match="'b' is no open series"):
        waiting.stream().end("b")


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_an_end_that_fails_leaves_the_series_as_it_was(kind, monkeypatch):
    clf = GDPDEarlyClassifier(**{**EARLY, **ALL_KINDS[kind]}, trigger=never).fit(*messy())
    X = make_series(1, 2)[0][0]
    stream = clf.stream()
    stream.push("a", X[:, :12])
    answers = type(stream)._answers

    def fails(self, series, point):
        answers(self, series, point)
        raise KeyboardInterrupt

    monkeypatch.setattr(type(stream), "_answers", fails)
    with pytest.raises(KeyboardInterrupt):
        stream.end("a")
    monkeypatch.undo()
    assert not stream.decisions
    decision = stream.push("a", X[:, 12:])
    expected = clf.predict_early(X[None]).probabilities[0]
    np.testing.assert_array_equal(decision.probabilities, expected)


# by share of the length ---------------------------------------------------------------------------


def test_by_share_every_series_is_as_long_as_it_is():
    series, y = messy(40, 2)
    clf = GDPDEarlyClassifier(**{**EARLY, **CLOSED}, prefix_by="share", trigger=never)
    clf.fit(series, y)
    lengths = ends_of_each(series)
    np.testing.assert_array_equal(clf.predict_early(series).stop_times, lengths)
    assert clf.score(series, y).earliness == 1.0
    early = GDPDEarlyClassifier(**{**EARLY, **CLOSED}, prefix_by="share", trigger=at_once)
    early.fit(series, y)
    point = early.classification_points_[0]
    shares = -(-point * lengths // 20)
    np.testing.assert_array_equal(early.predict_early(series).stop_times, shares)
    assert early.score(series, y).earliness == pytest.approx(point / 20)
    # and needs no more than that share of each
    cut = [each.copy() for each in series]
    for each, seen in zip(cut, shares, strict=True):
        each[:, seen:] = 9.0
    assert_same(early.predict_early(cut), early.predict_early(series))
    with pytest.raises(ValueError, match=r"prefix_by='share' counts shares of each series' own"):
        early.stream()


def test_a_classifier_by_share_reads_the_same_share_of_each():
    series, y = messy(40, 2)
    clf = GDPDClassifier(0.5, **{**TINY, **CLOSED}, prefix_by="share").fit(series, y)
    assert clf.prefix_length_ == 10
    expected = clf.predict_proba(series)
    cut = [each.copy() for each in series]
    for each in cut:
        each[:, -(-each.shape[1] // 2) :] = 9.0
    np.testing.assert_array_equal(clf.predict_proba(cut), expected)
    np.testing.assert_allclose(clf.predict_proba(series[:1]), expected[:1], atol=1e-7)


def test_of_equal_lengths_share_and_time_are_the_same():
    X, y = make_series()
    by_time, by_share = (
        GDPDClassifier(0.5, **{**TINY, **CLOSED}, prefix_by=by).fit(X, y).predict_proba(X)
        for by in ("time", "share")
    )
    np.testing.assert_array_equal(by_time, by_share)


# classifiers of one prefix ------------------------------------------------------------------------


@pytest.mark.parametrize("student", [Rocket(400), "fcn", "lstm1-8"], ids=str)
@pytest.mark.parametrize("n_channels", [1, 2])
def test_a_classifier_takes_messy_series(student, n_channels):
    series, y = messy(40, n_channels)
    clf = GDPDClassifier(15, **{**TINY, "student": student, "distiller": "none"}).fit(series, y)
    expected = clf.predict_proba(series)
    assert np.isfinite(expected).all()
    padded = pad_series(series, 20)
    # many are answered by torch, few in numpy; in single precision sums depend on the batch
    np.testing.assert_allclose(clf.predict_proba(padded), expected, atol=1e-6)
    for case in (0, 5):
        alone = clf.predict_proba([series[case]])
        np.testing.assert_allclose(alone, expected[case : case + 1], atol=1e-5)
    padded[:, :, 15:] = np.inf
    np.testing.assert_allclose(clf.predict_proba(padded), expected, atol=1e-6)


def test_files_remember_that_series_end(tmp_path):
    series, y = messy(40, 1)
    clf = GDPDClassifier(15, **{**TINY, **CLOSED}).fit(series, y)
    early = GDPDEarlyClassifier(**{**EARLY, **CLOSED}).fit(series, y)
    for each in (clf, early):
        each.save(tmp_path / "it.safetensors")
        again = type(each).load(tmp_path / "it.safetensors")
        assert_same(again.predict_proba(series), each.predict_proba(series))


def test_a_fitted_view_takes_what_the_early_classifier_takes(fitted):
    clf, series = fitted
    expected = clf.predict_early(series)
    np.testing.assert_array_equal(clf.as_classifier().predict_proba(series), expected.probabilities)
    half = clf.as_classifier(0.5)
    point = half.point_
    padded = pad_series(series, 20)
    np.testing.assert_array_equal(
        half.predict_proba(series), clf.engine_.probabilities_at(padded, point)
    )
