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
    """Shares of one prefix (C, m) in float64, window by window; NaN windows are left out."""
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
        is_level = row == n_rows - 1  # the last one reads values themselves
        of = change if n_rows // 2 <= row < n_rows - 1 else values
        dilation = int(module.dilations[row])
        if 8 * dilation >= length and dilation > 1:
            continue
        if not is_level:
            assert {tuple(k) for k in module.kernels[row].tolist()} == weights
        n_mixtures = module.mixing.shape[1]
        windows = np.zeros((n_mixtures, length, 9))
        for mixture, time, tap in np.ndindex(windows.shape):
            at = time - (8 - tap) * dilation
            if at >= 0:
                members = module.mixing[row, mixture].numpy() == 1
                windows[mixture, time, tap] = of[members, at].sum()
        for kernel in range(84):
            taps = windows[kernel // (84 // n_mixtures)]
            outputs = taps @ module.kernels[row, kernel].numpy().astype(np.float64)
            if is_level:
                outputs = taps[:, -1]
            valid = outputs[~np.isnan(outputs)]
            for bias in range(n_biases):
                above = (valid > float(module.biases[bias, row, kernel])).sum()
                result[bias, row, kernel] = above / max(len(valid), 1)
    return result.ravel()
