"""Streaming is one-shot prediction, whatever the pace."""

import pickle

import joblib
import numpy as np
import pytest
from early_cases import KINDS, never, whimsical
from synthetic import EARLY, make_series

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.estimators import Decision
from gdpd_sklearn.estimators._engine import EarlyEngine
from gdpd_sklearn.triggers import TRIGGERS

MORE_KINDS = {
    **KINDS,
    "refitted": {"student": "causal_fcn", "refit": True},
    "own scale": {"student": "fcn", "shared": False, "scaling": "prefix", "max_input_length": 12},
}


@pytest.fixture(
    scope="module",
    params=[(kind, n_channels) for kind in MORE_KINDS for n_channels in (1, 3)],
    ids=lambda param: f"{param[0]}, {param[1]} channels",
)
def case(request):
    """A fitted classifier of each kind, series, and the decisions on them in one look."""
    kind, n_channels = request.param
    X, y = make_series(n_channels=n_channels)
    clf = GDPDEarlyClassifier(**{**EARLY, **MORE_KINDS[kind]}, trigger=whimsical).fit(X, y)
    X = make_series(30, n_channels, seed=1)[0]
    expected = clf.predict_early(X)
    assert set(expected.stop_times) == {5, 10, 15, 20}  # else these tests show little
    return clf, X, expected


@pytest.fixture(scope="module")
def clf():
    return GDPDEarlyClassifier(**EARLY, trigger=never).fit(*make_series())


def assert_decided_alike(decisions, expected):
    """Compare {case number: Decision} with one-shot prediction, to the last bit."""
    assert sorted(decisions) == list(range(len(expected.labels)))
    for i, decision in decisions.items():
        assert isinstance(decision, Decision)
        assert decision.label == expected.labels[i]
        assert type(decision.label) is type(expected.labels[i])
        np.testing.assert_array_equal(decision.probabilities, expected.probabilities[i])
        assert decision.stop_time == expected.stop_times[i]


def test_one_point_at_a_time(case):
    clf, X, expected = case
    stream = clf.stream()
    for i, series in enumerate(X):
        for n_seen, point in enumerate(series.T, 1):
            decision = stream.push(i, point)
            assert (decision is not None) == (n_seen == expected.stop_times[i])
            if decision is not None:
                break
            assert stream.n_timepoints(i) == n_seen
    assert_decided_alike(stream.decisions, expected)


@pytest.mark.parametrize("size", [2, 3, 7, 13, 20])
def test_chunks(case, size):
    clf, X, expected = case
    stream = clf.stream()
    found = {}
    for start in range(0, 20, size):
        found |= stream.push_many({i: X[i][:, start : start + size] for i in range(len(X))})
    assert_decided_alike(stream.decisions, expected)
    assert_decided_alike(found, expected)


def push_at_random_paces(stream, X, rng, between=lambda stream: stream):
    """Push series side by side: some wait, some hurry."""
    while len(stream.decisions) < len(X):
        points = {}
        for i in rng.permutation(len(X))[: rng.integers(1, len(X))]:
            start = stream.n_timepoints(i)
            size = int(rng.integers(0, 9))
            points[int(i)] = X[i][:, start : start + size]
        fallen = stream.push_many(points)
        assert set(fallen) <= set(points)
        assert all(fallen[i] is stream.decisions[i] for i in fallen)
        stream = between(stream)
    return stream


@pytest.mark.parametrize("seed", range(3))
def test_each_series_at_its_own_pace(case, seed):
    clf, X, expected = case
    stream = push_at_random_paces(clf.stream(), X, np.random.default_rng(seed))
    assert_decided_alike(stream.decisions, expected)


def test_pickled_and_resumed_again_and_again(case):
    clf, X, expected = case
    stream = push_at_random_paces(
        clf.stream(), X, np.random.default_rng(5), lambda stream: pickle.loads(pickle.dumps(stream))
    )
    assert_decided_alike(stream.decisions, expected)


def test_saved_in_the_middle_by_joblib(case, tmp_path):
    clf, X, expected = case
    stream = clf.stream()
    stream.push_many({i: series[:, : i % 20] for i, series in enumerate(X)})
    joblib.dump(stream, tmp_path / "stream.joblib")
    resumed = joblib.load(tmp_path / "stream.joblib")
    resumed.push_many({i: series[:, i % 20 :] for i, series in enumerate(X)})
    assert_decided_alike(resumed.decisions, expected)


def test_a_saved_stream_goes_its_own_way(clf):
    X, _ = make_series(2, seed=1)
    stream = clf.stream()
    stream.push("a", X[0][:, :11])
    saved = pickle.dumps(stream)
    stream.push("a", X[0][:, 11:])
    twin = pickle.loads(saved)
    assert twin.n_timepoints("a") == 11
    assert not twin.decisions
    other = twin.push("a", X[1][:, 11:])
    mixed = np.concatenate([X[0][:, :11], X[1][:, 11:]], axis=1)
    np.testing.assert_array_equal(
        other.probabilities, clf.predict_early(mixed[None]).probabilities[0]
    )


def test_students_that_answer_one_by_one_decide_the_same(case, monkeypatch):
    clf, X, expected = case
    together = pickle.loads(pickle.dumps(clf.stream()))
    monkeypatch.setattr(EarlyEngine, "_ensemble", None)
    for stream in (clf.stream(), together):
        push_at_random_paces(stream, X, np.random.default_rng(7))
        assert_decided_alike(stream.decisions, expected)


@pytest.mark.parametrize("name", TRIGGERS)
def test_with_every_rule(name):
    X, y = make_series()
    setting = {**EARLY, "student": "causal_fcn", "trigger": name}
    clf = GDPDEarlyClassifier(**setting).fit(X, y)
    X = make_series(30, seed=1)[0]
    stream = push_at_random_paces(clf.stream(), X, np.random.default_rng(0))
    assert_decided_alike(stream.decisions, clf.predict_early(X))


def test_labels_of_strings_and_minus_one():
    X, codes = make_series()
    for labels in (np.array(["-1", "one"]), np.array([-1, 1])):
        setting = {**EARLY, "student": "causal_fcn", "trigger": whimsical}
        clf = GDPDEarlyClassifier(**setting).fit(X, labels[codes])
        stream = clf.stream()
        stream.push_many(dict(enumerate(X)))
        assert_decided_alike(stream.decisions, clf.predict_early(X))
        assert {decision.label for decision in stream.decisions.values()} == set(labels)


def test_numbers_points_and_chunks_are_the_same(clf):
    series = make_series(1, seed=1, n_classes=1)[0][0]
    streams = [clf.stream() for _ in range(4)]
    for point in series[0]:
        streams[0].push("a", float(point))
        streams[1].push("a", [point])
        streams[2].push("a", [[point]])
    streams[3].push("a", series.tolist())
    for stream in streams:
        np.testing.assert_array_equal(
            stream.decisions["a"].probabilities, clf.predict_early(series[None]).probabilities[0]
        )


def test_a_decision_is_forced_at_full_length(clf):
    stream = clf.stream()
    X, _ = make_series(seed=1)
    assert not stream.push_many({i: series[:, :19] for i, series in enumerate(X)})
    fallen = stream.push_many({i: series[:, 19:] for i, series in enumerate(X)})
    assert {decision.stop_time for decision in fallen.values()} == {20}
    assert len(stream.decisions) == len(X)


def test_what_comes_after_the_decision_is_not_looked_at(clf):
    stream = clf.stream()
    decision = stream.push("a", make_series()[0][0])
    for points in (1.0, np.nan, np.ones((5, 99))):
        assert stream.push("a", points) is None
    assert stream.decisions == {"a": decision}


def test_forgotten_series_can_begin_anew(clf):
    X, _ = make_series(2, seed=1)
    stream = clf.stream()
    stream.push("a", X[0])
    stream.push("b", X[1][:, :7])
    for key in ("a", "b", "never seen"):
        stream.forget(key)
    assert not stream.decisions
    assert stream.n_timepoints("b") == 0
    decision = stream.push("a", X[1])
    np.testing.assert_array_equal(decision.probabilities, clf.predict_early(X[1:]).probabilities[0])


def test_streams_do_not_touch_each_other_nor_the_session(clf):
    X, _ = make_series(2, seed=1)
    clf.predict(X[:, :, :7])
    before = clf.get_state_info()
    one, other = clf.stream(), clf.stream()
    one.push("a", X[0][:, :15])
    assert other.n_timepoints("a") == 0
    other.push("a", X[1])
    assert not one.decisions
    np.testing.assert_array_equal(clf.get_state_info(), before)


def test_a_stream_keeps_the_rule_that_it_was_opened_with():
    X, y = make_series()
    clf = GDPDEarlyClassifier(**EARLY, trigger=whimsical).fit(X, y)
    expected = clf.predict_early(X)
    stream = clf.stream()
    stream.push_many({i: series[:, :7] for i, series in enumerate(X)})
    clf.fit_trigger(never)
    stream.push_many({i: series[:, 7:] for i, series in enumerate(X)})
    assert_decided_alike(stream.decisions, expected)
    assert (clf.predict_early(X).stop_times == 20).all()


def test_nothing_is_kept_of_the_callers_array(clf):
    X, _ = make_series(1, seed=1, n_classes=1)
    chunk = X[0][:, :12].copy()
    stream = clf.stream()
    stream.push("a", chunk)
    chunk[:] = 0.0
    decision = stream.push("a", X[0][:, 12:])
    np.testing.assert_array_equal(decision.probabilities, clf.predict_early(X).probabilities[0])


# what is refused ----------------------------------------------------------------------------------


BAD_POINTS = {
    "channels of a point": (
        np.ones(2), r"points of series 'b' have the shape \(2,\); one point of 3 channels has"
    ),
    "a number for three channels": (1.0, r"points of series 'b' have the shape \(\);.*\(3,\)"),
    "channels of a chunk": (np.ones((2, 3)), r"have the shape \(2, 3\);.*m points \(3, m\)"),
    "three dimensions": (np.ones((1, 3, 3)), r"have the shape \(1, 3, 3\)"),
    "none": ([], r"have the shape \(0,\)"),
    "too long": (np.ones((3, 14)), r"'b' would make it 21 long, more than the full length 20"),
    "NaN": ([1.0, np.nan, 1.0], r"points of series 'b' contain NaN or infinite values"),
    "infinite": (np.full((3, 2), np.inf), r"points of series 'b' contain NaN or infinite values"),
    "text": (["x", "y", "z"], r"x"),
}  # fmt: skip


@pytest.fixture(scope="module")
def three_channels():
    return GDPDEarlyClassifier(**EARLY, trigger=never).fit(*make_series(n_channels=3))


@pytest.mark.parametrize("name", BAD_POINTS)
def test_bad_points_are_refused_and_change_no_series(three_channels, name):
    points, message = BAD_POINTS[name]
    X, _ = make_series(4, n_channels=3, seed=1)
    stream = three_channels.stream()
    stream.push_many({"a": X[0][:, :4], "b": X[1][:, :7], "d": X[3]})
    decided = dict(stream.decisions)
    # whichever comes first: good points of others are not taken either
    for order in (("a", "b", "c"), ("b", "c", "a")):
        good = {"a": X[0][:, 4:], "b": points, "c": X[2][:, :6]}
        with pytest.raises(ValueError, match=message):
            stream.push_many({key: good[key] for key in order})
        assert [stream.n_timepoints(key) for key in "abc"] == [4, 7, 0]
        assert stream.decisions == decided
    with pytest.raises(ValueError, match=message):
        stream.push("b", points)
    stream.push_many({"a": X[0][:, 4:], "b": X[1][:, 7:], "c": X[2]})
    expected = three_channels.predict_early(X[:3])
    for key, probabilities in zip("abc", expected.probabilities, strict=True):
        np.testing.assert_array_equal(stream.decisions[key].probabilities, probabilities)


def test_a_new_series_with_bad_points_is_not_opened(three_channels):
    stream = three_channels.stream()
    with pytest.raises(ValueError, match=r"points of series 7 have the shape \(2,\)"):
        stream.push(7, [1.0, 2.0])
    assert stream.n_timepoints(7) == 0
    assert stream.push(7, [1.0, 2.0, 3.0]) is None
    assert stream.n_timepoints(7) == 1
