"""True labels and weights of a score, case by case."""

import numpy as np
import pandas as pd
import pytest

from gdpd_sklearn.estimators._truth import check_truth

NUMBERS, TEXT = np.array([0, 1]), np.array(["no", "yes"])


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        ([0, 1, 7], NUMBERS),
        (np.array([0.0, 1.0, 1.0]), NUMBERS),
        (np.array([True, False, True]), NUMBERS),
        (pd.Series([0, 1, 1]), NUMBERS),
        (pd.DataFrame({"y": [0, 1, 1]}), NUMBERS),
        (np.array([0, 1, 1], dtype=object), NUMBERS),
        (["no", "yes", "maybe"], TEXT),
        (np.array(["no", "yes", "no"], dtype=object), TEXT),
        (np.array(["2020-01-01"] * 3, "M8[D]"), np.array(["2020-01-01"], "M8[D]")),
    ],
)
def test_labels_of_the_kind_of_fit_are_taken(y, classes):
    labels = check_truth(y, classes, 3)
    assert labels.shape == (3,)
    assert labels.tolist() == np.asarray(y).ravel().tolist()


@pytest.mark.parametrize(
    ("y", "classes", "message"),
    [
        (["0", "1", "1"], NUMBERS, r"y holds text such as .*'0'.* fitted on numbers such as .*0"),
        ([0, 1, 1], TEXT, r"y holds numbers such as .* fitted on text such as .*'no'"),
        (np.array([b"no"] * 3), TEXT, r"y holds bytes"),
        ([0, np.nan, 1], NUMBERS, r"y has missing labels"),
        ([None, 1, 1], NUMBERS, r"y has missing labels"),
        (np.array(["no", None, "yes"], dtype=object), TEXT, r"y has missing labels"),
        (np.array(["no", np.nan, "yes"], dtype=object), TEXT, r"y has missing labels"),
        ([0, 1], NUMBERS, r"y of shape \(2,\) must hold one label for each of the 3 cases"),
        (np.eye(3), NUMBERS, r"y of shape \(3, 3\) must hold one label"),
        (None, NUMBERS, r"y of shape \(\) must hold one label"),
        (np.array(["NaT"] * 3, "M8[D]"), np.array(["2020-01-01"], "M8[D]"), r"missing labels"),
    ],
)
def test_what_can_never_be_equal_is_refused(y, classes, message):
    with pytest.raises(ValueError, match=message):
        check_truth(y, classes, 3)
