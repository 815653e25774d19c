"""The fitted model: all that prediction needs, and nothing of the scaffolding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gdpd_sklearn._checks import check_int
from gdpd_sklearn._device import sized_for
from gdpd_sklearn._isolation import plain_torch
from gdpd_sklearn.data import MappedSeries, PrefixView, Series
from gdpd_sklearn.networks._base import Architecture, Network, NetworkOutput, is_finite
from gdpd_sklearn.networks._budget import Budget, check_arrays, check_view, check_weights
from gdpd_sklearn.persistence import (
    FORMAT,
    check_format,
    naming,
    own_parts,
    pack,
    part_kind,
    read_sealed,
    unpack,
    write_sealed,
)

__all__ = ["PrefixModel", "softmax"]

_KIND = "PrefixModel"
# Cases per forward pass in use: bounds the memory, not the result.
_CHUNK = 1024
_GPU_CHUNK = 8192


class PrefixModel:
    """Networks for P prefix lengths, with the view of the data that they were trained on.

    Parameters
    ----------
    networks : sequence of Network, length P or 1
        One for each prefix length, or a causal one for all, where the view does not stretch.
    view : PrefixView
    architecture : Architecture
        What the networks were built from; needed to write and read a weights file.
    exact : bool, default=False
        Compute in double precision and round to single, so that a case comes out the same to the
        last bit whatever batch it is in. (In single precision the last digit depends on the shape
        of the batch.)

    Notes
    -----
    Pickled state is numpy arrays and the architecture, from which the networks are built again: it
    opens on any machine, whatever the device it was fitted on.
    """

    def __init__(
        self,
        networks: Sequence[Network],
        view: PrefixView,
        architecture: Architecture,
        exact: bool = False,
    ) -> None:
        self.exact = exact
        self.dtype = torch.float64 if exact else torch.float32
        self.networks = nn.ModuleList(networks).eval().to(self.dtype)
        self.view = view.eval().to(self.dtype)
        self.architecture = architecture
        self._check_numbers()

    @property
    def lengths(self) -> tuple[int, ...]:
        """Prefix lengths in time points, one per network."""
        return self.view.lengths

    @property
    def n_channels(self) -> int:
        """Number of channels C."""
        return int(self.view.mean.shape[0])

    @property
    def n_classes(self) -> int:
        """Number of classes K."""
        return self[0].n_classes

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, point: int) -> Network:
        network = self.networks[point if self.view.stretched else 0]
        assert isinstance(network, Network)
        return network

    def to(self, device: str | torch.device) -> PrefixModel:
        """Move the model, in place, and return it."""
        self.networks.to(device)
        self.view.to(device)
        return self

    def outputs(self, X: Series | Tensor, point: int = 0) -> Iterator[NetworkOutput]:
        """Run network number ``point`` over series (N, C, ≥ its length), chunk by chunk.

        A tensor is taken as what ``view.receive`` gave; all else goes through that.
        """
        self.view.check(X, point)
        for chunk in self._chunks(X, self.lengths[point]):
            # yielded outside the block: a suspended generator would keep the mode switched on
            with plain_torch(), torch.inference_mode():
                output = self[point](self.view(chunk, point))
            yield output

    def predict_logits(self, X: Series | Tensor, point: int = 0) -> NDArray[np.float32]:
        """Logits of network number ``point``, shape (N, K); ``X`` as :meth:`outputs` takes it."""
        logits = torch.cat([output.logits for output in self.outputs(X, point)])
        return logits.cpu().numpy().astype(np.float32)

    def predict_proba(self, X: Series | Tensor, point: int = 0) -> NDArray[np.float64]:
        """Class probabilities of network number ``point``.

        Parameters
        ----------
        X : array of shape (N, C, ≥ lengths[point])
            Series or prefixes; what follows the prefix is not looked at.
        point : int, default=0

        Returns
        -------
        ndarray of float64, shape (N, K)
            Rows sum to one in double precision, as scikit-learn's metrics want.
        """
        return softmax(self.predict_logits(X, point), X)

    def predict_proba_all(
        self, X: Series | Tensor, n_points: int | None = None
    ) -> NDArray[np.float64]:
        """Class probabilities at the first ``n_points`` prefix lengths (all by default).

        Parameters
        ----------
        X : array of shape (N, C, ≥ lengths[n_points - 1])
        n_points : int, optional

        Returns
        -------
        ndarray of float64, shape (n_points, N, K)
        """
        n_points = len(self) if n_points is None else check_int("n_points", n_points, 0, len(self))
        if self.view.stretched or n_points == 0:
            each = [self.predict_proba(X, point) for point in range(n_points)]
            return np.stack(each) if each else np.empty((0, len(X), self.n_classes))
        self.view.check(X, n_points - 1)
        lengths = torch.tensor(self.lengths[:n_points], device=self.view.mean.device)
        logits = []
        for chunk in self._chunks(X, self.lengths[n_points - 1]):
            with plain_torch(), torch.inference_mode():
                x = self.view(chunk, n_points - 1)
                together = self[0].logits_at(x, lengths)
            logits.append(together.unflatten(0, (n_points, len(chunk))))
        return softmax(torch.cat(logits, 1).cpu().numpy().astype(np.float32), X)

    @property
    def advances(self) -> bool:
        """Whether :meth:`advance` works: one causal network that can go on from a state."""
        return not self.view.stretched and self[0].advances

    def advance(
        self, X: NDArray[np.floating], state: Any | None
    ) -> tuple[NDArray[np.float64], Any]:
        """Probabilities of series that go on, at a cost that depends on what is new alone.

        Parameters
        ----------
        X : array of shape (N, C, m)
            The next m points.
        state : pytree of Tensor or None
            What the last call returned, None at the beginning; tensors have the N series first.

        Returns
        -------
        probabilities : ndarray of float64, shape (N, K)
            Those of :meth:`predict_proba` for all points seen.
        state : pytree of Tensor
        """
        with plain_torch(), torch.inference_mode():
            x = self.view.receive(X).to(self.dtype)
            logits, state = self[0].advance(self.view.scale(x), state)
        return softmax(logits.cpu().numpy().astype(np.float32), X), state

    def _chunks(self, X: Series | Tensor, length: int) -> Iterator[Tensor]:
        """Part cases for single passes; converted one by one, so that no copy of all is made.

        Through single precision in any case: that is what the networks were trained on.
        """
        if isinstance(X, MappedSeries):
            X = self.view.receive(X).to(self.view.mean.device)
        size = sized_for(self.view.mean.device, cpu=_CHUNK, gpu=_GPU_CHUNK)
        for start in range(0, max(len(X), 1), size):
            chunk = X[start : start + size][..., :length]
            single = chunk if isinstance(chunk, Tensor) else self.view.receive(chunk)
            yield single.to(self.view.mean.device, self.dtype)

    def __getstate__(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "architecture": self.architecture,
            "arrays": self._arrays(),
            "view": self._view_settings(),
            "n_classes": self.n_classes,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        check_format(state["format"], "this pickle")
        rebuilt = self._rebuild(
            state["architecture"], state["arrays"], state["view"], state["n_classes"]
        )
        self.__dict__.update(rebuilt.__dict__)

    def save(self, path: str | Path) -> None:
        """Write a ``.safetensors`` file: weights, and as JSON what rebuilds the model.

        It holds no code, so it is safe to open from strangers and can be read outside Python. A
        digest tells whether it was damaged. An old file is replaced when the new one is complete.

        Raises
        ------
        TypeError
            If the architecture is a user's own module, which a file without code cannot rebuild.
        OSError
            If the file cannot be written.
        """
        about, arrays = pack(self.taken_apart(), {"part": part_kind({})})
        write_sealed(path, _KIND, about, arrays)

    @classmethod
    def load(cls, path: str | Path, parts: Sequence[type[Architecture]] = ()) -> PrefixModel:
        """Read a file that :meth:`save` wrote.

        Parameters
        ----------
        path : str or Path
        parts : sequence of class, optional
            Architectures beside the package's own that the file may name.

        Raises
        ------
        ValueError
            If the file is not one of ours, damaged, of a newer format, or of an unknown
            architecture. Nothing is built that is larger than the file accounts for.
        """
        own = own_parts(_all_subclasses(Architecture))
        about, arrays = read_sealed(path, _KIND)
        with naming(path):
            return cls.put_together(unpack(about, arrays, {"part": part_kind(own, parts)}))

    def taken_apart(self) -> dict[str, Any]:
        """Give what a file has to hold: architecture, settings, and the arrays by their names."""
        members: dict[str, Any] = {
            "architecture": self.architecture,
            "view": self._view_settings(),
            "n_classes": self.n_classes,
        }
        return members | self._arrays()

    @classmethod
    def put_together(cls, members: Mapping[str, Any]) -> PrefixModel:
        """Rebuild what :meth:`taken_apart` gave, and believe nothing of it.

        Raises
        ------
        Exception
            Of many kinds, if the members do not belong together.
        """
        rest = dict(members)
        architecture, settings, n_classes = (
            rest.pop(key) for key in ("architecture", "view", "n_classes")
        )
        if not isinstance(architecture, Architecture):
            raise TypeError(f"{architecture!r} is no architecture")
        check_arrays(rest)
        check_view(settings, rest["view.mean"].size, sum(a.nbytes for a in rest.values()))
        n_networks = len(settings["lengths"]) if settings["stretched"] else 1
        for number in range(n_networks):
            rows = len(rest[f"networks.{number}.head.weight"])
            if type(n_classes) is not int or rows not in (
                n_classes, n_classes * len(settings["lengths"]),
            ):  # fmt: skip
                raise ValueError(f"its heads of {rows} rows are not of {n_classes!r} classes")
        with Budget(rest, n_networks):
            model = cls._rebuild(architecture, rest, settings, n_classes)
        check_weights(rest, model.networks.state_dict())
        for point in range(n_networks):
            model[point].check(model.view.input_length)
        return model

    def _arrays(self) -> dict[str, NDArray[Any]]:
        """Weights and training statistics as arrays, on the CPU whatever the device of use."""
        tensors = {f"networks.{key}": value for key, value in self.networks.state_dict().items()}
        tensors |= {"view.mean": self.view.mean[:, 0], "view.std": self.view.std[:, 0]}
        arrays = {key: value.detach().cpu().numpy() for key, value in tensors.items()}
        # trained in single precision, so nothing is lost
        return {
            key: np.ascontiguousarray(a, np.float32 if a.dtype == np.float64 else a.dtype)
            for key, a in arrays.items()
        }

    def _view_settings(self) -> dict[str, Any]:
        settings = {
            "lengths": list(self.lengths),
            "input_length": self.view.input_length,
            "scaling": self.view.scaling,
            "stretched": self.view.stretched,
            "exact": self.exact,
        }
        return settings | ({"origin": self.view.origin.tolist()} if self.view.is_far else {})

    @classmethod
    @plain_torch()
    def _rebuild(
        cls,
        architecture: Architecture,
        arrays: Mapping[str, NDArray[Any]],
        settings: Mapping[str, Any],
        n_classes: int,
    ) -> PrefixModel:
        mean, std = arrays["view.mean"], arrays["view.std"]
        view_settings = dict(settings)
        exact = view_settings.pop("exact")
        view = PrefixView(**view_settings, mean=mean, std=std, carries=not architecture.reads_gaps)
        n_networks = len(view.lengths) if view.stretched else 1
        networks = [
            architecture.build(len(mean), view.input_length, n_classes, seed=0)
            for _ in range(n_networks)
        ]
        for number, network in enumerate(networks):
            # one head after another for each prefix, where the arrays hold so many
            if len(arrays[f"networks.{number}.head.weight"]) > n_classes:
                network.answer_at(view.lengths)
        model = cls(networks, view, architecture, exact)
        model.networks.load_state_dict(
            {
                key.removeprefix("networks."): torch.from_numpy(np.array(array))
                for key, array in arrays.items()
                if key.startswith("networks.")
            }
        )
        model._check_numbers()
        return model

    def _check_numbers(self) -> None:
        """Refuse what can give no probabilities, wherever it comes from."""
        std = self.view.std
        if not (is_finite(self.networks) and is_finite(self.view) and bool((std > 0).all())):
            raise ValueError(
                "weights and means of a fitted model must be finite, standard deviations above 0."
            )


def softmax(logits: NDArray[np.float32], X: Series | Tensor | None = None) -> NDArray[np.float64]:
    """Turn logits (..., K) into probabilities that sum to one in double precision.

    Raises
    ------
    ValueError
        If some are not finite, as they become of values that no training case was near; the
        message names the case in ``X`` and its largest value.
    """
    with np.errstate(invalid="ignore"):
        values = logits.astype(np.float64)
        exponentials = np.exp(values - values.max(axis=-1, keepdims=True))
        probabilities: NDArray[np.float64] = exponentials / exponentials.sum(-1, keepdims=True)
    if not isfinite(probabilities.sum()):
        case = int(np.argwhere(~np.isfinite(probabilities).all(-1))[0, -1])
        series: Any = None if X is None else X[case : case + 1]
        size = "" if series is None else f", whose largest value is {float(abs(series).max()):g}"
        raise ValueError(
            f"X has no finite probabilities in case {case}{size}: values so far from those of fit "
            f"are beyond single precision."
        )
    return probabilities


def _all_subclasses(cls: type) -> list[type]:
    direct: list[type] = cls.__subclasses__()
    return direct + [below for child in direct for below in _all_subclasses(child)]
