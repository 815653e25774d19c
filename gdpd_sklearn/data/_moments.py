"""Mean and spread of training series, in memory or in a file, with or without gaps."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.data._mapped import MappedSeries, Series

__all__ = ["DOUBLE_ROUNDING", "mean_from", "moments", "warn_of_outliers"]

# Of a value in double precision, what is below this share may be rounding.
DOUBLE_ROUNDING = 1e-13

# Where half of the cases differ by less than this share of a standard deviation, few made it.
_ERASED = 1e-3

# Cases, and values, whose moments are taken at once: double precision needs twice the memory.
_CHUNK = 2**16
_CHUNK_VALUES = 2**26


def _chunks(X: Series) -> Iterator[NDArray[np.floating]]:
    """Part series by cases, in the precision they come in."""
    size = max(1, min(_CHUNK, _CHUNK_VALUES // (X.shape[1] * X.shape[2])))
    if isinstance(X, MappedSeries):
        yield from X.chunks(size)
    else:
        yield from (X[start : start + size] for start in range(0, len(X), size))


def moments(X: Series) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation per channel, in two passes over chunks of cases.

    The third are the mean squares about the mean, case by case: (N, C). Gaps (NaN) do not count; of
    a channel without values the mean is 0, and of a case without values the square is typical.
    """
    count = X.shape[0] * X.shape[2]
    mean = sum(chunk.sum(axis=(0, 2), dtype=np.float64) for chunk in _chunks(X)) / count
    if np.isnan(mean).any():
        return _moments_of_gaps(X)
    squares = [np.square(chunk - mean[:, None]).sum(axis=2) for chunk in _chunks(X)]
    total = sum(each.sum(axis=0) for each in squares)
    std = np.sqrt(total / count).astype(np.float64)
    return mean, std, np.concatenate(squares) / X.shape[2]


def _moments_of_gaps(
    X: Series,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Give :func:`moments` of series with missing values."""
    counts = np.concatenate([(~np.isnan(chunk)).sum(axis=2) for chunk in _chunks(X)])
    count = np.maximum(counts.sum(axis=0), 1)
    sums = [np.nansum(chunk, axis=(0, 2), dtype=np.float64) for chunk in _chunks(X)]
    mean = np.asarray(sum(sums) / count)
    squares = np.concatenate(
        [np.nansum(np.square(chunk - mean[:, None]), axis=2) for chunk in _chunks(X)]
    )
    variance = squares.sum(axis=0) / count
    by_case = np.where(counts > 0, squares / np.maximum(counts, 1), variance)
    return mean, np.sqrt(variance), by_case


def mean_from(X: Series, origin: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean per channel of what is left when ``origin`` is taken off: (C,)."""
    left = [(chunk - origin[:, None]).sum(axis=(0, 2)) for chunk in _chunks(X)]
    mean = np.asarray(sum(left), dtype=np.float64) / (X.shape[0] * X.shape[2])
    if np.isnan(mean).any():
        left = [np.nansum(chunk - origin[:, None], axis=(0, 2)) for chunk in _chunks(X)]
        counts = sum((~np.isnan(chunk)).sum(axis=(0, 2)) for chunk in _chunks(X))
        mean = np.asarray(sum(left), dtype=np.float64) / np.maximum(counts, 1)
    return mean


def warn_of_outliers(
    X: Series,
    mean: NDArray[np.float64],
    std: NDArray[np.float64],
    squares: NDArray[np.float64],
) -> None:
    """Warn where a few values make a scale in which the other cases are all alike."""
    # the mean of squares is far from their median first: other sets need no further pass
    suspects = np.flatnonzero(np.median(squares, axis=0) < 0.1 * squares.mean(axis=0))
    if len(suspects) == 0:
        return
    middle = np.median(
        np.concatenate([each.mean(axis=2, dtype=np.float64) for each in _known(X, mean)]), axis=0
    )
    about = [np.square(each - middle[:, None]).mean(axis=2) for each in _known(X, mean)]
    for channel in suspects:
        spreads = np.sqrt(np.concatenate(about)[:, channel])
        varied = spreads[spreads > DOUBLE_ROUNDING * abs(middle[channel])]
        if len(varied) and np.median(varied) < _ERASED * std[channel]:
            extreme = max(_largest(each[:, channel]) for each in _known(X, mean))
            warnings.warn(
                f"channel {channel} of X holds values as large as {extreme:.3g}, beside "
                f"which scaling='standard' leaves half of the cases a spread of "
                f"{np.median(varied) / std[channel]:.1g}; remove or clip such values, or use "
                f"scaling='prefix'.",
                stacklevel=3,
            )


def _known(X: Series, mean: NDArray[np.float64]) -> Iterator[NDArray[np.floating]]:
    """Part series as :func:`_chunks` does; a gap is no outlier."""
    for chunk in _chunks(X):
        missing = np.isnan(chunk)
        yield np.where(missing, mean[:, None], chunk) if missing.any() else chunk


def _largest(values: NDArray[np.floating]) -> float:
    return float(np.abs(values).max())
