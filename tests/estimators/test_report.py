"""The report of decisions is held against predictions, and against loops over held-out cases."""

import numpy as np
import pandas as pd
import pytest
from early_cases import at_once, never
from sklearn.exceptions import NotFittedError
from synthetic import make_series

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.networks import Rocket
from gdpd_sklearn.triggers import apply_temperature

KERNELS = {"student": Rocket(500), "random_state": 0, "device": "cpu"}


def noisy(n_cases, seed=0):
    X, y = make_series(n_cases, n_classes=3, seed=seed)
    X = X + np.random.default_rng(seed).normal(scale=1.5, size=X.shape)
    return X, np.array(["calm", "fast", "mad"])[y]


@pytest.fixture(scope="module")
def early():
    X, y = noisy(90)
    clf = GDPDEarlyClassifier(**KERNELS, classification_points=6)
    return clf.fit(X, y, sample_weight=1 + np.arange(90) % 4)


def test_it_tells_what_was_decided_and_when(early):
    X, _ = noisy(25, seed=1)
    report = early.report(X)
    labels, probabilities, stop_times = early.predict_early(X)
    assert report["decided"].all()
    assert report["label"].tolist() == labels.tolist()
    assert report["stop_time"].tolist() == stop_times.tolist()
    np.testing.assert_array_equal(report["confidence"], probabilities.max(1))
    np.testing.assert_array_equal(report["stop_share"], stop_times / 20)
    for row, of_case in zip(report.itertuples(), probabilities, strict=True):
        second = np.argsort(of_case)[-2]
        assert row.runner_up == early.classes_[second]
        assert row.runner_up_probability == of_case[second]
    assert list(report["label"].cat.categories) == ["calm", "fast", "mad"]


def test_reliability_is_that_of_alike_held_out_cases_by_loops(early):
    X, _ = noisy(25, seed=1)
    report = early.report(X)
    held_out = apply_temperature(early.held_out_probabilities_, early.engine_.temperature)
    stops, confidences, right = [], [], []
    for case, code in enumerate(early.held_out_codes_):
        for point in range(len(held_out)):
            seen = held_out[: point + 1, case : case + 1]
            if early.trigger_.should_stop(seen)[0]:
                break
        stops.append(point)
        confidences.append(held_out[point, case].max())
        right.append(held_out[point, case].argmax() == code)
    assert len(set(stops)) > 1
    for row in report.itertuples():
        own = early.classification_points_.index(row.stop_time)
        for width in range(6):
            near = [i for i, stop in enumerate(stops) if abs(stop - own) <= width]
            if len(near) >= 30:
                break
        near.sort(key=lambda i: abs(confidences[i] - row.confidence))
        last = abs(confidences[near[29]] - row.confidence)
        alike = [i for i in near if abs(confidences[i] - row.confidence) <= last]
        weights = early.held_out_weights_[alike]
        expected = np.sum(weights * np.array(right)[alike]) / weights.sum()
        assert row.n_alike == len(alike) >= 30
        assert row.reliability == pytest.approx(expected)


def test_of_few_held_out_cases_all_are_alike():
    X, y = noisy(24)
    clf = GDPDEarlyClassifier(**KERNELS, classification_points=2, trigger=at_once).fit(X, y)
    row = clf.report(X[:1]).iloc[0]
    assert row["n_alike"] == 24
    right = (clf.held_out_probabilities_[0].argmax(1) == clf.held_out_codes_).mean()
    assert row["reliability"] == pytest.approx(right)


def test_rows_without_a_decision_are_missing(early):
    X, y = noisy(60)
    waiting = GDPDEarlyClassifier(**KERNELS, classification_points=3, trigger=never).fit(X, y)
    cases = [X[0], X[1][:, :9], X[2][:, :2]]
    report = waiting.report(cases)
    assert report["decided"].tolist() == [True, False, False]
    assert report.iloc[1:, 1:].isna().all(axis=None)
    assert not report.iloc[0].isna().any()
    assert report["stop_time"].dtype == "Int64"
    assert report.index.name == "case"
    assert pd.isna(report.loc[2, "label"])


def test_labels_may_be_numbers():
    X, y = make_series(24)
    clf = GDPDEarlyClassifier(**KERNELS, classification_points=2).fit(X, y)
    report = clf.report(X)
    assert (report["label"] == clf.predict_early(X).labels).all()


def test_shares_of_each_series_own_length():
    X, y = make_series(40)
    mixed = [x[:, : 14 + i % 7] for i, x in enumerate(X)]
    clf = GDPDEarlyClassifier(**KERNELS, prefix_by="share", classification_points=4)
    report = clf.fit(mixed, y).report(mixed)
    assert report["stop_time"].tolist() == clf.predict_early(mixed).stop_times.tolist()
    assert set(report["stop_share"]) <= {0.25, 0.5, 0.75, 1.0}


def test_it_asks_for_a_fit_and_changes_nothing(early):
    with pytest.raises(NotFittedError):
        GDPDEarlyClassifier().report(np.zeros((1, 1, 20)))
    X, _ = noisy(5)
    early.predict(X[:, :, :8])
    before = early.state_info.copy()
    early.report(X)
    np.testing.assert_array_equal(early.state_info, before)
