"""Published figures beside ours: the means that others have computed of them."""

import numpy as np
import pandas as pd
import pytest

from benchmarks._data import UCR_12
from benchmarks.early._published import PUBLISHED, published_rows

COSTS = {"low": 0.3, "middle": 0.5, "high": 0.8}


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("SR1-CF1 (published)", (0.838, 0.214, 0.799, 0.198, 0.188, 0.173)),
        ("ECEC (published)", (0.883, 0.338, 0.749, 0.271, 0.227, 0.161)),
    ],
)
def test_means_over_the_suite_are_those_of_the_sources(method, expected):
    rows = pd.DataFrame(published_rows(UCR_12, COSTS)).query("contestant == @method")
    assert set(rows["set"]) == set(UCR_12)
    means = rows[["accuracy", "earliness", "harmonic_mean", *COSTS]].mean()
    np.testing.assert_allclose(means, expected, atol=7e-4)


def test_only_sets_of_the_table_are_shown():
    rows = published_rows(["CBF", "Plane"], COSTS)
    assert [(row["contestant"], row["set"]) for row in rows] == [
        (name, "CBF") for name in PUBLISHED
    ]
    assert published_rows(["Plane"], COSTS) == []
