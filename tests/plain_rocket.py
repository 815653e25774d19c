"""Random-kernel features by plain loops, and series to try them on."""

import itertools

import numpy as np
import torch

SIZES = [(1, 1), (1, 2), (1, 5), (1, 9), (1, 40), (3, 24)]


def walks(n_cases, n_channels, n_timepoints, seed=0):
    """Random walks (N, C, T) of unit spread, float32."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n_cases, n_channels, n_timepoints)).cumsum(-1)
    return torch.as_tensor((x - x.mean()) / max(x.std(), 1e-3), dtype=torch.float32)


def shares_by_loops(module, series):
    """Shares of one prefix (C, m) in float64, window by window.

    Windows hold the latest value in a gap; times at which no channel of a sum is new are left out.
    """
    weights = {
        tuple(2 if tap in chosen else -1 for tap in range(9))
        for chosen in itertools.combinations(range(9), 3)
    }
    length = series.shape[1]
    step = 2.0 ** module.exponents.numpy()[:, None]
    limit = float(2**24 // (12 * int(module.mixing.sum(-1).max())))
    values = np.clip(np.round(series.astype(np.float64) / step), -limit, limit)
    given = ~np.isnan(values)
    change = np.zeros_like(values)
    for channel, row in enumerate(values):
        last = None
        for time in range(length):
            if given[channel, time]:
                change[channel, time] = 0 if last is None else row[time] - last
                last = row[time]
            row[time] = 0 if last is None else last
    change = np.clip(change, -limit, limit)
    reached = max([time + 1 for time in range(length) if given[:, time].any()], default=0)
    n_biases, n_rows, _ = module.biases.shape
    golden = (np.sqrt(5) + 1) / 2
    result = np.zeros(module.biases.shape)
    for row in range(n_rows):
        is_level = row == n_rows - 1  # the last one reads values themselves
        of = change if n_rows // 2 <= row < n_rows - 1 else values
        dilation = int(module.dilations[row])
        if 8 * dilation >= length and dilation > 1:
            continue
        if not is_level:
            assert {tuple(k) for k in module.kernels[row].tolist()} == weights
        n_mixtures = module.mixing.shape[1]
        windows = np.zeros((n_mixtures, length, 9))
        new = np.zeros((n_mixtures, length), dtype=bool)
        for mixture, time, tap in np.ndindex(windows.shape):
            at = time - (8 - tap) * dilation
            if at >= 0:
                members = module.mixing[row, mixture].numpy() == 1
                windows[mixture, time, tap] = of[members, at].sum()
                new[mixture, time] = given[members, time].any()
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
