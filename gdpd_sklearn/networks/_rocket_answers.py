"""A fitted model of random kernels, for series that come point by point and for a few series."""

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

    The features are those of the model to the last bit. Logits are added in double precision and
    rounded to single: those of an exact model, too, to the last bit. The weights are copied, so
    later changes of the model are not seen.

    Parameters
    ----------
    model : PrefixModel
        On the CPU, of a :class:`RocketNetwork`; :meth:`of` sees to that.
    """

    def __init__(self, model: PrefixModel) -> None:
        network = model[0]
        assert isinstance(network, RocketNetwork)
        self._stream = RocketStream(network.backbone)
        n_heads, n_classes = max(1, len(network.lengths)), network.n_classes
        weight = network.head.weight.detach().double().numpy().reshape(n_heads, n_classes, -1)
        bias = network.head.bias.detach().double().numpy().reshape(n_heads, n_classes)
        # one head may serve all points
        self._weight = np.broadcast_to(weight, (len(model), *weight.shape[1:])).copy()
        self._bias = np.broadcast_to(bias, (len(model), n_classes)).copy()
        self._lengths = model.lengths
        self._view = model.view
        self._standard = model.view.scaling == "standard"
        # in the precision of the model, so that scaled values round alike
        self._mean, self._std = (t.numpy().copy() for t in (model.view.mean, model.view.std))

    @classmethod
    def of(cls, models: Sequence[PrefixModel]) -> Self | None:
        """Make one of models where that is possible, else None."""
        if len(models) != 1 or not isinstance(models[0], PrefixModel):
            return None
        (model,) = models
        view = model.view
        if view.stretched or view.mean.device.type != "cpu":
            return None
        return cls(model) if isinstance(model[0], RocketNetwork) else None

    def absorb(self, points: NDArray[np.floating], state: StreamState | None) -> StreamState:
        """Read the next points (C, m) of one series; None begins, a state changes in place."""
        if state is None:
            state = self._stream.start()
        self._stream.push(self._scale(points), state)
        return state

    def probabilities(self, state: StreamState, point: int) -> NDArray[np.float64]:
        """Class probabilities (K,) at classification point number ``point``, just read."""
        return softmax(self._logits(self._stream.features(state), point))

    def absorb_through(
        self, points: NDArray[np.floating], state: StreamState | None, through: range
    ) -> tuple[NDArray[np.float64], StreamState]:
        """Read the next points (C, m) of one series, and answer at several points on the way.

        Parameters
        ----------
        points : ndarray of shape (C, m)
            Up to the last of ``through``.
        state : StreamState or None
            As for :meth:`absorb`.
        through : range
            Numbers of the classification points to answer at.

        Returns
        -------
        probabilities : ndarray of shape (len(through), K)
        state : StreamState
        """
        if state is None:
            state = self._stream.start()
        before = state.n_seen
        ends = [self._lengths[point] - before for point in through]
        features = self._stream.along(self._scale(points), state, ends)
        logits = [self._logits(each, point) for point, each in zip(through, features, strict=True)]
        return softmax(np.stack(logits)), state

    def predict_proba(self, X: NDArray[np.floating], point: int) -> NDArray[np.float64]:
        """Class probabilities (N, K) of series (N, C, ≥ length) at one classification point."""
        probabilities = np.empty((len(X), self._bias.shape[1]))
        for i, series in enumerate(self._view.in_single(X[:, :, : self._lengths[point]])):
            state = self._stream.start()
            self._stream.push(self._standardised(series), state)
            probabilities[i] = self.probabilities(state, point)
        return probabilities

    def _scale(self, points: NDArray[np.floating]) -> NDArray[np.floating]:
        # a stream has looked at its points before: a call more would show in a push
        far = self._view.is_far
        return self._standardised(
            self._view.in_single(points) if far else points.astype(np.float32)
        )

    def _standardised(self, x: NDArray[np.float32]) -> NDArray[np.floating]:
        return (x - self._mean) / self._std if self._standard else x

    def _logits(self, features: NDArray[np.float32], point: int) -> NDArray[np.float32]:
        double = self._weight[point] @ features.astype(np.float64) + self._bias[point]
        return double.astype(np.float32)
