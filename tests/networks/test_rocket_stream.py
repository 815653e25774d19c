"""A stream in numpy gives the features of the module, to the last bit."""

import copy
import itertools
import pickle

import numpy as np
import pytest
import torch
from plain_rocket import GAPS, shares_by_loops, walks, with_gaps

from gdpd_sklearn.networks import RocketFeatures, RocketStream


@pytest.mark.parametrize("sizes", [(1,), (1, 2, 5), (50,)])
@pytest.mark.parametrize("gaps", [None, *GAPS])
def test_the_stream_is_the_module(fitted_rocket, sizes, gaps):
    module, x = fitted_rocket
    x = x if gaps is None else with_gaps(x, gaps)
    expected = module(x, range(1, x.shape[-1] + 1))
    stream = RocketStream(module)
    for case, series in enumerate(x.numpy()):
        state, read = stream.start(), 0
        for size in itertools.cycle(sizes):
            fresh = series[:, read : read + size]
            if not fresh.shape[-1]:
                break
            read += fresh.shape[-1]
            stream.push(fresh, state)
            assert state.n_seen == read
            # twice: an answer leaves the sums as they are
            for _ in range(2):
                np.testing.assert_array_equal(stream.features(state), expected[read - 1, case])
        assert read == x.shape[-1]


@pytest.mark.parametrize("n_channels", [1, 2])
def test_a_series_longer_than_what_is_remembered(n_channels):
    x = walks(3, n_channels, 700)
    x[1, 0, 300] = torch.nan
    x[1, -1, 310:330] = torch.nan
    x[1, :, 350:360] = torch.nan
    x[1, 0, 400:650] = torch.nan
    module = RocketFeatures.fit(x[..., :60], seed=0, n_features=400)
    stream = RocketStream(module)
    expected = module(x, [700])[0]
    for case, size in ((0, 1), (1, 1), (1, 13), (2, 700)):
        state = stream.start()
        for start in range(0, 700, size):
            stream.push(x[case, :, start : start + size].numpy(), state)
        np.testing.assert_array_equal(stream.features(state), expected[case])


def test_features_against_a_loop():
    x = walks(2, 2, 30)
    module = RocketFeatures.fit(x, seed=0, n_features=400)
    stream = RocketStream(module)
    state = stream.start()
    for point in x[1].T:
        stream.push(point[:, None].numpy(), state)
    expected = shares_by_loops(module, x[1].numpy())
    np.testing.assert_allclose(stream.features(state), expected, atol=1e-6)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda state: pickle.loads(pickle.dumps(state))])
def test_a_copied_state_goes_its_own_way(again):
    x = walks(2, 1, 40)
    module = RocketFeatures.fit(x, seed=0, n_features=400)
    stream = RocketStream(module)
    state = stream.start()
    stream.push(x[0, :, :17].numpy(), state)
    other = again(state)
    stream.push(x[0, :, 17:].numpy(), state)
    stream.push(x[0, :, 17:25].numpy(), other)
    np.testing.assert_array_equal(stream.features(state), module(x, [40])[0, 0])
    np.testing.assert_array_equal(stream.features(other), module(x, [25])[0, 0])


def test_a_state_does_not_grow():
    x = walks(1, 1, 200)
    stream = RocketStream(RocketFeatures.fit(x[..., :50], seed=0, n_features=400))
    state = stream.start()
    sizes = []
    for point in x[0].T:
        stream.push(point[:, None].numpy(), state)
        sizes.append(len(pickle.dumps(state)))
    assert max(sizes) - min(sizes) < 100
