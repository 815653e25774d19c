"""Random-kernel features as a graph, for export: no numpy, no state."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gdpd_sklearn.networks._rocket_features import RocketFeatures
from gdpd_sklearn.networks._rocket_grid import difference_of, round_to_grid

__all__ = ["traced_features"]


def traced_features(module: RocketFeatures, x: Tensor) -> Tensor:
    """Give features of complete series by few calls of torch, each without a loop over parts.

    Parameters
    ----------
    module : RocketFeatures
    x : Tensor of shape (N, C, T)
        Scaled.

    Returns
    -------
    Tensor of float32, shape (N, F)
        Equal to the module's to the last bit; the indicators of all times are in memory at once.
        A series with gaps has none that mean anything.
    """
    values = round_to_grid(x, module.exponents, module.limit)
    fresh = torch.stack([values, difference_of(values, values[..., :1], module.limit)], dim=1)
    n_points, reach = x.shape[-1], module.reach
    series = nn.functional.pad(fresh, (reach, 0)).permute(1, 3, 0, 2)
    times = torch.arange(reach, reach + n_points, device=x.device)
    rows = slice(0, len(module.dilations))
    outputs = module.outputs(module.taps(series, rows, times), rows)
    shape = (*module.mixing.shape[:2], 1, 1, -1)
    above = [outputs > bias.reshape(shape) for bias in module.biases.float()]
    counts = torch.stack([each.float().sum(2) for each in above])  # (q, rows, V, n, k)
    fits = (8 * module.dilations < n_points) | (module.dilations == 1)
    shares = counts / torch.full_like(counts[:1], float(n_points)) * fits[:, None, None, None]
    return shares.permute(3, 0, 1, 2, 4).flatten(1)
