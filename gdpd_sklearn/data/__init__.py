"""Data: prefixes, scaling and batches."""

from gdpd_sklearn.data._batches import count_batches, epoch_batches
from gdpd_sklearn.data._channels import resolve_channels
from gdpd_sklearn.data._prefix import (
    resolve_classification_points,
    resolve_prefix_length,
    stretch_positions,
)
from gdpd_sklearn.data._split import stratified_holdout
from gdpd_sklearn.data._view import SCALINGS, PrefixView

__all__ = [
    "SCALINGS",
    "PrefixView",
    "count_batches",
    "epoch_batches",
    "resolve_channels",
    "resolve_classification_points",
    "resolve_prefix_length",
    "stratified_holdout",
    "stretch_positions",
]
