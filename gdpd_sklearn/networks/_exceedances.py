"""How often kernel outputs exceed biases: the inner loop of random-kernel features."""

from __future__ import annotations

import numpy as np
from torch import Tensor

__all__ = ["add_exceedances"]


def add_exceedances(outputs: Tensor, biases: Tensor, counts: Tensor) -> None:
    """Add to ``counts``, in place, at how many times each output is above each bias.

    Parameters
    ----------
    outputs : Tensor of shape (rows, mixtures, t, n, k)
        Outputs of mixtures · k kernels a row, at up to 255 times t of n series.
    biases : Tensor of shape (q, rows, mixtures · k)
        q biases a kernel.
    counts : Tensor of int32, shape (n, q, rows, mixtures · k)
    """
    # numpy compares and adds bytes three times as fast as torch does (measured on one core)
    add = _by_numpy if outputs.device.type == "cpu" else _by_torch
    add(outputs, biases, counts)


def _by_torch(outputs: Tensor, biases: Tensor, counts: Tensor) -> None:
    n_rows, n_mixtures, _, _, n_each = outputs.shape
    for bias, count in zip(biases, counts.unbind(1), strict=True):
        above = outputs > bias.reshape(n_rows, n_mixtures, 1, 1, n_each)
        count += above.sum(2).permute(2, 0, 1, 3).flatten(2)


def _by_numpy(outputs: Tensor, biases: Tensor, counts: Tensor) -> None:
    n_rows, n_mixtures, n_points, n_cases, n_each = outputs.shape
    values, into = outputs.numpy(), counts.numpy()
    above = np.empty(values.shape, dtype=bool)
    as_bytes = above.view(np.uint8).reshape(n_rows * n_mixtures, n_points, n_cases * n_each)
    total = np.empty((n_rows * n_mixtures, n_cases * n_each), dtype=np.uint8)
    for number, bias in enumerate(biases.numpy()):
        np.greater(values, bias.reshape(n_rows, n_mixtures, 1, 1, n_each), out=above)
        np.add.reduce(as_bytes, axis=1, dtype=np.uint8, out=total)
        split = total.reshape(n_rows, n_mixtures, n_cases, n_each).transpose(2, 0, 1, 3)
        into[:, number] += split.reshape(n_cases, n_rows, -1)
