"""GDPDClassifier: what goes in, parts by name and by object, teachers."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch
from aeon.testing.estimator_checking import parametrize_with_checks
from synthetic import TINY, make_series
from torch import nn

from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.distillers import DISTILLERS, GDPD, KD
from gdpd_sklearn.networks import FCN, LSTM, Architecture, Rocket
from gdpd_sklearn.recipes import Training


@parametrize_with_checks([GDPDClassifier])
def test_aeon_checks(check):
    check()


# what goes in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_channels", [1, 3])
def test_learns_what_can_be_learned(n_channels):
    X, y = make_series(40, n_channels)
    X_test, y_test = make_series(60, n_channels, seed=1)
    for settings in ({}, {"student": "fcn", "n_epochs": 20}):
        clf = GDPDClassifier(prefix_length=0.6, random_state=0, **settings).fit(X, y)
        assert clf.score(X_test, y_test) > 0.9


def test_the_default_student_is_solved_from_labels_alone(series):
    X, y = series
    clf = GDPDClassifier(random_state=0, keep_teacher=True).fit(X, y)
    assert isinstance(clf.model_.architecture, Rocket)
    assert list(clf.history_["prefix_length"]) == [10]
    assert clf.teacher_score_ is None
    assert not hasattr(clf, "teacher_")
    trained = GDPDClassifier(scaling="prefix", distiller="none", n_epochs=1, random_state=0)
    assert isinstance(trained.fit(X, y).model_.architecture, FCN)


def test_two_dimensional_input_is_one_channel(series):
    X, y = series
    two = GDPDClassifier(**TINY).fit(X[:, 0], y)
    three = GDPDClassifier(**TINY).fit(X, y)
    np.testing.assert_array_equal(two.predict_proba(X[:, 0]), three.predict_proba(X))


@pytest.mark.parametrize(
    "labels", [np.array(["no", "yes"]), np.array([-1, 1]), np.array([7, 3]), np.array([1.0, 2.0])]
)
def test_labels_of_any_type_come_back(series, labels):
    X, codes = series
    y = labels[codes]
    clf = GDPDClassifier(**TINY).fit(X, y)
    np.testing.assert_array_equal(clf.classes_, np.unique(labels))
    predicted = clf.predict(X)
    assert predicted.dtype == labels.dtype
    assert set(predicted) <= set(labels)


def test_pandas_labels_and_nested_frames(series):
    X, codes = series
    y = pd.Series(np.array(["a", "b"])[codes])
    expected = GDPDClassifier(**TINY).fit(X, y.to_numpy()).predict_proba(X)
    np.testing.assert_array_equal(GDPDClassifier(**TINY).fit(X, y).predict_proba(X), expected)
    integers = pd.DataFrame({"label": codes})  # aeon refuses frames of strings under pandas 3
    np.testing.assert_array_equal(
        GDPDClassifier(**TINY).fit(X, integers).predict_proba(X), expected
    )
    frames = [pd.DataFrame(case) for case in X]
    np.testing.assert_array_equal(GDPDClassifier(**TINY).fit(frames, y).predict_proba(X), expected)


def test_longer_is_cut_and_shorter_refused(series):
    X, y = series
    clf = GDPDClassifier(prefix_length=12, **TINY).fit(X, y)
    assert clf.prefix_length_ == 12
    altered = X.copy()
    altered[:, :, 12:] = 1e6
    np.testing.assert_array_equal(clf.predict_proba(X), clf.predict_proba(X[:, :, :12]))
    np.testing.assert_array_equal(clf.predict_proba(X), clf.predict_proba(altered))
    with pytest.raises(ValueError, match=r"X has 11 time points in case 0, but 12 are needed"):
        clf.predict(X[:, :, :11])


@pytest.mark.parametrize(("given", "points"), [(0.5, 10), (1, 1), (1.0, 20), (7, 7), (0.01, 1)])
def test_prefix_length_is_share_or_points(series, given, points):
    X, y = series
    clf = GDPDClassifier(prefix_length=given, **TINY).fit(X, y)
    assert clf.prefix_length_ == points
    assert clf.predict_proba(X[:, :, :points]).shape == (24, 2)


def with_nan(X, place):
    X = X.copy()
    X[place] = np.nan
    return X


def with_inf(X):
    X = X.copy()
    X[0, 0, 0] = np.inf
    return X


X24, Y24 = make_series()

BAD_DATA = {
    "no cases": (X24[:0], Y24[:0], r"empty"),
    "no points": (X24[:, :, :0], Y24, r"X of shape \(24, 1, 0\) is empty"),
    "one class": (X24, np.zeros(24, int), r"at least 2 unique labels"),
    "one case per class": (X24[:2], np.array([0, 1]), r"one case per class"),
    "a case without values": (with_nan(X24, 3), Y24, r"X has no value at all in case 3"),
    "a channel without values": (
        with_nan(np.tile(X24, (1, 2, 1)), np.s_[:, 1]),
        Y24,
        r"X has no value at all in channel 1",
    ),
    "infinite": (with_inf(X24), Y24, r"infinite"),
    "four dimensions": (X24[..., None], Y24, r"must be 2D or 3D but found 4"),
    "labels of another length": (X24, Y24[:-1], r"24.*23"),
    "continuous labels": (X24, np.linspace(0, 1, 24), r"continuous"),
}


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_data_is_refused(case):
    X, y, message = BAD_DATA[case]
    with pytest.raises((ValueError, TypeError), match=message):
        GDPDClassifier(**TINY).fit(X, y)


# one row of each part: what else it refuses is tested where the part is
BAD_PARAMETERS = [
    ({"prefix_length": 0}, r"prefix_length=0 must be a float in \(0, 1\].*int in \[1, 20\]"),
    ({"student": "lsmt"}, r"student='lsmt' is unknown \(did you mean 'lstm'\?\).*valid names"),
    ({"teacher": "resnet99"}, r"teacher='resnet99' is unknown.*valid names"),
    ({"student": LSTM}, r"student=.*or a class of modules, or a function \(n_channels"),
    ({"student": LSTM(hidden_size=0)}, r"hidden_size=0"),
    ({"distiller": "gdp"}, r"distiller='gdp' is unknown.*valid names"),
    ({"distiller": 3}, r"distiller=3 must be"),
    ({"distiller": GDPD(weight=-1)}, r"weight=-1 must be a number in \[0, 1e\+30\]"),
    ({"training": Training(batch_size=1)}, r"batch_size=1 must be an integer of at least 2"),
    ({"n_epochs": 0}, r"n_epochs=0 must be an integer in \[1, 1000000\]"),
    ({"learning_rate": 0}, r"learning_rate=0"),
    ({"learning_rate": "fast"}, r"learning_rate='fast' must be one of \['published'\]"),
    ({"validation_fraction": 1.0}, r"validation_fraction=1.0 must be a number in \[0, 1\)"),
    ({"patience": 5}, r"patience=5 needs a validation part"),
    ({"prefix_by": "length"}, r"prefix_by='length' must be one of \['time', 'share'\]"),
    ({"scaling": "minmax"}, r"scaling='minmax' must be one of"),
    ({"max_input_length": 1}, r"max_input_length=1"),
    ({"class_weight": "heavy"}, r"class_weight='heavy' must be None, 'balanced' or a dict"),
    ({"class_weight": {9: 1.0}}, r"names the labels \[9\]"),
    ({"device": "abacus"}, r"device='abacus'"),
]


@pytest.mark.parametrize(("parameters", "message"), BAD_PARAMETERS)
def test_bad_parameters_are_refused(series, parameters, message):
    with pytest.raises((ValueError, TypeError), match=message):
        GDPDClassifier(**{**TINY, **parameters}).fit(*series)


def test_bad_input_of_predict_is_refused(series):
    clf = GDPDClassifier(**TINY).fit(*series)
    X, _ = make_series(n_channels=2)
    with pytest.raises(ValueError, match=r"X has 2 channels.*fitted on 1"):
        clf.predict(X)
    with pytest.raises(ValueError, match="infinite"):
        clf.predict(with_inf(X24))
    # what comes after the prefix is not looked at, so it may be anything finite or not
    beyond = X24.copy()
    beyond[:, :, -1] = np.inf
    np.testing.assert_array_equal(clf.predict(beyond), clf.predict(X24))


def test_a_single_case_of_a_class_still_trains():
    X, y = make_series(24)
    y = np.where(np.arange(24) == 5, 2, y)
    clf = GDPDClassifier(**TINY, validation_fraction=0.25).fit(X, y)
    assert clf.predict_proba(X).shape == (24, 3)


# parts ------------------------------------------------------------------------------------------


def test_parts_by_name_and_by_object_are_the_same(series):
    X, y = series
    named = GDPDClassifier(**{**TINY, "student": "fcn", "distiller": "kd"}).fit(X, y)
    objects = GDPDClassifier(**{**TINY, "student": FCN(), "distiller": KD()}).fit(X, y)
    np.testing.assert_array_equal(named.predict_proba(X), objects.predict_proba(X))


def make_backbone(n_channels, n_timepoints):
    return nn.Sequential(nn.Conv1d(n_channels, 6, 3, padding=1), nn.ReLU())


@pytest.mark.parametrize("own", [make_backbone, make_backbone(1, 20), nn.Flatten()])
def test_own_module_is_student_and_teacher(series, own):
    X, y = series
    before = copy.deepcopy(own)
    one, again = (
        GDPDClassifier(**{**TINY, "student": own, "teacher": own}).fit(X, y) for _ in range(2)
    )
    np.testing.assert_array_equal(one.predict_proba(X), again.predict_proba(X))
    if isinstance(own, nn.Module):  # the user's module is copied, not trained
        for mine, kept in zip(own.parameters(), before.parameters(), strict=True):
            torch.testing.assert_close(mine, kept, rtol=0, atol=0)


def test_fit_leaves_the_parts_as_they_were(series):
    distiller, student = GDPD(), LSTM(1, 8)
    clf = GDPDClassifier(**{**TINY, "student": student, "distiller": distiller}).fit(*series)
    assert clf.distiller is distiller
    assert clf.student is student
    assert vars(distiller) == vars(GDPD())


def test_attributes(series):
    X, y = series
    clf = GDPDClassifier(**TINY, distiller="gdpd", validation_fraction=0.25).fit(X, y)
    assert clf.n_parameters_ == 370
    assert 0.0 <= clf.teacher_score_ <= 1.0
    assert list(clf.history_["epoch"]) == [0, 1, 2, 3]
    assert {
        "task_loss", "transfer_loss", "prior_loss", "validation_loss", "validation_accuracy"
    } <= set(clf.history_)  # fmt: skip
    assert np.isfinite(clf.history_.to_numpy(float)).all()
    warm = clf.history_["epoch"] < 2
    assert (clf.history_.loc[warm, "transfer_loss"] == 0).all()
    assert (clf.history_.loc[~warm, "transfer_loss"] > 0).all()
    assert (clf.history_.loc[~warm, "prior_loss"] == 0).all()
    assert GDPDClassifier(**TINY, distiller="none").fit(X, y).teacher_score_ is None


def test_paper_preset_is_names_of_parts_and_what_the_user_says():
    clf = GDPDClassifier.paper()
    named = {
        "student": "lstm3-100", "teacher": "lstm3-100", "distiller": "gdpd", "training": "paper"
    }  # fmt: skip
    assert clf.get_params(deep=False) == {**GDPDClassifier().get_params(deep=False), **named}
    assert clf.max_input_length == 100
    cross = GDPDClassifier.paper(student="resnet32-64", n_epochs=3, training="default")
    assert (cross.student, cross.n_epochs, cross.training) == ("resnet32-64", 3, "default")


def test_gdpd_by_name_is_as_published():
    published = {
        "n_diffusion_steps": 1000, "n_sampling_steps": 5, "n_posterior_samples": 1, "warmup": 0.5,
        "weight": 1.0, "freeze_prior": True, "hinton_weight": 0.0,
    }  # fmt: skip
    distiller = DISTILLERS["gdpd"]().get_params()
    assert {name: distiller[name] for name in published} == published


def test_paper_preset_fits(series):
    X, y = series
    clf = GDPDClassifier.paper(n_epochs=2, random_state=0).fit(X, y)
    assert clf.n_parameters_ == 203_002
    assert clf.predict_proba(X).shape == (24, 2)


def test_published_gaps_change_the_fit(series):
    X, y = series
    # half of the epochs are warm-up where nothing else is said
    setting = {**TINY, "n_epochs": 4}
    results = [
        GDPDClassifier(**setting, distiller=distiller).fit(X, y).predict_proba(X)
        for distiller in (
            GDPD(), GDPD(freeze_prior=False), GDPD(hinton_weight=1.0), GDPD(n_posterior_samples=3),
            GDPD(n_sampling_steps=2), GDPD(n_diffusion_steps=100), GDPD(warmup=1),
        )
    ]  # fmt: skip
    for i, one in enumerate(results):
        for other in results[:i]:
            assert not np.array_equal(one, other)


# validation --------------------------------------------------------------------------------------


def test_best_epoch_is_kept(series):
    X, y = series
    y = np.random.default_rng(3).permutation(y)  # noise: what is learned does not carry over
    setting = {**TINY, "n_epochs": 12, "learning_rate": 0.1, "distiller": "none"}
    clf = GDPDClassifier(**setting, validation_fraction=0.5).fit(X, y)
    losses = clf.history_["validation_loss"]
    assert losses.idxmin() < 11  # else this test shows nothing
    from gdpd_sklearn._seeding import root_seed, stream_seed
    from gdpd_sklearn.data import stratified_holdout

    _, held = stratified_holdout(y, 0.5, stream_seed(root_seed(0), "split"))
    probabilities = clf.predict_proba(X[held])
    loss = -np.log(probabilities[np.arange(len(held)), y[held]]).mean()
    assert loss == pytest.approx(losses.min(), abs=1e-4)


def test_patience_ends_the_training(series):
    setting = {**TINY, "n_epochs": 60, "learning_rate": 0.3, "distiller": "none"}
    clf = GDPDClassifier(**setting, validation_fraction=0.5, patience=3).fit(*series)
    assert len(clf.history_) < 60


# teachers ---------------------------------------------------------------------------------------


def test_fitted_teacher_is_handed_on(series, monkeypatch):
    X, y = series
    first = GDPDClassifier(**TINY, keep_teacher=True).fit(X, y)
    built = []

    def counted(self, *args, **kwargs):
        built.append(self)
        return build(self, *args, **kwargs)

    build = Architecture.build
    monkeypatch.setattr(Architecture, "build", counted)
    second = GDPDClassifier(**{**TINY, "teacher": first.teacher_}).fit(X, y)
    assert len(built) == 1  # the student
    np.testing.assert_array_equal(second.predict_proba(X), first.predict_proba(X))
    with pytest.raises(ValueError, match="teacher was fitted on series with time points 20"):
        GDPDClassifier(**{**TINY, "teacher": first.teacher_}).fit(X[:, :, :15], y)
    with pytest.raises(ValueError, match="teacher was fitted on series with classes"):
        GDPDClassifier(**{**TINY, "teacher": first.teacher_}, distiller="kd").fit(X, y + 1)


def test_a_teacher_of_another_task_teaches_by_its_features(series):
    X, y = series
    other = GDPDClassifier(**TINY).fit_teacher(X, np.arange(len(y)) % 3)
    students = [
        GDPDClassifier(**{**TINY, "teacher": teacher}, distiller=GDPD(warmup=0.25)).fit(X, y)
        for teacher in (other, TINY["teacher"])
    ]
    one, two = (student.predict_proba(X) for student in students)
    assert one.shape == (len(X), 2)
    assert not np.allclose(one, two)
    with pytest.raises(ValueError, match=r"classes \(0, 1, 2\), but X, y have classes \(0, 1\)"):
        GDPDClassifier(**{**TINY, "teacher": other}, distiller=GDPD(hinton_weight=1.0)).fit(X, y)


def test_memory_trains_a_teacher_once(series, tmp_path):
    X, y = series
    for weight in (0.1, 1.0, 10.0):
        GDPDClassifier(**TINY, memory=str(tmp_path), distiller=GDPD(weight=weight)).fit(X, y)
    assert len(list(tmp_path.rglob("output.pkl"))) == 1
    GDPDClassifier(**{**TINY, "random_state": 1}, memory=str(tmp_path)).fit(X, y)
    assert len(list(tmp_path.rglob("output.pkl"))) == 2


def test_masked_labels_are_refused():
    X, y = make_series()
    with pytest.raises(ValueError, match="y has masked labels"):
        GDPDClassifier(**TINY).fit(X, np.ma.masked_equal(y, 1))
    whole = GDPDClassifier(**TINY).fit(X, np.ma.masked_array(y))
    assert whole.classes_.tolist() == [0, 1]
    assert type(whole.classes_) is np.ndarray
