"""Figures that authors of other methods published on the same splits, as rows beside ours.

They are rounded to percents, and decide at points of their own. SR1-CF1 was fitted for the linear
cost of α = 0.8, which is also ECEC's own; other costs are those of the same decisions. SR1-CF1:
Mori, Mendiburu, Dasgupta & Lozano, IEEE TNNLS 2018. ECEC: Lv, Hu, Li & Li, IEEE Access 2019. Both
as collected by Rußwurm et al. in the tables of ELECTS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gdpd_sklearn.metrics import harmonic_mean

__all__ = ["PUBLISHED", "published_rows"]

PUBLISHED: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "SR1-CF1 (published)": {
        "CBF": (0.89, 0.270), "Coffee": (0.93, 0.459), "ECG200": (0.86, 0.108),
        "ECGFiveDays": (0.62, 0.063), "FaceFour": (0.91, 0.201), "GunPoint": (0.93, 0.246),
        "ItalyPowerDemand": (0.90, 0.371), "MoteStrain": (0.78, 0.078),
        "SonyAIBORobotSurface1": (0.81, 0.050), "SonyAIBORobotSurface2": (0.78, 0.128),
        "Trace": (0.81, 0.352), "TwoLeadECG": (0.83, 0.236),
    },
    "ECEC (published)": {
        "CBF": (0.95, 0.409), "Coffee": (0.93, 0.204), "ECG200": (0.86, 0.104),
        "ECGFiveDays": (0.85, 0.457), "FaceFour": (0.85, 0.329), "GunPoint": (0.99, 0.320),
        "ItalyPowerDemand": (0.78, 0.376), "MoteStrain": (0.89, 0.575),
        "SonyAIBORobotSurface1": (0.80, 0.249), "SonyAIBORobotSurface2": (0.78, 0.241),
        "Trace": (0.96, 0.390), "TwoLeadECG": (0.96, 0.398),
    },
}  # fmt: skip
"""Method to set to accuracy and earliness."""


def published_rows(sets: Iterable[str], costs: Mapping[str, float]) -> list[dict[str, Any]]:
    """Give a row for each method and each of the sets that it is known on.

    Parameters
    ----------
    sets : iterable of str
    costs : mapping of str to float
        Name of a column to the α of its AvgCost.
    """
    wanted = set(sets)
    return [
        {
            "contestant": method, "set": name, "accuracy": accuracy, "earliness": earliness,
            "harmonic_mean": float(harmonic_mean(accuracy, earliness)),
            **{column: a * (1 - accuracy) + (1 - a) * earliness for column, a in costs.items()},
        }
        for method, figures in PUBLISHED.items()
        for name, (accuracy, earliness) in figures.items()
        if name in wanted
    ]  # fmt: skip
