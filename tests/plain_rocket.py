"""Random-kernel features by plain loops, and series to try them on."""

import itertools

import numpy as np
import torch

SIZES = [(1, 1), (1, 2), (1, 5), (1, 9), (1, 40), (3, 24)]

GAPS = ("few", "many", "long", "ended", "a dead channel")


def with_gaps(x, kind):
    """Leave values out of series (N, C, T), in one of several ways."""
    x = x.clone()
    length = x.shape[-1]
    random = torch.Generator().manual_seed(length)
    if kind == "few":
        x[2, 0, length // 3] = torch.nan
        x[1, -1, 0] = torch.nan
        x[0, :, length // 4] = torch.nan
    elif kind == "many":
        x[torch.rand(x.shape, generator=random) < 0.4] = torch.nan
    elif kind == "long":  # some longer than what is bridged
        for case, start in enumerate(range(1, 1 + len(x))):
            x[case, :, start : start + 15 + case] = torch.nan
            x[case, 0, start + 20 : start + 24] = torch.nan
    elif kind == "ended":
        for case in range(len(x)):
            x[case, :, length // (case + 1) :] = torch.nan
            x[case, 0, length // (case + 2) :] = torch.nan
    else:
        x[:, 0] = torch.nan
        x[0] = torch.nan
    return x


def walks(n_cases, n_channels, n_timepoints, seed=0):
    """Random walks (N, C, T) of unit spread, float32."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n_cases, n_channels, n_timepoints)).cumsum(-1)
    return torch.as_tensor((x - x.mean()) / max(x.std(), 1e-3), dtype=torch.float32)


def known_at(values, now, limit):
    """Series and difference (C, m) as known when point ``now`` is there, by loops.

    The latest value stands in a gap; where the next value is there too, a line bridges it.
    """
    series = np.zeros(values.shape)
    change = np.zeros(values.shape)
    for channel, row in enumerate(values):
        known = [time for time in range(now + 1) if not np.isnan(row[time])]
        for time in range(now + 1):
            before = [t for t in known if t <= time]
            after = [t for t in known if t >= time]
            if not before:
                continue
            low = before[-1]
            step = 0.0
            if after and after[0] > low:
                share = np.float32(time - low) / np.float32(after[0] - low)
                step = np.round(np.float32(row[after[0]] - row[low]) * share)
            series[channel, time] = row[low] + step
            if time > known[0]:
                change[channel, time] = series[channel, time] - series[channel, time - 1]
    return series, np.clip(change, -limit, limit)


def read_times(values, longest):
    """Say when each time of (C, m) is read, None where it never is, by a loop."""
    given = ~np.isnan(values).all(0)
    times = np.flatnonzero(given)
    at = []
    for time in range(values.shape[1]):
        later, earlier = times[times >= time], times[times <= time]
        inside = len(later) and len(earlier)
        short = inside and later[0] - earlier[-1] - 1 <= longest
        at.append(int(later[0]) if inside and (given[time] or short) else None)
    return at


def shares_by_loops(module, series, longest=64):
    """Shares of one prefix (C, m) in float64, window by window."""
    weights = {
        tuple(2 if tap in chosen else -1 for tap in range(9))
        for chosen in itertools.combinations(range(9), 3)
    }
    length = series.shape[1]
    step = 2.0 ** module.exponents.numpy()[:, None]
    limit = float(2**24 // (12 * int(module.mixing.sum(-1).max())))
    values = np.clip(np.round(series.astype(np.float64) / step), -limit, limit)
    given = ~np.isnan(values)
    reached = max([time + 1 for time in range(length) if given[:, time].any()], default=0)
    read_at = read_times(values, longest)
    seen = [None if now is None else known_at(values, now, limit) for now in read_at]
    golden = (np.sqrt(5) + 1) / 2
    n_biases, n_rows, _ = module.biases.shape
    result = np.zeros(module.biases.shape)
    for row in range(n_rows):
        is_level = row == n_rows - 1  # the last one reads values themselves
        is_change = n_rows // 2 <= row < n_rows - 1
        dilation = int(module.dilations[row])
        if 8 * dilation >= length and dilation > 1:
            continue
        if not is_level:
            assert {tuple(k) for k in module.kernels[row].tolist()} == weights
        n_mixtures = module.mixing.shape[1]
        windows = np.zeros((n_mixtures, length, 9))
        new = np.zeros((n_mixtures, length), dtype=bool)
        for mixture, time in np.ndindex(n_mixtures, length):
            now = read_at[time]
            if now is None:
                continue
            members = module.mixing[row, mixture].numpy() == 1
            # a channel is new if a value of it comes with this time, or ends its gap
            came = given[:, time] | (given[:, now] & given[:, :time].any(1))
            new[mixture, time] = came[members].any()
            for tap in range(9):
                at = time - (8 - tap) * dilation
                if at >= 0:
                    windows[mixture, time, tap] = seen[time][is_change][members, at].sum()
        for kernel in range(84):
            mixture = kernel // (84 // n_mixtures)
            taps = windows[mixture]
            outputs = taps @ module.kernels[row, kernel].numpy().astype(np.float64)
            if is_level:
                outputs = taps[:, -1]
            valid = outputs[new[mixture]]
            fits = 8 * dilation < reached or dilation == 1
            for bias in range(n_biases):
                if fits and len(valid):
                    above = (valid > float(module.biases[bias, row, kernel])).mean()
                else:  # what is typical: the share above a quantile
                    above = 1 - (golden * (kernel * n_biases + bias + 1)) % 1
                result[bias, row, kernel] = above
    return result.ravel()
