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
        of = change if row >= n_rows // 2 else values
        dilation = int(module.dilations[row])
        if 8 * dilation >= length and dilation > 1:
            continue
        assert {tuple(k) for k in module.kernels[row].tolist()} == weights
        for kernel in range(84):
            mixture = kernel // (84 // module.mixing.shape[1])
            members = module.mixing[row, mixture].numpy() == 1
            above, valid = np.zeros(n_biases), 0
            for time in range(length):
                output = 0.0
                for tap in range(9):
                    at = time - (8 - tap) * dilation
                    if at >= 0:
                        output += int(module.kernels[row, kernel, tap]) * of[members, at].sum()
                if not np.isnan(output):
                    valid += 1
                    above += output > module.biases[:, row, kernel].numpy()
            result[:, row, kernel] = above / max(valid, 1)
    return result.ravel()
