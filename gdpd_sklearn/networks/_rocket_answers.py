"""A fitted model of random kernels, for series that come point by point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.networks._prefix_model import PrefixModel, softmax
from gdpd_sklearn.networks._rocket import RocketNetwork
from gdpd_sklearn.networks._rocket_stream import RocketStream, StreamState

__all__ = ["RocketAnswers"]


class RocketAnswers:
    """Sums that grow with each point, and probabilities from them, in numpy.

    The probabilities are those of the model: both add in double precision and round logits to
    single. The weights are copied, so later changes of the model are not seen.

    Parameters
    ----------
    model : PrefixModel
        Exact, on the CPU, of a :class:`RocketNetwork`; :meth:`of` sees to that.
    """

    def __init__(self, model: PrefixModel) -> None:
        network = model[0]
        assert isinstance(network, RocketNetwork)
        self._stream = RocketStream(network.backbone)
        n_points, n_classes = len(network.lengths), network.n_classes
        weight = network.head.weight.detach().numpy().reshape(n_points, n_classes, -1)
        self._weight = np.ascontiguousarray(weight.transpose(0, 2, 1))  # (P, F, K)
        self._bias = network.head.bias.detach().numpy().reshape(n_points, n_classes).copy()
        self._view = model.view
        self._standard = model.view.scaling == "standard"
        self._mean, self._std = (t.numpy().copy() for t in (model.view.mean, model.view.std))

    @classmethod
    def of(cls, models: Sequence[PrefixModel]) -> Self | None:
        """Make one of models where that is possible, else None."""
        if len(models) != 1 or not isinstance(models[0], PrefixModel):
            return None
        (model,) = models
        if not model.exact or model.view.mean.device.type != "cpu":
            return None
        return cls(model) if isinstance(model[0], RocketNetwork) else None

    def absorb(self, points: NDArray[np.floating], state: StreamState | None) -> StreamState:
        """Read the next points (C, m) of one series; None is the state before the first."""
        if state is None:
            state = self._stream.start(1)
        x = self._view.in_single(points).astype(np.float64)
        if self._standard:
            x = (x - self._mean) / self._std
        return self._stream.push(x[None], state)

    def probabilities(self, state: StreamState, point: int) -> NDArray[np.float64]:
        """Class probabilities (1, K) at classification point number ``point``, just read."""
        features = self._stream.features(state).astype(np.float64)
        return softmax((features @ self._weight[point] + self._bias[point]).astype(np.float32))
