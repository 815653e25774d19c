"""Data: prefixes, scaling and batches."""

from gdpd_sklearn.data._batches import count_batches, epoch_batches
from gdpd_sklearn.data._channels import resolve_channels
from gdpd_sklearn.data._mapped import MappedSeries, Series, select_cases
from gdpd_sklearn.data._prefix import (
    resolve_classification_points,
    resolve_prefix_length,
    stretch_positions,
)
from gdpd_sklearn.data._split import stratified_holdout
from gdpd_sklearn.data._view import SCALINGS, PrefixView

__all__ = [
    "SCALINGS",
    "MappedSeries",
    "PrefixView",
    "Series",
    "count_batches",
    "epoch_batches",
    "resolve_channels",
    "resolve_classification_points",
    "resolve_prefix_length",
    "select_cases",
    "stratified_holdout",
    "stretch_positions",
]
