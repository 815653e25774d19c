"""Explanations are held against loops over windows, and over what is hidden."""

from dataclasses import replace

import numpy as np
import pytest
from early_cases import at_once, never
from plain_rocket import shares_by_loops
from sklearn.exceptions import NotFittedError
from synthetic import EARLY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.networks import Rocket

KERNELS = {"student": Rocket(500), "random_state": 0, "device": "cpu"}


@pytest.fixture(scope="module", params=[1, 3], ids="{} channels".format)
def early(request):
    X, y = make_series(40, n_channels=request.param, n_classes=3)
    clf = GDPDEarlyClassifier(**KERNELS, classification_points=(5, 11, 20)).fit(X, y)
    return clf, X


@pytest.fixture(scope="module")
def trained():
    X, y = make_series(n_channels=2)
    return GDPDEarlyClassifier(**{**EARLY, "shared": False}, trigger=at_once).fit(X, y), X


def with_gaps(X):
    X = X.copy()
    X[0, :, 2] = np.nan
    X[1, -1, 1:9] = np.nan
    X[2, :, 13:] = np.nan  # ended
    return X


def margin_by_loops(model, series, point, code, against):
    """Difference of two logits, from shares by loops over windows."""
    network, view = model[0], model.view
    prefix = series[None, :, : model.lengths[point]]
    x = view(view.receive(prefix).to(view.mean.dtype), point)[0].numpy()
    shares = shares_by_loops(network.backbone, x)
    weight, bias = (each.detach().numpy() for each in network.head_of(model.lengths[point]))
    logits = weight @ shares + bias
    return logits[code] - logits[against]


@pytest.mark.parametrize("gaps", [False, True], ids=["", "gaps"])
def test_all_parts_add_up_to_the_margin_by_loops(early, gaps):
    clf, X = early
    X = with_gaps(X[:4]) if gaps else X[:4]
    (model,) = clf.models_
    engine = clf.engine_
    tilt = (0.1, 0.0, 0.4)
    clf.engine_ = replace(engine, temperature=1.7, tilt=tilt)
    try:
        explained = clf.explain(X)
        state = clf.engine_.start(list(X))
    finally:
        clf.engine_ = engine
    for case, each in enumerate(explained):
        code, against = (list(clf.classes_).index(c) for c in (each.label, each.against))
        point = state.n_seen[case] - 1
        expected = margin_by_loops(model, X[case], point, code, against) / 1.7
        expected += tilt[code] - tilt[against]
        assert each.margin == pytest.approx(expected, abs=1e-8)
        for part in (each.values, each.times, each.kernels["contribution"].to_numpy()):
            assert each.rest + part.sum() == pytest.approx(expected, abs=1e-8)
        probabilities = state.latest()[case]
        assert code == probabilities.argmax()
        assert against == np.argsort(probabilities)[-2]
        said = np.log(probabilities[code] / probabilities[against])
        assert each.margin == pytest.approx(said, abs=1e-4)
        assert each.time == min(clf.classification_points_[point], state.ends[case])
        assert each.values.shape == each.series.shape == X[case].shape
        assert each.times.shape == X[case].shape[1:]


def test_what_follows_the_decision_counts_nothing(early):
    clf, X = early
    X = X[:12]
    times = clf.predict_early(X).stop_times
    assert times.min() < 20
    changed = X.copy()
    for case, time in enumerate(times):
        changed[case, :, time:] = 7.0
    for time, one, other in zip(times, clf.explain(X), clf.explain(changed), strict=True):
        assert one.time == time
        assert (one.values[:, time:] == 0.0).all()
        assert (one.times[time:] == 0.0).all()
        np.testing.assert_array_equal(one.values, other.values)
        assert one.margin == other.margin


def test_against_a_class_of_choice(early):
    clf, X = early
    third = [
        clf.classes_[p.argmin()] for p in clf.predict_early(X[:3]).probabilities
    ]  # fmt: skip
    for case, label in enumerate(third):
        (each,) = clf.explain(X[case : case + 1], against=label)
        (default,) = clf.explain(X[case : case + 1])
        assert each.against == label != default.against
        assert each.margin > default.margin
        (itself,) = clf.explain(X[case : case + 1], against=default.label)
        assert itself.margin == default.margin


def test_kernels_are_named_and_the_weightiest_come_first(early):
    clf, X = early
    (each,) = clf.explain(X[:1])
    table = each.kernels
    assert (np.diff(np.abs(table["contribution"])) <= 0).all()
    assert set(table["reads"]) == {"values", "differences", "level"}
    features = clf.models_[0][0].backbone
    for _, row in table.groupby("reads").head(2).iterrows():
        if row["reads"] != "level":
            assert len(row["twos"]) == 3
        assert row["dilation"] in features.dilations.tolist()
        assert max(row["channels"]) < clf.n_channels_


def test_where_the_rule_waits_it_is_about_what_is_likeliest_so_far(early):
    _, X = early
    waiting = GDPDEarlyClassifier(**KERNELS, classification_points=(5, 11, 20), trigger=never)
    waiting.fit(X, np.arange(40) % 3)
    (each,) = waiting.explain(X[:1, :, :13])
    assert not each.decided
    assert each.time == 11
    assert "undecided after 11 of 13" in repr(each)
    with pytest.raises(ValueError, match="4 time points in case 0"):
        waiting.explain(X[:2, :, :4])


def test_hidden_windows_are_those_of_a_loop(trained):
    clf, X = trained
    (each,) = clf.explain(X[:1], width=2)
    assert each.method == "occlusion"
    assert each.times is None
    assert each.kernels is None
    length = clf.classification_points_[0]
    assert each.time == length == 5

    def margin(series):
        p = clf.engine_.probabilities_at(series[None, :, :length], 0)[0]
        code, against = (list(clf.classes_).index(c) for c in (each.label, each.against))
        return np.log(p[code]) - np.log(p[against])

    expected = np.zeros(X[0].shape)
    for channel in range(2):
        for start in (0, 2, 4):
            hidden = X[0].copy()
            window = slice(start, min(start + 2, length))
            hidden[channel, window] = np.nan
            lost = margin(X[0]) - margin(hidden)
            expected[channel, window] = lost / (window.stop - window.start)
    np.testing.assert_allclose(each.values, expected, atol=1e-9)
    assert each.margin == pytest.approx(margin(X[0]))
    assert each.rest == pytest.approx(margin(X[0]) - expected.sum())


def test_hiding_what_is_missing_anyway_loses_nothing(trained):
    clf, X = trained
    X = X[:1].copy()
    X[0, 1, :2] = np.nan
    (each,) = clf.explain(X, width=2)
    assert (each.values[1, :2] == 0.0).all()
    assert each.values[0].any()


def test_kernels_may_be_hidden_from_too(early):
    clf, X = early
    (each,) = clf.explain(X[:1], method="occlusion")
    (exact,) = clf.explain(X[:1], method="exact")
    assert each.method == "occlusion"
    assert each.margin == pytest.approx(exact.margin, abs=1e-4)


def test_a_classifier_of_prefixes_explains_what_its_student_sees():
    X, y = make_series(30, n_channels=3)
    clf = GDPDClassifier(**KERNELS, channels=(2, 0)).fit(X, y)
    for each, series in zip(clf.explain(X[:3]), X[:3], strict=True):
        assert each.series.shape == (2, 10)
        np.testing.assert_array_equal(each.series, series[[2, 0], :10])
        code, against = int(each.label), int(each.against)
        expected = margin_by_loops(clf.model_, series[[2, 0]], 0, code, against)
        assert each.rest + each.values.sum() == pytest.approx(expected, abs=1e-8)
        assert each.decided
        assert each.time == 10


def test_prefixes_by_share_are_explained_on_the_stretched_series():
    X, y = make_series(30)
    mixed = [x[:, : 14 + i % 7] for i, x in enumerate(X)]
    for clf in (
        GDPDClassifier(**KERNELS, prefix_by="share"),
        GDPDEarlyClassifier(**KERNELS, prefix_by="share", classification_points=3),
    ):
        explained = clf.fit(mixed, y).explain(mixed[:4])
        assert all(each.series.shape == (1, 20) for each in explained)
        assert [each.label for each in explained] == list(
            clf.predict(mixed[:4]) if isinstance(clf, GDPDClassifier)
            else clf.predict_early(mixed[:4]).labels
        )  # fmt: skip


def test_series_that_ended_are_explained_up_to_their_end():
    X, y = make_series(30)
    mixed = [x[:, : 14 + i % 7] for i, x in enumerate(X)]
    clf = GDPDEarlyClassifier(**KERNELS, classification_points=3, trigger=never).fit(mixed, y)
    for each, series in zip(clf.explain(mixed[:7]), mixed, strict=False):
        assert each.decided
        assert each.time == series.shape[1]
        assert each.values.shape == series.shape
        assert each.rest + each.values.sum() == pytest.approx(each.margin, abs=1e-8)


def test_what_cannot_be_explained_is_told(early, trained):
    clf, X = early
    with pytest.raises(NotFittedError):
        GDPDEarlyClassifier().explain(X)
    with pytest.raises(ValueError, match="against='c' must be None or one of"):
        clf.explain(X, against="c")
    with pytest.raises(ValueError, match="method='why' must be one of"):
        clf.explain(X, method="why")
    with pytest.raises(ValueError, match="width=0"):
        clf.explain(X, width=0)
    with pytest.raises(ValueError, match=r"method='exact' is for students of random kernels"):
        trained[0].explain(trained[1], method="exact")
