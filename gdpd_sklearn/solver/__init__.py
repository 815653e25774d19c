"""Solver: linear heads in closed form, with exact left-out margins."""

from gdpd_sklearn.solver._ridge import (
    Coordinates,
    RidgeHeads,
    RidgeSettings,
    class_targets,
    solve_ridge,
)
from gdpd_sklearn.solver._sharpness import fit_sharpness

__all__ = [
    "Coordinates",
    "RidgeHeads",
    "RidgeSettings",
    "class_targets",
    "fit_sharpness",
    "solve_ridge",
]
