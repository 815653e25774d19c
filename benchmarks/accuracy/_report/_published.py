"""The paper's own figures: averages of AUC-PRC × 100 over its UCR-12, LSTM3-100 → LSTM3-100.

They were chosen on the test split and averaged over twelve sets of which six are known; they stand
beside ours for orientation, not as a target.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["AVERAGES", "N_DIFFUSION_STEPS", "RANKS", "WEIGHTS", "average"]

AVERAGES: Mapping[float, Mapping[str, float]] = {
    0.2: {"none": 63.64, "kd": 69.23, "fitnets": 67.47, "gdpd": 73.83},
    0.4: {"none": 70.44, "kd": 78.03, "fitnets": 75.36, "gdpd": 81.70},
    0.5: {"rkd": 79.89, "gdpd": 84.64},
    0.6: {"none": 76.79, "kd": 83.70, "fitnets": 81.15, "gdpd": 86.00},
    0.8: {"none": 77.79, "kd": 84.78, "fitnets": 82.74, "gdpd": 89.02},
}
"""By earliness and distiller; at 0.5 the best two of twelve."""

RANKS: Mapping[float, Mapping[str, float]] = {0.5: {"gdpd": 2.25}}
"""Average rank among twelve distillers."""

WEIGHTS: Mapping[float, float] = {
    0.0: 83.90, 0.01: 86.41, 0.1: 91.91, 0.5: 93.72, 1.0: 97.26, 10.0: 91.87, 100.0: 88.61,
}  # fmt: skip
"""GDPD by its weight, on one set that the paper does not name where we could read."""

N_DIFFUSION_STEPS: Mapping[int, float] = {100: 93.29, 500: 95.33, 800: 92.49, 1000: 97.26}
"""GDPD by the number of diffusion steps, on the same set."""


def average(suite: str, earliness: float, distiller: str) -> float | None:
    """Give the paper's average, where there is one for this suite."""
    if suite != "UCR-12":
        return None
    return AVERAGES.get(earliness, {}).get(distiller)
