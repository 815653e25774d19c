"""Random-kernel features: against plain loops, causal to the last bit, any length."""

import itertools

import numpy as np
import pytest
import torch
from plain_rocket import GAPS, SIZES, shares_by_loops, walks, with_gaps

from gdpd_sklearn.networks import RocketFeatures


def _assert_equal(one, other):
    for a, b in zip(one, other, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("gaps", [None, *GAPS])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_features_against_a_loop(size, gaps, monkeypatch):
    longest = 15 if gaps == "long" else 64  # of these series' gaps some are longer
    for name in ("_rocket_grid", "_rocket_features"):
        monkeypatch.setattr(f"gdpd_sklearn.networks.{name}.LONGEST_BRIDGE", longest)
    x = walks(3, *size)
    x = x if gaps is None else with_gaps(x, gaps)
    module = RocketFeatures.fit(x, seed=1, n_features=300)
    lengths = sorted({1, (size[1] + 1) // 2, size[1]})
    features = module(x, lengths)
    assert features.shape == (len(lengths), 3, module.n_features)
    for point, length in enumerate(lengths):
        for case in range(3):
            expected = shares_by_loops(module, x[case, :, :length].numpy(), longest)
            np.testing.assert_allclose(features[point, case], expected, atol=1e-6)


def test_a_prefix_alone_gives_what_the_complete_series_gives(fitted_rocket):
    module, x = fitted_rocket
    lengths = range(1, x.shape[-1] + 1)
    whole = module(x, lengths)
    for length, expected in zip(lengths, whole, strict=True):
        assert torch.equal(module(x[..., :length], [length])[0], expected)
        assert torch.equal(module(x[1:2, :, :length], [length])[0], expected[1:2])


def test_batches_and_blocks_change_nothing(fitted_rocket, monkeypatch):
    module, x = fitted_rocket
    many = x.repeat(7, 1, 1)
    length = x.shape[-1]
    expected = module(x, [length])[0].repeat(7, 1)
    assert torch.equal(module(many, [length])[0], expected)
    for outputs, points in ((84, 1), (84 * 6, 5), (2**20, 128)):
        monkeypatch.setattr("gdpd_sklearn.networks._rocket_features._BLOCK_OUTPUTS", outputs)
        monkeypatch.setattr("gdpd_sklearn.networks._rocket_features._BLOCK_POINTS", points)
        assert torch.equal(module(many, [length])[0], expected)


@pytest.mark.parametrize("sizes", [(1,), (1, 2, 3), (4, 1, 7)])
@pytest.mark.parametrize("gaps", [None, *GAPS])
def test_a_stream_gives_what_the_complete_series_gives(fitted_rocket, sizes, gaps):
    module, x = fitted_rocket
    x = x if gaps is None else with_gaps(x, gaps)
    state, read = None, 0
    for size in itertools.cycle(sizes):
        fresh = x[..., read : read + size]
        if not fresh.shape[-1]:
            break
        read += fresh.shape[-1]
        before = state
        kept = None if before is None else [each.clone() for each in before]
        nothing, state = module.advance(fresh, before, answer=False)
        assert nothing is None
        features, again = module.advance(fresh, before)
        assert torch.equal(features, module(x, [read])[0])
        _assert_equal(state, again)
        assert all(len(each) == len(x) for each in state)
        if kept is not None:
            _assert_equal(before, kept)
    assert read == x.shape[-1]


def test_streams_of_different_ages_in_one_batch():
    x = walks(2, 1, 40)
    module = RocketFeatures.fit(x, seed=0, n_features=500)
    _, young = module.advance(x[:1, :, :5], None)
    _, old = module.advance(x[1:, :, :30], None)
    merged = type(young)(*(torch.cat(pair) for pair in zip(young, old, strict=True)))
    fresh = torch.stack([x[0, :, 5:9], x[1, :, 30:34]])
    features, _ = module.advance(fresh, merged)
    assert torch.equal(features[0], module(x[:1], [9])[0, 0])
    assert torch.equal(features[1], module(x[1:], [34])[0, 0])


def test_all_follows_from_the_seed():
    x = walks(6, 2, 30)
    one, same, other = (RocketFeatures.fit(x, seed, 1000).state_dict() for seed in (4, 4, 5))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["biases"], other["biases"])
    assert not torch.equal(one["mixing"], other["mixing"])


def test_a_module_is_restored_from_its_buffers():
    x = walks(6, 2, 30)
    module = RocketFeatures.fit(x, 4, 1000)
    empty = RocketFeatures(2, 30, seed=0, n_features=1000)
    empty.load_state_dict(module.state_dict())
    assert torch.equal(empty(x, [7, 30]), module(x, [7, 30]))
    assert torch.equal(module.double()(x.double(), [7, 30]), empty(x, [7, 30]))


def test_constant_series_and_constant_channels():
    x = torch.zeros(4, 2, 20)
    x[:, 1] = 3.0
    features = RocketFeatures.fit(x, 0, 500)(x, [1, 9, 20])
    assert torch.isfinite(features).all()
    assert (features == features[:, :1]).all()


def test_features_do_not_depend_on_units():
    x = walks(6, 1, 40)
    one = RocketFeatures.fit(x, 0, 500)(x, [20, 40])
    tiny = x * 2.0**-40
    assert torch.equal(RocketFeatures.fit(tiny, 0, 500)(tiny, [20, 40]), one)


def test_the_width_is_bounded():
    for n_features in (252, 1000, 10_000):
        for n_timepoints in (20, 200):
            width = RocketFeatures(1, n_timepoints, 0, n_features).n_features
            assert n_features / 2 <= width <= n_features


@pytest.mark.parametrize("lengths", [[0], [3, 3], [5, 4], [41]])
def test_bad_lengths_are_named(lengths):
    x = walks(3, 1, 40)
    with pytest.raises(ValueError, match="lengths"):
        RocketFeatures.fit(x, 0, 200)(x, lengths)


def test_bad_shapes_are_named():
    x = walks(3, 2, 12)
    module = RocketFeatures.fit(x, 0, 200)
    with pytest.raises(ValueError, match="2 channels"):
        module(x[:, :1], [5])
    with pytest.raises(ValueError, match="at least one series"):
        module.set_biases(x[:0], 0)


# gaps and ends ------------------------------------------------------------------------------------


def test_a_series_that_has_ended_keeps_its_features():
    x = walks(4, 3, 60)
    module = RocketFeatures.fit(x, 0, 1000)
    x[:, 1, 12:] = torch.nan
    x[..., 20:] = torch.nan
    every = module(x, range(20, 61))
    # but for what is typical, where a dilation has its turn now
    fits = every[0] != 0
    for features in every:
        assert torch.equal(features[fits], every[0][fits])


def test_a_channel_that_was_never_seen_has_typical_features():
    x = walks(200, 2, 60)
    module = RocketFeatures.fit(x, 0, 2000)
    complete = module(x, [60])[0].mean(0)
    x[:, 0] = torch.nan
    features = module(x, [60])[0]
    of_first = (features == features[:1]).all(0)
    assert 0.2 < of_first.float().mean() < 0.8
    # typical is at times drawn log-uniformly, so that this is rough
    assert (features[0, of_first] - complete[of_first]).abs().mean() < 0.1
    assert torch.isfinite(module(torch.full_like(x, torch.nan), [1, 60])).all()


def test_a_straight_line_is_read_through_its_gaps():
    line = torch.arange(60.0)[None, None].repeat(2, 1, 1) / 60
    module = RocketFeatures.fit(walks(9, 1, 60), 0, 1000)
    whole = module(line, [60])[0]
    line[0, 0, 11:15] = line[0, 0, 30:46] = torch.nan
    gappy = module(line, [60])[0]
    # the grid is finer than the line is steep
    assert (gappy[0] - whole[0]).abs().max() <= 2 / 60


def test_fits_of_complete_series_do_not_depend_on_how_gaps_are_read():
    x = walks(5, 2, 40)
    module = RocketFeatures.fit(x, 0, 1000)
    padded = torch.nn.functional.pad(x, (0, 3), value=torch.nan)
    again = RocketFeatures(2, 40, 0, 1000)
    again.exponents.copy_(module.exponents)
    again.biases.copy_(module.biases)
    assert torch.equal(again(padded, [40, 43])[0], module(x, [40])[0])
