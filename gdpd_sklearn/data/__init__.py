"""Data: how series arrive, prefixes, scaling, splits, batches and blends."""

from gdpd_sklearn.data._arrival import ends_of, ends_of_each, fill_gaps, pad_series, stretch_series
from gdpd_sklearn.data._batches import count_batches, epoch_batches
from gdpd_sklearn.data._blends import Blend, draw_blend
from gdpd_sklearn.data._cases import Cases, to_cases
from gdpd_sklearn.data._channels import resolve_channels
from gdpd_sklearn.data._grid import CELL_RULES, cell_of
from gdpd_sklearn.data._labels import Mark, find_unlabelled, plain_labels
from gdpd_sklearn.data._long import LongSeries, from_long
from gdpd_sklearn.data._mapped import MappedSeries, Series, select_cases
from gdpd_sklearn.data._prefix import (
    LEAST_POINTS,
    resolve_classification_points,
    resolve_prefix_length,
    stretch_positions,
)
from gdpd_sklearn.data._split import stratified_folds, stratified_holdout
from gdpd_sklearn.data._table import numeric_names
from gdpd_sklearn.data._view import SCALINGS, PrefixView

__all__ = [
    "CELL_RULES",
    "LEAST_POINTS",
    "SCALINGS",
    "Blend",
    "Cases",
    "LongSeries",
    "MappedSeries",
    "Mark",
    "PrefixView",
    "Series",
    "cell_of",
    "count_batches",
    "draw_blend",
    "ends_of",
    "ends_of_each",
    "epoch_batches",
    "fill_gaps",
    "find_unlabelled",
    "from_long",
    "numeric_names",
    "pad_series",
    "plain_labels",
    "resolve_channels",
    "resolve_classification_points",
    "resolve_prefix_length",
    "select_cases",
    "stratified_folds",
    "stratified_holdout",
    "stretch_positions",
    "stretch_series",
    "to_cases",
]
