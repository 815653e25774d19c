"""Random-kernel features: against plain loops, causal to the last bit, any length."""

import itertools

import numpy as np
import pytest
import torch

from gdpd_sklearn.networks import Rocket, RocketFeatures, RocketStream
from gdpd_sklearn.networks._exceedances import _by_numpy, _by_torch, add_exceedances
from gdpd_sklearn.networks._rocket_graph import traced_features

SIZES = [(1, 1), (1, 2), (1, 5), (1, 9), (1, 40), (3, 24)]


def _series(n_cases, n_channels, n_timepoints, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=(n_cases, n_channels, n_timepoints)).cumsum(-1)
    return torch.as_tensor((x - x.mean()) / max(x.std(), 1e-3), dtype=torch.float32)


@pytest.fixture(params=SIZES, ids=str)
def fitted(request):
    x = _series(5, *request.param)
    return RocketFeatures.fit(x, seed=3, n_features=1000), x


def _by_loops(module, series):
    """Shares of one prefix (C, m) in float64, value by value; NaN windows are left out."""
    weights = {
        tuple(2 if tap in chosen else -1 for tap in range(9))
        for chosen in itertools.combinations(range(9), 3)
    }
    length = series.shape[1]
    step = 2.0 ** module.exponents.numpy()[:, None]
    limit = float(2**24 // (12 * int(module.mixing.sum(-1).max())))
    values = np.clip(np.round(series.astype(np.float64) / step), -limit, limit)
    change = np.clip(np.diff(values, prepend=values[:, :1]), -limit, limit)
    n_biases, n_rows, _ = module.biases.shape
    result = np.zeros(module.biases.shape)
    for row in range(n_rows):
        is_level = row == n_rows - 1
        of = change if n_rows // 2 <= row < n_rows - 1 else values
        dilation = int(module.dilations[row])
        if 8 * dilation >= length and dilation > 1:
            continue
        if not is_level:
            assert {tuple(k) for k in module.kernels[row].tolist()} == weights
        for kernel in range(84):
            mixture = kernel // (84 // module.mixing.shape[1])
            members = module.mixing[row, mixture].numpy() == 1
            above, valid = np.zeros(n_biases), 0
            for time in range(length):
                output = 0.0
                if is_level:
                    output = values[members, time].sum()
                for tap in range(0 if is_level else 9):
                    at = time - (8 - tap) * dilation
                    if at >= 0:
                        output += int(module.kernels[row, kernel, tap]) * of[members, at].sum()
                if not np.isnan(output):
                    valid += 1
                    above += output > module.biases[:, row, kernel].numpy()
            result[:, row, kernel] = above / max(valid, 1)
    return result.ravel()


def _assert_equal(one, other):
    for a, b in zip(one, other, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_features_against_a_loop(size, missing):
    x = _series(3, *size)
    if missing:
        x = x.clone()
        x[0, -1, size[1] // 2] = torch.nan
        x[1, 0, 3 * size[1] // 4 :] = torch.nan
    module = RocketFeatures.fit(x, seed=1, n_features=400)
    lengths = sorted({1, (size[1] + 1) // 2, size[1]})
    features = module(x, lengths)
    assert features.shape == (len(lengths), 3, module.n_features)
    for point, length in enumerate(lengths):
        for case in range(3):
            expected = _by_loops(module, x[case, :, :length].numpy())
            np.testing.assert_allclose(features[point, case], expected, atol=1e-6)


def test_a_prefix_alone_gives_what_the_complete_series_gives(fitted):
    module, x = fitted
    lengths = range(1, x.shape[-1] + 1)
    whole = module(x, lengths)
    for length, expected in zip(lengths, whole, strict=True):
        assert torch.equal(module(x[..., :length], [length])[0], expected)
        assert torch.equal(module(x[1:2, :, :length], [length])[0], expected[1:2])


def test_batches_and_blocks_change_nothing(fitted, monkeypatch):
    module, x = fitted
    many = x.repeat(7, 1, 1)
    length = x.shape[-1]
    expected = module(x, [length])[0].repeat(7, 1)
    assert torch.equal(module(many, [length])[0], expected)
    for outputs, points in ((84, 1), (84 * 6, 5), (2**20, 128)):
        monkeypatch.setattr("gdpd_sklearn.networks._rocket_features._BLOCK_OUTPUTS", outputs)
        monkeypatch.setattr("gdpd_sklearn.networks._rocket_features._BLOCK_POINTS", points)
        assert torch.equal(module(many, [length])[0], expected)


@pytest.mark.parametrize("sizes", [(1,), (1, 2, 3), (4, 1, 7)])
@pytest.mark.parametrize("missing", [False, True])
def test_a_stream_gives_what_the_complete_series_gives(fitted, sizes, missing):
    module, x = fitted
    if missing:
        x = x.clone()
        x[2, 0, x.shape[-1] // 3] = torch.nan
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
    x = _series(2, 1, 40)
    module = RocketFeatures.fit(x, seed=0, n_features=500)
    _, young = module.advance(x[:1, :, :5], None)
    _, old = module.advance(x[1:, :, :30], None)
    merged = type(young)(*(torch.cat(pair) for pair in zip(young, old, strict=True)))
    fresh = torch.stack([x[0, :, 5:9], x[1, :, 30:34]])
    features, _ = module.advance(fresh, merged)
    assert torch.equal(features[0], module(x[:1], [9])[0, 0])
    assert torch.equal(features[1], module(x[1:], [34])[0, 0])


def test_all_follows_from_the_seed():
    x = _series(6, 2, 30)
    one, same, other = (RocketFeatures.fit(x, seed, 1000).state_dict() for seed in (4, 4, 5))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["biases"], other["biases"])
    assert not torch.equal(one["mixing"], other["mixing"])


def test_a_module_is_restored_from_its_buffers():
    x = _series(6, 2, 30)
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
    x = _series(6, 1, 40)
    one = RocketFeatures.fit(x, 0, 500)(x, [20, 40])
    tiny = x * 2.0**-40
    assert torch.equal(RocketFeatures.fit(tiny, 0, 500)(tiny, [20, 40]), one)


def test_dilations_reach_an_eighth_of_the_series():
    for n_timepoints, longest in ((1, 1), (9, 1), (17, 2), (100, 12), (500, 62)):
        dilations = RocketFeatures(1, n_timepoints, 0).dilations
        assert dilations.min() == 1
        assert dilations.max() == longest
        assert 8 * longest < max(n_timepoints, 9)


def test_the_width_is_bounded():
    for n_features in (252, 1000, 10_000):
        for n_timepoints in (20, 200):
            width = RocketFeatures(1, n_timepoints, 0, n_features).n_features
            assert n_features / 2 <= width <= n_features


@pytest.mark.parametrize("lengths", [[0], [3, 3], [5, 4], [41]])
def test_bad_lengths_are_named(lengths):
    x = _series(3, 1, 40)
    with pytest.raises(ValueError, match="lengths"):
        RocketFeatures.fit(x, 0, 200)(x, lengths)


def test_bad_shapes_are_named():
    x = _series(3, 2, 12)
    module = RocketFeatures.fit(x, 0, 200)
    with pytest.raises(ValueError, match="2 channels"):
        module(x[:, :1], [5])
    with pytest.raises(ValueError, match="at least one series"):
        module.set_biases(x[:0], 0)


@pytest.mark.parametrize("missing", [False, True])
def test_the_stream_in_numpy_is_the_module(fitted, missing):
    module, x = fitted
    if missing:
        x = x.clone()
        x[2, 0, x.shape[-1] // 3] = torch.nan
        x[3, -1, 0] = torch.nan
    stream = RocketStream(module)
    state, theirs, read = stream.start(len(x)), None, 0
    for size in itertools.cycle((1, 2, 5)):
        fresh = x[..., read : read + size]
        if not fresh.shape[-1]:
            break
        read += fresh.shape[-1]
        state = stream.push(fresh.numpy(), state)
        expected, theirs = module.advance(fresh, theirs)
        np.testing.assert_array_equal(stream.features(state), expected)
        for mine, other in zip(state, theirs, strict=True):
            np.testing.assert_array_equal(mine, other)
    assert read == x.shape[-1]


def test_all_channels_and_points_are_seen():
    x = _series(5, 3, 24)
    rocket = Rocket(n_features=1000)
    network = rocket.build(3, 24, 2, seed=0)
    rocket.prepare(network, x, seed=0)
    expected = network(x).pooled
    for channel, point in itertools.product(range(3), range(24)):
        other = x.clone()
        other[:, channel, point] += 5
        assert (network(other).pooled != expected).any(1).all()


def test_the_network_answers_along_the_series_and_goes_on():
    x, lengths = _series(4, 2, 30), (3, 9, 30)
    rocket = Rocket(n_features=1000)
    network = rocket.build(2, 30, 3, seed=1)
    rocket.prepare(network, x, seed=1)
    together = network.at_steps(x, torch.tensor(lengths))
    state, read = None, 0
    for point, length in enumerate(lengths):
        alone = network(x[..., :length])
        rows = slice(4 * point, 4 * point + 4)
        assert torch.equal(together.pooled[rows], alone.pooled)
        torch.testing.assert_close(together.logits[rows], alone.logits)
        logits, state = network.advance(x[..., read:length], state)
        torch.testing.assert_close(logits, alone.logits)
        read = length


def test_nothing_but_the_head_is_trainable():
    network = Rocket(n_features=400).build(1, 20, 2, seed=0)
    assert {name for name, _ in network.named_parameters()} == {"head.weight", "head.bias"}


@pytest.mark.parametrize("missing", [False, True])
def test_the_graph_for_export_is_the_module(fitted, missing):
    module, x = fitted
    if missing:
        x = x.clone()
        x[2, 0, x.shape[-1] // 3] = torch.nan
    assert torch.equal(traced_features(module, x), module(x, [x.shape[-1]])[0])


def test_counts_by_numpy_and_by_torch_are_sums_over_times():
    generator = torch.Generator().manual_seed(0)
    outputs = torch.randint(-3, 4, (2, 3, 11, 4, 7), generator=generator).float()
    biases = torch.randint(-3, 4, (5, 2, 21), generator=generator).float()
    start = torch.randint(0, 9, (4, 5, 2, 21), generator=generator, dtype=torch.int32)
    flat = outputs.permute(2, 3, 0, 1, 4).reshape(11, 4, 1, 2, 21)  # (t, n, 1, rows, kernels)
    expected = start + (flat > biases).sum(0)
    for add in (add_exceedances, _by_numpy, _by_torch):
        counts = start.clone()
        add(outputs, biases, counts)
        assert torch.equal(counts, expected.int())
