import numpy as np
import pytest

from gdpd_sklearn.data import resolve_channels


@pytest.mark.parametrize(
    ("given", "indices"),
    [
        (None, (0, 1, 2)), (1, (0,)), (3, (0, 1, 2)), (np.int64(2), (0, 1)), ((2,), (2,)),
        ([2, 0], (2, 0)), (np.array([1, 2]), (1, 2)),
    ],
)  # fmt: skip
def test_int_is_the_first_so_many_and_a_sequence_names_them(given, indices):
    resolved = resolve_channels(given, 3)
    assert resolved == indices
    assert all(type(index) is int for index in resolved)


@pytest.mark.parametrize(
    "given", [0, 4, -1, True, 1.0, "0", (), (3,), (-1,), (1, 1), (0.0,), (True,), np.array(3)]
)
def test_anything_else_is_refused(given):
    with pytest.raises(ValueError, match=r"channels=.*int in \[1, 3\].*indices in \[0, 2\]"):
        resolve_channels(given, 3)
