"""Streaming is one-shot prediction, whatever the pace."""

import pickle

import joblib
import numpy as np
import pytest
from early_cases import KINDS, never, whimsical
from synthetic import EARLY, make_series

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.estimators import Decision, Late, OpenSeries, PushError
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
        late = stream.push("a", points)
        assert isinstance(late, Late)
        assert not late
        assert late.decision is decision
        found = stream.push_many({"a": points, "b": 1.0})
        assert (dict(found), found.late) == ({}, ("a",))
        stream.forget("b")
    assert stream.decisions == {"a": decision}


def test_before_at_and_after_the_decision_are_three_answers(clf):
    stream = clf.stream()
    answers = [stream.push("a", point) for point in (*make_series()[0][0, 0], 0.0)]
    assert answers[:19] == [None] * 19
    assert isinstance(answers[19], Decision)
    assert isinstance(answers[20], Late)
    assert [bool(each) for each in answers[18:]] == [False, True, False]
    assert "Late(Decision(label=" in repr(answers[20])


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
    "infinite": (np.full((3, 2), np.inf), r"points of series 'b' contain infinite values"),
    "text": (["1.5", "y", "z"], r"points of series 'b' are of type .*real numbers"),
    "truths": (np.ones(3, bool), r"points of series 'b' are of type bool"),
    "complex": (np.ones(3, complex), r"points of series 'b' are of type complex128"),
    "dates": (np.array(["2020"] * 3, "datetime64[D]"), r"are of type datetime64\[D\]"),
    "objects": ([1.0, None, "1"], r"points of series 'b' are of type object"),
    "truths among objects": ([1.0, None, True], r"points of series 'b' are of type object"),
    "ragged": ([[1.0], [2.0, 3.0], [1.0]], r"points of series 'b' are no array of numbers"),
}  # fmt: skip


@pytest.fixture(scope="module")
def three_channels():
    return GDPDEarlyClassifier(**EARLY, trigger=never).fit(*make_series(n_channels=3))


@pytest.mark.parametrize("name", BAD_POINTS)
def test_bad_points_are_refused_and_the_other_series_go_on(three_channels, name):
    points, message = BAD_POINTS[name]
    X, _ = make_series(4, n_channels=3, seed=1)
    # whichever comes first
    for order in (("a", "b", "c"), ("b", "c", "a")):
        stream = three_channels.stream()
        stream.push_many({"a": X[0][:, :4], "b": X[1][:, :7], "d": X[3]})
        pushed = {"a": X[0][:, 4:], "b": points, "c": X[2][:, :6]}
        with pytest.raises(PushError, match=message) as caught:
            stream.push_many({key: pushed[key] for key in order})
        assert list(caught.value.errors) == ["b"]
        assert caught.value.fallen.keys() == {"a"}
        assert caught.value.fallen["a"] is stream.decisions["a"]
        assert [stream.n_timepoints(key) for key in "bc"] == [7, 6]
        with pytest.raises(ValueError, match=message):
            stream.push("b", points)
        assert stream.n_timepoints("b") == 7
        stream.push_many({"b": X[1][:, 7:], "c": X[2][:, 6:]})
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


# a push happens wholly or not at all -------------------------------------------------------------


class Moody:
    """A rule that raises when it is told to, about one case or at one point."""

    def __init__(self):
        self.fails = lambda seen: False
        self.error = ZeroDivisionError("no answer today")

    def __call__(self, seen, fractions):
        if self.fails(seen):
            raise self.error
        return whimsical(seen, fractions)


CLOSED = {**EARLY, "shared": False, "student": None}
TRANSACTIONS = {**MORE_KINDS, "closed form": {"shared": False, "student": None}}


def refused(stream, points):
    try:
        stream.push_many(points)
    except PushError as error:
        return error
    return None


@pytest.mark.parametrize("kind", TRANSACTIONS)
def test_whatever_a_rule_raises_nothing_changes(kind):
    rule = Moody()
    X, y = make_series()
    clf = GDPDEarlyClassifier(**{**EARLY, **TRANSACTIONS[kind]}, trigger=rule).fit(X, y)
    rule = clf.trigger_.function
    X = make_series(12, seed=1)[0]
    expected = clf.predict_early(X)
    stream, rng = clf.stream(), np.random.default_rng(0)
    n_failed = 0
    while len(stream.decisions) < len(X):
        points = {}
        for i in rng.permutation(len(X))[:6]:
            start = stream.n_timepoints(i)
            points[int(i)] = X[i][:, start : start + int(rng.integers(0, 9))]
        before = {i: each.n_timepoints for i, each in stream.open_series().items()}
        decided = dict(stream.decisions)
        rule.fails = lambda seen: True
        error = refused(stream, points)
        if error is not None:
            n_failed += 1
            assert all(isinstance(each, ZeroDivisionError) for each in error.errors.values())
            for i in error.errors:
                assert stream.n_timepoints(i) == before.get(i, 0)
            assert not error.fallen
            assert stream.decisions == decided
        rule.fails = lambda seen: False
        stream.push_many({i: X[i][:, stream.n_timepoints(i) :][:, :3] for i in points})
    assert n_failed > 3
    assert_decided_alike(stream.decisions, expected)


def test_a_rule_that_fails_on_one_series_holds_up_no_other():
    rule = Moody()
    clf = GDPDEarlyClassifier(**CLOSED, trigger=rule).fit(*make_series())
    rule = clf.trigger_.function
    X = make_series(12, seed=1)[0]
    expected = clf.predict_early(X)
    bad = clf.engine_.probabilities_at(X, 1)[3, 0]
    rule.fails = lambda seen: len(seen) > 1 and bool((seen[1, :, 0] == bad).any())
    stream = clf.stream()
    with pytest.raises(PushError, match=r"points of 1 series.*went on: 3: no answer") as caught:
        stream.push_many(dict(enumerate(X)))
    assert set(stream.decisions) == set(range(12)) - {3} == set(caught.value.fallen)
    assert stream.n_timepoints(3) == 0
    with pytest.raises(ZeroDivisionError):
        stream.push(3, X[3])
    assert 3 not in stream.open_series()
    rule.fails = lambda seen: False
    stream.push(3, X[3])
    assert_decided_alike(stream.decisions, expected)
    twin = pickle.loads(pickle.dumps(caught.value))
    assert str(twin) == str(caught.value)


def test_an_interrupt_changes_nothing():
    rule = Moody()
    clf = GDPDEarlyClassifier(**CLOSED, trigger=rule).fit(*make_series())
    rule = clf.trigger_.function
    X = make_series(12, seed=1)[0]
    expected = clf.predict_early(X)
    stream = clf.stream()
    stream.push_many({i: X[i][:, : i % 5] for i in range(6)})
    rule.fails, rule.error = (lambda seen: len(seen) == 3), KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        stream.push_many({i: X[i][:, stream.n_timepoints(i) :] for i in range(12)})
    assert not stream.decisions
    assert {i: each.n_timepoints for i, each in stream.open_series().items()} == {
        i: i % 5 for i in range(6)
    }
    rule.fails = lambda seen: False
    stream.push_many({i: X[i][:, stream.n_timepoints(i) :] for i in range(12)})
    assert_decided_alike(stream.decisions, expected)


# keys and memory ---------------------------------------------------------------------------------


def test_a_decision_holds_no_other_memory(case):
    clf, X, _ = case
    stream = clf.stream()
    stream.push_many(dict(enumerate(X)))
    assert all(decision.probabilities.base is None for decision in stream.decisions.values())


@pytest.mark.parametrize(
    "key", [float("nan"), np.float64("nan"), ("a", float("nan")), np.datetime64("NaT")], ids=repr
)
def test_keys_that_are_never_found_again_are_refused(clf, key):
    stream = clf.stream()
    with pytest.raises(ValueError, match=r"key=.*not equal to itself"):
        stream.push(key, 1.0)
    with pytest.raises(ValueError, match=r"key=.*not equal to itself"):
        stream.push_many({"a": 1.0, key: 1.0})
    assert not stream.open_series()


def test_keys_that_are_not_hashable_and_points_that_are_no_mapping(clf):
    stream = clf.stream()
    with pytest.raises(TypeError, match=r"key=\['a'\] must be hashable"):
        stream.push(["a"], 1.0)
    for points in (None, 3, [("a", 1.0)]):
        with pytest.raises(TypeError, match=r"points=.* must be a mapping"):
            stream.push_many(points)


def test_open_series_are_listed_and_dropped_by_age(clf, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    stream = clf.stream()
    for key, at in (("a", 1000.0), ("b", 1010.0), ("c", 1020.0)):
        now[0] = at
        stream.push(key, [[1.0, 2.0]])
    now[0] = 1030.0
    stream.push("a", 3.0)
    stream.push("done", make_series()[0][0])
    listed = stream.open_series()
    assert list(listed.items()) == [
        ("b", OpenSeries(2, 1010.0)), ("c", OpenSeries(2, 1020.0)), ("a", OpenSeries(3, 1030.0)),
    ]  # fmt: skip
    now[0] = 1031.0
    assert pickle.loads(pickle.dumps(stream)).open_series() == listed
    assert stream.forget_idle(30) == []
    assert stream.forget_idle(11) == ["b"]
    assert stream.forget_idle(0.5) == ["a", "c"]
    assert not stream.open_series()
    assert list(stream.decisions) == ["done"]
    assert stream.n_timepoints("b") == 0
    for seconds in (-1, "long", None):
        with pytest.raises(ValueError, match="seconds="):
            stream.forget_idle(seconds)


def test_a_stream_tells_what_it_is(clf):
    stream = clf.stream()
    stream.push_many({"a": 1.0, "b": 2.0, "c": make_series()[0][0]})
    assert repr(stream) == (
        "<EarlyStream: 2 series open, 1 decided; 1 channels, 20 time points, 2 classes>"
    )
