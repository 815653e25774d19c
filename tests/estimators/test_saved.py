"""Whole estimators in one file."""

import datetime
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from corruption import N_CORRUPTIONS, corrupted
from sklearn.exceptions import NotFittedError
from synthetic import EARLY, TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.distillers import GDPD, KD, Sum
from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.networks import FCN, LSTM
from gdpd_sklearn.persistence import read_sealed, write_sealed
from gdpd_sklearn.recipes import Training
from gdpd_sklearn.triggers import TRIGGERS, FallingThreshold, Trigger

PLAIN = {
    "default": {},
    "objects": {
        "student": FCN((4,), (3,)),
        "teacher": LSTM(1, 8),
        "distiller": Sum(KD(), GDPD()),
        "training": Training(batch_size=8),
        "class_weight": {0: 2.0, np.int64(1): 1.0},
    },
    "channels": {"channels": (2, 0)},
    "closed form": {"student": "rocket", "teacher": "rocket", "distiller": "kd"},
    "kept teacher": {"keep_teacher": True},
    "kept teacher, solved": {
        "student": "rocket",
        "teacher": "rocket",
        "distiller": "gdpd",
        "keep_teacher": True,
    },
    "generator": {"random_state": np.random.RandomState(3)},
    "remembered": {"memory": "remembered"},
    "numpy": {"prefix_length": np.float64(0.4), "verbose": np.int64(0)},
    "validation": {"validation_fraction": 0.25, "patience": 2, "distiller": "gdpd"},
}

EARLY_KINDS = {
    "closed form": {"shared": False, "student": None},
    "shared": {"student": "causal_fcn"},
    "separate": {"shared": False, "student": "fcn", "objective": DecisionCost(delay=0.3)},
    "refitted": {"refit": True, "classification_points": [0.3, 0.6]},
    "own costs": {"objective": DecisionCost(np.array([[0.0, 1.0], [5.0, 0.0]]))},
    **{name: {"trigger": name} for name in TRIGGERS},
}

LABELS = {
    "text": np.array(["no", "yes ∂"]),
    "objects": np.array(["a", "bb"], dtype=object),
    "truth": np.array([False, True]),
    "floats": np.array([-1.0, 1.0]),
    "small": np.array([3, 200], np.uint8),
    "days": np.array(["2020-01-01", "2021-01-01"], "datetime64[D]"),
    "moments": np.array(["2020-01-01", "2021-01-01"], "datetime64[ns]"),
}


def same_attributes(one, other):
    """Assert that all that was fitted is there, and of the same types."""
    assert vars(one).keys() == vars(other).keys()
    assert _shown(one) == _shown(other)
    assert type(one.classes_) is type(other.classes_)
    assert one.classes_.dtype == other.classes_.dtype
    assert one._class_dictionary == other._class_dictionary
    assert one.metadata_ == other.metadata_
    assert one.history_.equals(other.history_)
    for name in ("n_classes_", "n_channels_", "n_parameters_", "is_fitted"):
        assert getattr(one, name) == getattr(other, name)


def _shown(clf):
    """Parameters as text; numbers of numpy read as plain ones, generators by their kind."""
    return {
        name: re.sub(r"np\.\w+\(|at 0x\w+|[()]", "", str(value))
        for name, value in clf.get_params(deep=False).items()
    }


@pytest.mark.parametrize("name", PLAIN)
def test_a_partial_classifier_comes_back(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    X, y = make_series(n_channels=3)
    clf = GDPDClassifier(**{**TINY, **PLAIN[name]}).fit(X, y)
    clf.save("clf.safetensors")
    loaded = GDPDClassifier.load("clf.safetensors")
    np.testing.assert_array_equal(loaded.predict_proba(X), clf.predict_proba(X))
    assert loaded.predict(X).tolist() == clf.predict(X).tolist()
    assert loaded.score(X, y) == clf.score(X, y)
    assert loaded.memory is None
    clf.memory = None
    same_attributes(loaded, clf)
    np.testing.assert_array_equal(loaded.validation_cases_, clf.validation_cases_)
    if name.startswith("kept teacher"):
        np.testing.assert_array_equal(
            loaded.teacher_.model.predict_proba(X), clf.teacher_.model.predict_proba(X)
        )
    refitted = [each.fit(X, y).predict_proba(X) for each in (loaded, clf)]
    np.testing.assert_array_equal(*refitted)


@pytest.mark.parametrize("name", EARLY_KINDS)
def test_an_early_classifier_comes_back(name, tmp_path):
    X, y = make_series()
    clf = GDPDEarlyClassifier(**{**EARLY, **EARLY_KINDS[name]}).fit(X, y)
    path = tmp_path / "early.safetensors"
    clf.save(path)
    loaded = GDPDEarlyClassifier.load(path)
    for found, expected in zip(loaded.predict_early(X), clf.predict_early(X), strict=True):
        np.testing.assert_array_equal(found, expected)
    for found, expected in zip(
        loaded.predict(X[:, :, :12]), clf.predict(X[:, :, :12]), strict=True
    ):
        np.testing.assert_array_equal(found, expected)
    assert loaded.score(X, y) == clf.score(X, y)
    clf.reset_state_info()
    loaded.reset_state_info()
    same_attributes(loaded, clf)
    assert repr(loaded.trigger_) == repr(clf.trigger_)
    stream = loaded.stream()
    stream.push_many(dict(enumerate(X)))
    assert [stream.decisions[i].label for i in range(len(X))] == clf.predict_early(X)[0].tolist()
    one, other = (each.fit_trigger("margin").predict_early(X) for each in (loaded, clf))
    np.testing.assert_array_equal(one.stop_times, other.stop_times)


@pytest.mark.parametrize("name", LABELS)
def test_labels_keep_their_type(name, tmp_path):
    X, y = make_series()
    for make, setting in ((GDPDClassifier, TINY), (GDPDEarlyClassifier, EARLY)):
        clf = make(**setting).fit(X, LABELS[name][y])
        clf.save(tmp_path / "clf")
        loaded = make.load(tmp_path / "clf")
        assert loaded.classes_.dtype == clf.classes_.dtype
        assert loaded.classes_.tolist() == clf.classes_.tolist()
        found, expected = (np.asarray(each.predict(X)[0]) for each in (loaded, clf))
        assert found.dtype == expected.dtype
        assert found.tolist() == expected.tolist()


def test_dates_of_python_are_labels_too(tmp_path):
    X, y = make_series()
    days = np.array([datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)], dtype=object)
    clf = GDPDClassifier(**TINY).fit(X, y)
    clf.classes_ = days
    clf.save(tmp_path / "clf")
    assert GDPDClassifier.load(tmp_path / "clf").classes_.tolist() == days.tolist()


# -- what cannot be saved


class Own(Trigger):
    """A rule of a user's own, in plain numbers."""

    def _fit(self, held_out):
        self.least_ = 0.75

    def _safe(self, probabilities):
        return probabilities.max(-1) > self.least_


class WithCode(Own):
    def _fit(self, held_out):
        super()._fit(held_out)
        self.function_ = np.max


def never(seen, fractions):
    return np.zeros(seen.shape[1], dtype=bool)


def backbone(n_channels, n_timepoints):
    from torch import nn

    return nn.Conv1d(n_channels, 4, 3)


@pytest.mark.parametrize(
    ("make", "setting", "part"),
    [
        (GDPDClassifier, {**TINY, "student": backbone}, r"student=<function backbone"),
        (GDPDClassifier, {**TINY, "teacher": backbone}, r"teacher=<function backbone"),
        (GDPDEarlyClassifier, {**EARLY, "trigger": never}, r"trigger=<function never"),
        (GDPDEarlyClassifier, {**EARLY, "trigger": WithCode()}, r"engine_\.trigger\.function_="),
        (GDPDEarlyClassifier, {**EARLY, "objective": DecisionCost(delay=lambda f: f)},
         r"objective\.delay=<function"),
    ],
)  # fmt: skip
def test_code_is_refused_and_named(make, setting, part, tmp_path):
    X, y = make_series()
    clf = make(**setting).fit(X, y)
    (tmp_path / "clf").write_bytes(b"old")
    with pytest.raises(TypeError, match=part + r".*joblib\.dump"):
        clf.save(tmp_path / "clf")
    assert (tmp_path / "clf").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["clf"]


def test_a_users_own_rule_is_handed_in(tmp_path):
    X, y = make_series()
    clf = GDPDEarlyClassifier(**{**EARLY, "trigger": Own()}).fit(X, y)
    clf.save(tmp_path / "clf")
    with pytest.raises(ValueError, match=r"path=.*clf' holds the part '.*\.Own'"):
        GDPDEarlyClassifier.load(tmp_path / "clf")
    loaded = GDPDEarlyClassifier.load(tmp_path / "clf", [Own])
    np.testing.assert_array_equal(loaded.predict_early(X)[2], clf.predict_early(X)[2])


def test_what_is_not_fitted_and_what_is_no_path(tmp_path):
    for clf in (GDPDClassifier(), GDPDEarlyClassifier()):
        with pytest.raises(NotFittedError):
            clf.save(tmp_path / "clf")
    with pytest.raises(TypeError, match="path=None"):
        GDPDClassifier(**TINY).fit(*make_series()).save(None)
    assert os.listdir(tmp_path) == []


# -- what cannot be read


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files of each kind, what opens them, and the answers of what is inside."""
    folder = tmp_path_factory.mktemp("files")
    X, y = make_series()
    plain = GDPDClassifier(**TINY).fit(X, y)
    early = GDPDEarlyClassifier(**{**EARLY, "trigger": "calimera"}).fit(X, y)
    plain.save(folder / "plain")
    early.save(folder / "early")
    return X, {
        "plain": (folder / "plain", GDPDClassifier.load, plain.predict_proba(X)),
        "early": (folder / "early", GDPDEarlyClassifier.load, early.predict_early(X).probabilities),
    }


def test_one_class_does_not_open_the_file_of_another(files):
    _, (plain, early) = files[0], files[1].values()
    with pytest.raises(ValueError, match=r"holds a GDPDClassifier, not a GDPDEarlyClassifier"):
        GDPDEarlyClassifier.load(plain[0])
    with pytest.raises(ValueError, match=r"GDPDEarlyClassifier\.load"):
        GDPDClassifier.load(early[0])


@pytest.mark.parametrize("name", ["plain", "early"])
def test_damage_is_refused(files, name, tmp_path):
    path, load, _ = files[1][name]
    data = path.read_bytes()
    broken = tmp_path / "broken"
    for changed in corrupted(data, N_CORRUPTIONS, seed=len(name)):
        broken.write_bytes(changed)
        with pytest.raises(ValueError, match=r"^path=.*broken' is"):
            load(broken)


CHANGES = [
    ("plain", "learned.prefix_length_", 7),
    ("plain", "learned.channels_", {"tuple": [0, 1]}),
    ("plain", "learned.channels_", {"tuple": [5]}),
    ("plain", "learned.classes_", [0, 1]),
    ("plain", "learned.classes_", {"text": ["<U1", [3], ["a", "b", "c"]]}),
    ("plain", "learned.model_", None),
    ("plain", "learned.more_", 3),
    ("plain", "learned.predict", 3),
    ("plain", "learned", {}),
    ("plain", "parameters.memory", "folder"),
    ("plain", "parameters.more", 3),
    ("plain", "parameters", {}),
    ("plain", "parameters", None),
    ("early", "learned.engine_.engine.models", []),
    ("early", "learned.engine_.engine.temperature", 0),
    ("early", "learned.engine_.engine.temperature", "warm"),
    ("early", "learned.engine_.engine.temperature", {"float": "nan"}),
    ("early", "learned.engine_.engine.points", {"tuple": [5, 10]}),
    ("early", "learned.engine_.engine.shared", False),
    ("early", "learned.engine_.engine.trigger", None),
    ("early", "learned.engine_.engine.trigger.part.class", "gdpd_sklearn.triggers.Trigger"),
    ("early", "learned.engine_.engine.trigger.part.class", "gdpd_sklearn.networks.FCN"),
    ("early", "learned.engine_.engine.trigger.part.class", "builtins.eval"),
    ("early", "learned.engine_.engine.trigger.part.learned", {"members": {}}),
    ("early", "learned.engine_.engine.more", 1),
    ("early", "learned.n_timepoints_", 21),
    ("early", "learned.n_channels_", 2),
]


@pytest.mark.parametrize(("name", "place", "value"), CHANGES)
def test_a_strangers_file_that_does_not_fit_is_refused(files, name, place, value, tmp_path):
    path, load, _ = files[1][name]
    kind = {"plain": "GDPDClassifier", "early": "GDPDEarlyClassifier"}[name]
    about, arrays = read_sealed(path, kind)
    about = json.loads(json.dumps(about))
    *way, last = place.split(".")
    inner = about
    for step in way:
        inner = inner[step]
    inner[last] = value
    write_sealed(tmp_path / "changed", kind, about, arrays)
    with pytest.raises(ValueError, match=r"^path=.*changed' (is damaged|holds the part)"):
        load(tmp_path / "changed")


def test_a_full_disk_leaves_the_old_file(files, tmp_path, monkeypatch):
    X, kinds = files
    path, load, expected = kinds["plain"]
    kept = tmp_path / "kept"
    kept.write_bytes(path.read_bytes())
    clf = load(path)

    def fsync(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match=r"kept"):
        clf.save(kept)
    np.testing.assert_array_equal(load(kept).predict_proba(X), expected)
    assert os.listdir(tmp_path) == ["kept"]


# -- files of this version must load for ever

FIXTURES = Path(__file__).parent.parent / "fixtures" / "format_1"


@pytest.mark.parametrize("name", ["plain", "early"])
def test_files_of_format_1_load(name):
    make = {"plain": GDPDClassifier, "early": GDPDEarlyClassifier}[name]
    clf = make.load(FIXTURES / f"{name}.safetensors")
    expected = json.loads((FIXTURES / f"{name}.json").read_text())
    X = np.array(expected["X"])
    if name == "plain":
        labels, probabilities = clf.predict(X), clf.predict_proba(X)
    else:
        labels, probabilities, stop_times = clf.predict_early(X)
        assert stop_times.tolist() == expected["stop_times"]
        assert type(clf.trigger_) is FallingThreshold
        clf.fit_trigger()
        assert clf.predict_early(X).stop_times.tolist() == expected["stop_times"]
    assert labels.tolist() == expected["labels"]
    np.testing.assert_allclose(probabilities, expected["probabilities"], atol=1e-6)
