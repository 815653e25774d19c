"""At which lengths contestants may decide."""

from __future__ import annotations

from gdpd_sklearn.data import LEAST_POINTS

__all__ = ["classification_points"]


def classification_points(n_timepoints: int, least_points: int = LEAST_POINTS) -> tuple[int, ...]:
    """Every 5 % of the length, rounded to time points, none before ``least_points``.

    Raises
    ------
    ValueError
        If the complete series is shorter than that.
    """
    if n_timepoints < least_points:
        raise ValueError(
            f"least_points={least_points} must be at most the length of the series, {n_timepoints}."
        )
    twentieths = {round(k * n_timepoints / 20) for k in range(1, 21)}
    return tuple(sorted(p for p in twentieths if p >= least_points))
