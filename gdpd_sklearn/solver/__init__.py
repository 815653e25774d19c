"""Solver: students of fixed backbones in closed form, with exact left-out margins."""

from gdpd_sklearn.solver._batches import solve_in_batches
from gdpd_sklearn.solver._compact import CompactFeatures
from gdpd_sklearn.solver._coordinates import MOST_COORDINATES, Coordinates
from gdpd_sklearn.solver._ridge import (
    RidgeHeads,
    RidgeSettings,
    class_targets,
    solve_ridge,
    solve_ridge_each,
)
from gdpd_sklearn.solver._sharpness import fit_sharpness
from gdpd_sklearn.solver._solve import Solved, solve
from gdpd_sklearn.solver._taught import Lesson
from gdpd_sklearn.solver._unfold import Unfolded, unfold

__all__ = [
    "MOST_COORDINATES",
    "CompactFeatures",
    "Coordinates",
    "Lesson",
    "RidgeHeads",
    "RidgeSettings",
    "Solved",
    "Unfolded",
    "class_targets",
    "fit_sharpness",
    "solve",
    "solve_in_batches",
    "solve_ridge",
    "solve_ridge_each",
    "unfold",
]
