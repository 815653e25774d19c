"""Distillers: one published method each, free of weights."""

from collections.abc import Mapping

from gdpd_sklearn.distillers._base import (
    DistillationBatch,
    Distiller,
    FeatureShape,
    Progress,
)
from gdpd_sklearn.distillers._gdpd import GDPD
from gdpd_sklearn.distillers._hinton import KD, kd_loss
from gdpd_sklearn.distillers._none import NoDistillation

DISTILLERS: Mapping[str, type[Distiller]] = {
    "none": NoDistillation,
    "kd": KD,
    "gdpd": GDPD,
}
"""Name to distiller; ``distiller=`` takes these names."""

__all__ = [
    "DISTILLERS",
    "GDPD",
    "KD",
    "DistillationBatch",
    "Distiller",
    "FeatureShape",
    "NoDistillation",
    "Progress",
    "kd_loss",
]
