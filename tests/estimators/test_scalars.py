"""Parameters of a fit that are no parts: right values, and messages that name what is wrong."""

from pathlib import Path

import numpy as np
import pytest
from joblib import Memory
from sklearn.utils.class_weight import compute_class_weight
from synthetic import EARLY, TINY, make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.estimators._scalars import (
    class_weights,
    resolve_memory,
    resolve_root,
    resolve_verbose,
)

CLASSES, CODES = np.array(["no", "yes"]), np.array([0, 0, 0, 1])


def test_class_weights_are_those_of_scikit_learn():
    assert class_weights(None, CLASSES, CODES) is None
    for given in ("balanced", {"no": 2.0, "yes": 0.5}, {"yes": 3.0}, {}):
        expected = compute_class_weight(given, classes=CLASSES, y=CLASSES[CODES])
        np.testing.assert_array_equal(class_weights(given, CLASSES, CODES), expected)


@pytest.mark.parametrize(
    ("classes", "given"),
    [
        (["0", "1"], {"1": 5.0}),  # text of digits: scikit-learn looks for the number
        ([0.25, 0.75], {0.75: 5}),
        ([False, True], {True: np.float32(5)}),
        ([3, 8], {np.int64(8): 5.0}),
    ],
)
def test_class_weights_are_found_by_the_labels_themselves(classes, given):
    weights = class_weights(given, np.array(classes), np.array([0, 0, 1, 1]))
    assert weights.tolist() == [1.0, 5.0]


BAD = {
    "negative": ({"no": -1.0, "yes": 2.0}, r"class_weight\['no'\]=-1.0 must be a number in \[0"),
    "NaN": ({"no": np.nan}, r"class_weight\['no'\]=nan must be a number"),
    "infinite": ({"yes": np.inf}, r"class_weight\['yes'\]=inf must be a number"),
    "beyond single": ({"yes": 1e300}, r"class_weight\['yes'\]=1e\+300 must be a number"),
    "text": ({"yes": "2"}, r"class_weight\['yes'\]='2' must be a number"),
    "all zero": ({"no": 0, "yes": 0}, r"class_weight=\{.*\} leaves no case of a weight above 0"),
    "all tiny": ({"no": 1e-300, "yes": 0}, r"leaves no case of a weight above 0"),
    "one case left": ({"no": 0}, r"class_weight=.* leaves one case of a weight above 0"),
    "another label": ({"maybe": 1.0}, r"names the labels \['maybe'\], which are not in y"),
    "a word": ("heavy", r"class_weight='heavy' must be None, 'balanced' or a dict"),
    "a list": ([1.0, 2.0], r"class_weight=\[1.0, 2.0\] must be None, 'balanced' or a dict"),
}


@pytest.mark.parametrize("name", BAD)
def test_class_weights_that_make_no_sense_are_refused(name):
    given, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        class_weights(given, CLASSES, CODES)


@pytest.mark.parametrize("kind", [GDPDClassifier, GDPDEarlyClassifier])
def test_they_are_refused_before_anything_is_trained(kind):
    X, y = make_series()
    for weight in (-1.0, np.nan, np.inf):
        clf = kind(**(EARLY if kind is GDPDEarlyClassifier else TINY), class_weight={0: weight})
        with pytest.raises(ValueError, match=r"class_weight\[0\]="):
            clf.fit(X, y)


def test_a_class_without_weight_is_learned_from_the_others_alone():
    X, y = make_series()
    clf = GDPDClassifier(**{**TINY, "distiller": "none"}, class_weight={0: 0.0}).fit(X, y)
    probabilities = clf.predict_proba(X)
    assert np.isfinite(probabilities).all()
    assert (probabilities[:, 1] > 0.5).all()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-1, r"random_state=-1 must be an integer in \[0, 4294967295\], a RandomState or None"),
        (2**32, r"random_state=4294967296 must be"),
        (0.5, r"random_state=0.5 must be"),
        ("seven", r"random_state='seven' must be"),
        (np.random, r"random_state=<module .* must be"),
        (True, r"random_state=True must be"),
    ],
)
def test_a_wrong_random_state_is_named(value, message):
    with pytest.raises(ValueError, match=message):
        resolve_root(value)


def test_random_states_of_every_kind_are_taken():
    assert resolve_root(np.int64(7)) == resolve_root(7)
    assert resolve_root(np.random.RandomState(7)) == resolve_root(7)
    assert isinstance(resolve_root(None), int)


def test_verbose_is_a_number_or_a_switch():
    assert [resolve_verbose(v) for v in (0, 1, True, np.False_, np.int8(2))] == [0, 1, 1, 0, 2]
    for value in ("abc", None, -1, 0.5, [1]):
        with pytest.raises(ValueError, match=r"verbose=.* must be an integer of at least 0"):
            resolve_verbose(value)


def test_memory_is_a_folder_or_joblibs(tmp_path):
    for folder in (str(tmp_path), Path(tmp_path), Memory(tmp_path, verbose=0)):
        assert Path(resolve_memory(folder).location) == tmp_path
    assert resolve_memory(None).location is None
    for value in (7, ["folder"], b"folder"):
        with pytest.raises(ValueError, match=r"memory=.* must be None, the path of a folder"):
            resolve_memory(value)
