"""The progress of decisions, as a record of its own."""

import numpy as np
import pytest

from gdpd_sklearn.estimators._state import EarlyState


@pytest.fixture
def state():
    """Three points, four cases: not begun, at the first point, at the second, decided there."""
    state = EarlyState(3, 4, 2)
    state.probabilities[:] = np.random.default_rng(0).dirichlet([1, 1], size=(3, 4))
    state.n_seen[:] = [0, 1, 2, 2]
    state.length[:] = [2, 4, 7, 7]
    state.decided[3] = True
    return state


def test_latest_is_the_last_point_passed(state):
    p = state.probabilities
    np.testing.assert_array_equal(state.latest()[1:], [p[0, 1], p[1, 2], p[1, 3]])
    assert len(state) == 4


def test_state_info_is_a_row_of_point_decision_code_and_time(state):
    codes = state.latest().argmax(1)
    np.testing.assert_array_equal(
        state.state_info((3, 6, 9)),
        [[-1, 0, -1, 0], [0, 0, codes[1], 3], [1, 0, codes[2], 6], [1, 1, codes[3], 6]],
    )


def test_those_who_wait_are_a_copy(state):
    waiting = state.undecided()
    assert len(waiting) == 3
    assert not waiting.decided.any()
    np.testing.assert_array_equal(waiting.probabilities, state.probabilities[:, :3])
    assert waiting.n_seen.tolist() == [0, 1, 2]
    assert waiting.length.tolist() == [2, 4, 7]
    before = state.probabilities.copy()
    waiting.probabilities[:] = 0.0
    waiting.decided[:], waiting.n_seen[:] = True, 3
    np.testing.assert_array_equal(state.probabilities, before)
    assert state.decided.tolist() == [False, False, False, True]
    assert len(waiting.undecided()) == 0
