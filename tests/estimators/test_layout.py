"""What is no collection of series: the error says what it may be, and what reads it."""

import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from synthetic import make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.data import from_long
from gdpd_sklearn.networks import Rocket

X, Y = make_series(20)
LONG = pd.DataFrame(
    {
        "case": np.repeat(np.arange(20), 20),
        "time": np.tile(np.arange(20), 20),
        "value": X.ravel(),
        "label": np.repeat(Y, 20),
    }
)
SMALL = {"student": Rocket(100), "random_state": 0}


LAYOUTS = {
    "long": (LONG, "Found X = 400 and y = 20.*from_long"),
    "long, text": (LONG.assign(case="p" + LONG["case"].astype(str)), r"from_long.*\['case'\] hold"),
    "wide, text": (pd.DataFrame(X[:, 0]).assign(label="a"), r"numbers alone \(columns \['label'\]"),
    "wide, objects": (pd.DataFrame(X[:, 0]).astype(object), r"columns \[0, 1, 2, 3, 4\] hold"),
    "tensor": (torch.as_tensor(X), r"X\.numpy\(\)"),
    "lists": (X.tolist(), r"numpy\.array\(X\)"),
    "dict": (dict(enumerate(X)), r"list\(X\.values\(\)\)"),
    "objects": (np.array([*X, None], dtype=object)[:-1], r"list\(X\)"),
    "one series": (X[0, 0], r"n_channels, n_timepoints\).*from_long"),
    "four axes": (X[None], r"n_channels, n_timepoints\).*from_long"),
}


@pytest.mark.parametrize("estimator", [GDPDClassifier, GDPDEarlyClassifier])
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_refused_layout_is_told_what_reads_it(name, estimator):
    data, message = LAYOUTS[name]
    with pytest.raises((TypeError, ValueError), match=f"(?s){message}"):
        estimator(**SMALL).fit(data, Y)


def test_what_the_message_names_reads_it():
    series = from_long(LONG, case="case", time="time", label="label")
    np.testing.assert_array_equal(series.X, X)
    np.testing.assert_array_equal(series.y, Y)
    expected = GDPDClassifier(**SMALL).fit(X, Y).predict_proba(X)
    found = GDPDClassifier(**SMALL).fit(series.X, series.y).predict_proba(series.X)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("estimator", [GDPDClassifier, GDPDEarlyClassifier])
def test_transposed_series_are_suspected(estimator):
    series, y = make_series(12, n_channels=2, n_timepoints=40)
    with pytest.warns(UserWarning, match=r"40 channels of 2 time points.*swapaxes\(X, 1, 2\)"):
        estimator(**SMALL).fit(np.swapaxes(series, 1, 2), y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimator(**SMALL).fit(series, y)
        estimator(**SMALL).fit(np.repeat(series, 16, axis=1)[..., :6], y)  # 32 channels, 6 points
