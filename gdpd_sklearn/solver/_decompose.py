"""Features of one prefix, standardised, and the eigenbasis of their smaller Gram matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from gdpd_sklearn._device import sized_for

__all__ = ["Standardised", "decompose_cases", "decompose_features", "positive_part"]

# Features of so many cells are brought to double precision at once; on a GPU 512 MiB.
_CHUNK_CELLS = 2**22
_GPU_CELLS = 2**26
# The Gram matrix of cases is symmetric: about half of it is computed, in blocks of so many rows.
_BLOCK_CASES = 128
# Directions with less than this share of the largest eigenvalue are rounding errors.
_RANK_TOLERANCE = 1e-12


class Standardised:
    """Features less their mean, over √F standard deviations, brought to double in parts."""

    def __init__(self, features: Tensor) -> None:
        n_cases, n_features = features.shape
        self.features = features
        n_cells = sized_for(features.device, cpu=_CHUNK_CELLS, gpu=_GPU_CELLS)
        self.n_rows = max(1, n_cells // n_features)
        self.n_columns = max(1, n_cells // n_cases)
        self.whole: Tensor | None = None  # where one part holds all
        means, scales = [], []
        for part in features.split(self.n_columns, 1):
            double = part.to(torch.float64, copy=True)  # the caller's features stay as they are
            mean = double.mean(0)
            double -= mean
            scale = torch.linalg.vector_norm(double, dim=0) / n_cases**0.5
            # the mean of equal numbers is off by rounding
            scale = torch.where(scale > 1e-9 * mean.abs(), scale, torch.ones_like(scale))
            scale *= n_features**0.5
            means.append(mean)
            scales.append(scale)
            if n_features <= self.n_columns:
                self.whole = double.div_(scale)
        self.mean, self.scale = torch.cat(means), torch.cat(scales)

    def rows(self) -> Iterator[Tensor]:
        """Parts (≤ n, F), one after another."""
        if self.whole is not None:
            yield from self.whole.split(self.n_rows)
            return
        for part in self.features.split(self.n_rows):
            yield (part.double() - self.mean) / self.scale

    def columns(self) -> Iterator[Tensor]:
        """Parts (n, ≤ F), one after another."""
        if self.whole is not None:
            yield self.whole
            return
        parts = (each.split(self.n_columns, -1) for each in (self.features, self.mean, self.scale))
        for part, mean, scale in zip(*parts, strict=True):
            yield (part.double() - mean) / scale

    def average(self, share: Tensor) -> Tensor:
        """Give the mean (F,) by shares of cases (n,)."""
        return torch.cat([share @ part for part in self.columns()])

    @cached_property
    def gram(self) -> Tensor:
        """Inner products of cases (n, n); what lies above the diagonal blocks is mirrored."""
        n_cases = len(self.features)
        gram = self.mean.new_zeros(n_cases, n_cases)
        # to compute it twice takes a GPU less time than to launch the halves
        size = sized_for(gram.device, cpu=_BLOCK_CASES, gpu=n_cases)
        for part in self.columns():
            for start in range(0, n_cases, size):
                stop = min(start + size, n_cases)
                gram[start:stop, :stop].addmm_(part[start:stop], part[:stop].T)
        lower = gram.tril()
        return lower + lower.tril(-1).T


class Decomposition(NamedTuple):
    """The eigenbasis of one prefix's features, centred by the weighted mean."""

    coordinates: Tensor
    eigenvalues: Tensor
    to_features: Callable[[Tensor], Tensor]


def decompose_cases(standard: Standardised, weight: Tensor) -> Decomposition:
    """Decompose the Gram matrix of cases (n, n)."""
    gram = standard.gram
    share = weight / weight.sum()
    middle = gram @ share
    centred = gram - middle - middle[:, None] + share @ middle
    root = weight.sqrt()
    eigenvalues, vectors = positive_part(root[:, None] * centred * root)
    dual = root[:, None] * vectors / eigenvalues.sqrt()

    def to_features(heads: Tensor) -> Tensor:
        # the dual weights of cases sum to zero: the centre plays no part
        return torch.cat([part.T @ (dual @ heads) for part in standard.columns()])

    return Decomposition(centred @ dual, eigenvalues, to_features)


def decompose_features(standard: Standardised, weight: Tensor, centre: Tensor) -> Decomposition:
    """Decompose the Gram matrix of features (F, F)."""
    n_features = len(centre)
    gram = weight.new_zeros(n_features, n_features)
    for part, some in zip(standard.rows(), weight.split(standard.n_rows), strict=True):
        centred = part - centre
        gram.addmm_((centred * some[:, None]).T, centred)
    eigenvalues, vectors = positive_part(gram)
    coordinates = torch.cat([(part - centre) @ vectors for part in standard.rows()])
    return Decomposition(coordinates, eigenvalues, vectors.__matmul__)


def positive_part(gram: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues (r,) and eigenvectors (·, r), without those that are rounding errors."""
    eigenvalues, vectors = torch.linalg.eigh(gram)
    kept = eigenvalues > _RANK_TOLERANCE * max(float(eigenvalues[-1]), 0.0)
    return eigenvalues[kept], vectors[:, kept]
