"""Fitted models of one shape as one, for quick answers about a few series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from gdpd_sklearn.networks._numpy_layers import Floats, Layer, NoTranslation, in_double, translate
from gdpd_sklearn.networks._prefix_model import PrefixModel, softmax

__all__ = ["Ensemble", "Memory"]

Memory = tuple[Floats, ...]
"""What the layers remember of one series: arrays (P, 1, …)."""


class Ensemble:
    """P fitted models that answer together, in numpy.

    Its probabilities are those of the models: both compute in double precision and round the
    logits to single, where the order of their sums is no more seen. Weights are copied when a
    network is first asked, so that later changes of the models are not.

    Parameters
    ----------
    models : sequence of PrefixModel, length P
        Exact, of one shape, on the CPU; :meth:`of` sees to that.

    Raises
    ------
    NoTranslation
        If they have layers that are not known in numpy.
    """

    def __init__(self, models: Sequence[PrefixModel]) -> None:
        self._models = list(models)
        self._view = view = models[0].view
        # one of them receives for all where their origins agree; each fills gaps by its own mean
        self._views = [model.view for model in models]
        alike = all(view.receives_like(each) for each in self._views)
        self._receivers = [view] if alike else self._views
        # (P, 1, 1, C)
        self._mean, self._std = (
            in_double([getattr(model.view, name)[:, 0] for model in models])[:, None, None]
            for name in ("mean", "std")
        )
        self._positions = [
            (low.numpy(), high.numpy(), weight.numpy().astype(np.float64))
            for low, high, weight in zip(view.low, view.high, view.weight, strict=True)
        ]
        self._networks: dict[int, tuple[list[Layer], Floats, Floats]] = {}
        self._network(0)

    @classmethod
    def of(cls, models: Sequence[PrefixModel]) -> Self | None:
        """Make one of models where that is possible, else None."""
        settings = set()
        for model in models:
            if not isinstance(model, PrefixModel) or not model.exact:
                return None
            view = model.view
            settings.add((view.lengths, view.input_length, view.scaling, view.stretched))
            if view.mean.device.type != "cpu":
                return None
        try:
            return cls(models) if len(settings) == 1 else None
        except NoTranslation:
            return None

    def predict_proba(self, X: NDArray[np.floating], point: int) -> NDArray[np.float64]:
        """Class probabilities of each model's network number ``point``.

        Parameters
        ----------
        X : array of shape (N, C, ≥ lengths[point])
            N may be 0.
        point : int

        Returns
        -------
        ndarray of float64, shape (P, N, K)
        """
        if len(X) == 0:
            return np.empty((len(self._models), 0, self._models[0].n_classes))
        return softmax(self._run(self._seen(X, point), point, iter(()), []), X)

    def advance(
        self, X: NDArray[np.floating], memories: Sequence[Memory] | None
    ) -> tuple[NDArray[np.float64], list[Memory]]:
        """Probabilities of series that go on, at a cost that depends on what is new alone.

        For models that say that they can (:attr:`PrefixModel.advances`).

        Parameters
        ----------
        X : array of shape (N, C, m)
            The next m points.
        memories : sequence of tuple, length N, or None
            What the last call returned for each series; None at the beginning.

        Returns
        -------
        probabilities : ndarray of float64, shape (P, N, K)
            Of all points seen.
        memories : list of tuple, length N
        """
        before: Sequence[Floats] = ()
        if memories is not None:
            before = memories[0] if len(memories) == 1 else [
                np.concatenate(parts, axis=1) for parts in zip(*memories, strict=True)
            ]  # fmt: skip
        after: list[Floats] = []
        x = self._scale(self._received(X))
        probabilities = softmax(self._run(x, 0, iter(before), after), X)
        if len(X) == 1:
            return probabilities, [tuple(after)]
        return probabilities, [
            # copies, so that none holds the others
            tuple(each[:, i : i + 1].copy() for each in after) for i in range(len(X))
        ]  # fmt: skip

    def _run(
        self, x: Floats, point: int, remembered: Iterator[Floats], after: list[Floats]
    ) -> NDArray[np.float32]:
        """Logits (P, N, K)."""
        layers, weight, bias = self._network(point)
        for layer in layers:
            x = layer(x, remembered, after)
        logits: NDArray[np.float32] = (x @ weight + bias).astype(np.float32)
        return logits

    def _network(self, point: int) -> tuple[list[Layer], Floats, Floats]:
        """Layers up to the pool, and weight (P, D, K) and bias (P, 1, K) of the head."""
        number = point if self._view.stretched else 0
        if number not in self._networks:
            networks = [model[point] for model in self._models]
            layers = translate([network.backbone for network in networks])
            layers += translate([network.pool for network in networks])
            weight = in_double([network.head.weight for network in networks])
            bias = in_double([network.head.bias for network in networks])
            self._networks[number] = layers, weight.transpose(0, 2, 1), bias[:, None]
        return self._networks[number]

    def _seen(self, X: NDArray[np.floating], point: int) -> Floats:
        """View a prefix as the networks do: (N, C, m) → (P or 1, N, T, C)."""
        view = self._view
        x = self._received(X[..., : view.lengths[point]])
        if view.scaling == "prefix":
            with torch.inference_mode():
                seen: Floats = view(torch.from_numpy(x[0]), point).numpy()
            return seen.transpose(0, 2, 1)[None]
        if view.stretched:
            low, high, weight = self._positions[point]
            x = x[..., low] * (1.0 - weight) + x[..., high] * weight
        return self._scale(x)

    def _received(self, X: NDArray[np.floating]) -> Floats:
        """Take raw series as the models do, in double precision: (N, C, m) → (P or 1, N, C, m)."""
        receivers = self._views if np.isnan(X).any() else self._receivers
        return np.stack([view.in_single(X) for view in receivers]).astype(np.float64)

    def _scale(self, x: Floats) -> Floats:
        """Scale points as they are, for each model: (P or 1, N, C, T) → (P or 1, N, T, C)."""
        x = x.transpose(0, 1, 3, 2)
        return (x - self._mean) / self._std if self._view.scaling == "standard" else x
