"""Networks from files: no larger than what the file holds, before they are built."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.overrides import TorchFunctionMode

from gdpd_sklearn.data import SCALINGS

__all__ = ["Budget", "check_arrays", "check_view", "check_weights"]

# Beyond it, positions in a series are no more exact in single precision.
_LONGEST = 2**24
# Positions of all prefixes that a view may hold, beside what the size of the weights allows.
_POSITIONS = 2**22
_FARTHEST = float(np.finfo(np.float32).max)
_SETTINGS = {"lengths", "input_length", "scaling", "stretched", "exact"}

_FACTORIES = {
    torch.arange, torch.empty, torch.eye, torch.full, torch.linspace, torch.ones, torch.rand,
    torch.randn, torch.randperm, torch.zeros, Tensor.new_empty, Tensor.new_full, Tensor.new_ones,
    Tensor.new_zeros,
}  # fmt: skip


class Budget(TorchFunctionMode):
    """Within the block, modules may make no more numbers than the weights of a file account for.

    Hyperparameters of a file are a stranger's. What they ask for is counted before it is allocated.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        The weights.
    n_networks : int
        Each may make some numbers that are not stored, such as fixed filters.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], n_networks: int) -> None:
        super().__init__()
        self._left = 2 * sum(array.size for array in arrays.values()) + n_networks * 2**16

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func in _FACTORIES:
            given = {key: value for key, value in kwargs.items() if key != "generator"}
            # at least one: an endless network of empty layers ends too
            self._left -= max(1, func(*args, **{**given, "device": "meta"}).numel())
            if self._left < 0:
                raise ValueError("its hyperparameters ask for more weights than it holds")
        return func(*args, **kwargs)


def check_arrays(arrays: Mapping[str, NDArray[Any]]) -> None:
    """Refuse weights that no fit leaves behind: of other types, or not finite."""
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "bif":
            raise ValueError(f"{name} is no array of weights")
        if array.dtype.kind == "f" and not (array.dtype == np.float32 and np.isfinite(array).all()):
            raise ValueError(f"{name} holds NaN or infinity, or is not in single precision")
    mean, std = arrays["view.mean"], arrays["view.std"]
    if mean.ndim != 1 or mean.shape != std.shape or mean.size == 0 or not (std > 0).all():
        raise ValueError("view.mean and view.std are not a mean and a positive spread per channel")


def check_view(settings: Mapping[str, Any], n_channels: int, n_bytes: int) -> None:
    """Refuse settings of a view that no fit leaves behind, or that would take a lot of memory."""
    origin = settings.get("origin", [0.0] * n_channels)
    if len(origin) != n_channels:
        raise ValueError(f"origin={origin!r} must be a number for each of {n_channels} channels")
    if set(settings) - {"origin"} != _SETTINGS:
        raise ValueError(f"its view has {sorted(settings)} in place of {sorted(_SETTINGS)}")
    lengths, longest = settings["lengths"], settings["input_length"]
    for length in (longest, *lengths):
        if type(length) is not int or not 1 <= length <= _LONGEST:
            raise ValueError(f"{length!r} is no number of time points in 1..{_LONGEST}")
    for name in ("stretched", "exact"):
        if type(settings[name]) is not bool:
            raise ValueError(f"{name}={settings[name]!r} must be True or False")
    if settings["scaling"] not in SCALINGS:
        raise ValueError(f"scaling={settings['scaling']!r} must be one of {list(SCALINGS)}")
    for value in settings.get("origin", []):
        if type(value) is not float or not abs(value) <= _FARTHEST:
            raise ValueError(f"origin={value!r} is no number in single precision")
    grows = all(one < other for one, other in itertools.pairwise(lengths))
    if not lengths or not (settings["stretched"] or (grows and lengths[-1] <= longest)):
        raise ValueError(f"lengths={lengths!r} are no prefixes of {longest} time points")
    if len(lengths) * longest > _POSITIONS + 8 * n_bytes:
        raise ValueError(f"{len(lengths)} prefixes of {longest} time points take more than it is")


def check_weights(found: Mapping[str, NDArray[Any]], wanted: Mapping[str, Tensor]) -> None:
    """Refuse weights of another type than the networks have; torch would convert them."""
    for name, tensor in wanted.items():
        array = torch.from_numpy(np.empty(0, found[f"networks.{name}"].dtype))
        same = array.dtype == tensor.dtype or (
            tensor.is_floating_point() and array.dtype == torch.float32
        )
        if not same:
            raise ValueError(f"networks.{name} is {array.dtype} in place of {tensor.dtype}")
