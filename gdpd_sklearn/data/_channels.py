"""Channels: which of them the student sees."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["resolve_channels"]


def resolve_channels(channels: Any, n_channels: int) -> tuple[int, ...]:
    """Turn the parameter ``channels`` into indices.

    Parameters
    ----------
    channels : None, int or sequence of int
        None is all of them, an int the first so many, a sequence names them from 0 on.
    n_channels : int
        Channels C of the complete series.

    Returns
    -------
    tuple of int
        At least one index, each at most once, in the order given.

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> from gdpd_sklearn.data import resolve_channels
    >>> resolve_channels(2, n_channels=3), resolve_channels((2, 0), n_channels=3)
    ((0, 1), (2, 0))
    """
    if channels is None:
        return tuple(range(n_channels))
    if isinstance(channels, list | tuple | np.ndarray) and np.ndim(channels):
        whole = all(_is_int(c) and 0 <= c < n_channels for c in channels)
        if whole and 0 < len(channels) == len(set(channels)):
            return tuple(int(c) for c in channels)
    elif _is_int(channels) and 1 <= channels <= n_channels:
        return tuple(range(int(channels)))
    raise ValueError(
        f"channels={channels!r} must be None (all), an int in [1, {n_channels}] (the first so "
        f"many) or a tuple of different indices in [0, {n_channels - 1}]."
    )


def _is_int(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
