import numpy as np
import pandas as pd
import pytest

from gdpd_sklearn.data import find_unlabelled


@pytest.mark.parametrize(
    ("y", "mark", "found"),
    [
        ([0, 1, -1], -1, [False, False, True]),
        ([0.0, 1.0, -1.0], -1, [False, False, True]),
        (["a", "", "b"], "", [False, True, False]),
        (["a", "?", "b"], "?", [False, True, False]),
        ([1.0, np.nan, 2.0], np.nan, [False, True, False]),
        (np.array(["a", None, np.nan, pd.NA], dtype=object), np.nan, [False, True, True, True]),
        (pd.Series([1, None, 2], dtype="Int64"), np.nan, [False, True, False]),
        (np.array([1, "1", None], dtype=object), "1", [False, True, False]),
        # text is no number, whatever it reads like
        (["-1", "0"], -1, [False, False]),
        ([-1, 0], "-1", [False, False]),
        ([0, 1], None, [False, False]),
    ],
)
def test_marks_are_found(y, mark, found):
    assert find_unlabelled(y, mark).tolist() == found
