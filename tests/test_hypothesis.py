"""What holds for whatever series: shapes, lengths, gaps and types are hypothesis's to choose."""

import numpy as np
import pytest
from early_cases import never, whimsical
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from synthetic import EARLY, TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.data import ends_of, fill_gaps, pad_series, stretch_series
from gdpd_sklearn.networks import Rocket

LENGTH = 20
CLOSED = {"student": Rocket(300), "distiller": "none"}
TRAINED = {"student": "causal_fcn", "distiller": "none"}
KINDS = {"closed form": CLOSED, "shared": TRAINED, "separate": {**TRAINED, "shared": False}}
TRIES = settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip

VALUES = st.one_of(st.just(np.nan), st.floats(-1e3, 1e3, width=16))


def one_series(n_channels, shortest=1, longest=LENGTH):
    """Series (C, m) of any length and type, with gaps."""
    return st.integers(shortest, longest).flatmap(
        lambda length: st.sampled_from(["f2", "f4", "f8"]).flatmap(
            lambda kind: arrays.arrays(kind, (n_channels, length), elements=VALUES)
        )
    )


def collections(n_channels):
    return st.lists(one_series(n_channels), min_size=1, max_size=5)


@pytest.fixture(scope="module", params=[(kind, n) for kind in KINDS for n in (1, 3)], ids=str)
def early(request):
    kind, n_channels = request.param
    X, y = make_series(30, n_channels)
    X[np.random.default_rng(0).random(X.shape) < 0.2] = np.nan
    series = [each[:, : 12 + case % 9] for case, each in enumerate(X)]
    return GDPDEarlyClassifier(**{**EARLY, **KINDS[kind]}, trigger=whimsical).fit(series, y)


@given(data=st.data())
@TRIES
def test_probabilities_of_early_classifiers(early, data):
    series = data.draw(collections(early.n_channels_))
    labels, probabilities, stop_times = early.predict_early(series)
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(1), 1.0)
    assert np.isin(labels, early.classes_).all()
    ends = [ends_of(each[None])[0] for each in series]
    assert (stop_times <= ends).all()
    # in another order, each alone, and padded: the same
    for order in (series[::-1], series[:1]):
        found = early.predict_early(order).probabilities
        wanted = probabilities[::-1] if len(order) == len(series) else probabilities[:1]
        np.testing.assert_array_equal(found, wanted)
    padded = pad_series([each.astype(np.float64) for each in series], LENGTH)
    np.testing.assert_array_equal(early.predict_early(padded).probabilities, probabilities)


@given(data=st.data())
@TRIES
def test_streams_are_one_shot(early, data):
    series = data.draw(one_series(early.n_channels_))
    end = int(ends_of(series[None])[0])
    series = series[:, : max(end, 1)]  # a stream takes a gap at last for one that points follow
    expected = early.predict_early([series])
    stream, read, decision = early.stream(), 0, None
    while read < series.shape[1] and not decision:
        size = data.draw(st.integers(1, 4))
        decision = stream.push("it", series[:, read : read + size])
        read += size
    decision = decision or stream.end("it")
    np.testing.assert_array_equal(decision.probabilities, expected.probabilities[0])
    assert decision.stop_time == expected.stop_times[0]


@given(data=st.data())
@TRIES
def test_the_future_never_moves_an_answer(early, data):
    series = data.draw(one_series(early.n_channels_, shortest=2, longest=LENGTH - 1))
    seen = data.draw(st.integers(1, series.shape[1] - 1))
    now = early.predict(series[None, :, :seen])
    info = early.get_state_info()
    early.predict(series[None])
    later = early.get_state_info()
    if info[0, 1]:  # decided: nothing that came was looked at
        np.testing.assert_array_equal(later[0], info[0])
        np.testing.assert_array_equal(early.predict(series[None])[0], now[0])
    else:
        assert later[0, 3] > info[0, 3] or not later[0, 1]


@given(data=st.data())
@TRIES
def test_an_early_end_is_nothing_but_gaps(early, data):
    series = data.draw(one_series(early.n_channels_, longest=LENGTH - 1)).astype(np.float64)
    more = data.draw(st.integers(1, LENGTH - series.shape[1]))
    gap = np.full((len(series), more), np.nan)
    one, other = (
        early.predict_early([each]) for each in (series, np.concatenate([series, gap], axis=1))
    )
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture(scope="module", params=["closed form", "fcn"])
def classifier(request):
    X, y = make_series(30, 2)
    student = Rocket(300) if request.param == "closed form" else "fcn"
    return GDPDClassifier(12, **{**TINY, "student": student, "distiller": "none"}).fit(X, y)


@given(data=st.data())
@TRIES
def test_probabilities_of_classifiers(classifier, data):
    X = data.draw(
        arrays.arrays("f8", st.tuples(st.integers(1, 5), st.just(2), st.integers(12, 25)),
                      elements=VALUES)
    )  # fmt: skip
    probabilities = classifier.predict_proba(X)
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(1), 1.0)
    beyond = np.concatenate([X[:, :, :12], np.full((len(X), 2, 3), np.inf)], axis=2)
    np.testing.assert_array_equal(classifier.predict_proba(beyond), probabilities)


@given(X=arrays.arrays("f8", st.tuples(st.just(9), st.just(2), st.integers(6, 12)),
                       elements=VALUES))  # fmt: skip
@settings(TRIES, max_examples=15)
def test_whatever_is_fitted_answers(X):
    y = np.arange(9) % 3
    X[:, :, 0] = np.arange(18).reshape(9, 2)  # a value in every case and channel
    clf = GDPDClassifier(0.5, **{**TINY, **CLOSED}).fit(X, y)
    assert np.isfinite(clf.predict_proba(X)).all()
    early = GDPDEarlyClassifier(3, **CLOSED, trigger=never, random_state=0).fit(X, y)
    assert np.isfinite(early.predict_early(X).probabilities).all()


@given(series=collections(2), length=st.integers(1, 30))
@TRIES
def test_arrival(series, length):
    padded = pad_series(series, length)
    for row, each in zip(padded, series, strict=True):
        np.testing.assert_array_equal(row[:, : each.shape[1]], each)
        assert np.isnan(row[:, each.shape[1] :]).all()
    filled = fill_gaps(padded)
    known = ~np.isnan(padded)
    np.testing.assert_array_equal(filled[known], padded[known])
    # a gap stays where nothing was known yet, and nowhere else
    np.testing.assert_array_equal(~np.isnan(filled), np.maximum.accumulate(known, axis=-1))
    assert stretch_series(series, length).shape == (len(series), 2, length)
