"""Torch as a fit expects it, and left as it was found, whatever the process does with it.

A caller may have switched gradients off, set another default type or device, or switched on mixed
precision; a thread beside may draw from torch's generator. None of it changes a fit, and a fit
changes none of it: all that is done here holds for the calling thread alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ContextDecorator, ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional, init
from torch.overrides import TorchFunctionMode

__all__ = ["isolated_torch_seed", "plain_torch"]

Function = Callable[..., Any]

_RANDOM = frozenset(
    {
        torch.bernoulli, torch.binomial, torch.multinomial, torch.normal, torch.poisson,
        torch.rand, torch.randint,
        torch.randn, torch.randperm, Tensor.bernoulli, Tensor.bernoulli_, Tensor.cauchy_,
        Tensor.exponential_, Tensor.geometric_, Tensor.log_normal_, Tensor.multinomial,
        Tensor.normal_, Tensor.random_, Tensor.uniform_, init.kaiming_normal_,
        init.kaiming_uniform_, init.normal_, init.orthogonal_, init.sparse_, init.trunc_normal_,
        init.uniform_, init.xavier_normal_, init.xavier_uniform_,
    }
)  # fmt: skip
"""What draws from a generator, which it takes as an argument of that name."""

_DROPOUT = frozenset({functional.dropout, torch.dropout})
_FEATURE_DROPOUT = frozenset(
    {functional.dropout1d, functional.dropout2d, functional.dropout3d, torch.feature_dropout}
)
"""What draws from the global generator and can be given no other; the second whole channels."""
_ANY_DROPOUT = _DROPOUT | _FEATURE_DROPOUT

_OF_DEFAULT_TYPE = frozenset(
    {
        torch.empty, torch.eye, torch.linspace, torch.logspace, torch.ones, torch.rand,
        torch.randn, torch.zeros,
    }
)  # fmt: skip
"""What makes numbers of torch's default type when it is told no other."""

_OF_VALUES = frozenset(
    {torch.arange, torch.as_tensor, torch.full, torch.scalar_tensor, torch.tensor}
)
"""What takes its type from Python's numbers, so that a float becomes one of the default type."""

_TYPED = frozenset(
    {
        Tensor.to, Tensor.type, Tensor.double, Tensor.half, Tensor.bfloat16, Tensor.float,
        torch.from_numpy,
    }
)  # fmt: skip


@contextmanager
def isolated_torch_seed(seed: int) -> Iterator[None]:
    """Within the block, build modules from a generator of their own.

    Layers initialise from torch's global generator, which belongs to all threads. Here they get
    another one without asking for it: the numbers are those of the global one with this seed, and
    that one is neither read nor moved.
    """
    with plain_torch(), _OwnGenerator(seed):
        yield


class _OwnGenerator(TorchFunctionMode):
    """What draws random numbers and was handed no generator gets one for its device."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed
        self._generators: dict[torch.device, torch.Generator] = {}

    def __torch_function__(
        self,
        func: Function,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func in _ANY_DROPOUT:
            return self._drop(func in _FEATURE_DROPOUT, *args, **kwargs)
        asked = (*args, kwargs.get("generator"))
        if func in _RANDOM and not any(isinstance(each, torch.Generator) for each in asked):
            kwargs["generator"] = self._generator(args, kwargs)
        return func(*args, **kwargs)

    def _drop(
        self,
        channels: bool,
        input: Tensor,
        p: float = 0.5,
        training: bool = True,
        inplace: bool = False,
        train: bool | None = None,
    ) -> Tensor:
        """Do what dropout does, by the block's generator."""
        if not (training if train is None else train) or p == 0.0:
            return input
        # of a single case (C, L) too, the channels are the last but one
        shape = (*input.shape[:-1], 1) if channels and input.ndim == 2 else input.shape
        if channels and input.ndim > 2:
            shape = torch.Size((*input.shape[:2], *[1] * (input.ndim - 2)))
        kept = torch.empty(shape, dtype=input.dtype, device=input.device)
        kept.bernoulli_(1.0 - p, generator=self._generator((input,), {}))
        kept = kept / (1.0 - p) if p < 1.0 else kept
        return input.mul_(kept) if inplace else input * kept

    def _generator(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> torch.Generator | None:
        tensors = [each for each in (*args, *kwargs.values()) if isinstance(each, Tensor)]
        device = tensors[0].device if tensors else torch.device(kwargs.get("device") or "cpu")
        if device.type == "meta":
            return None
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(self._seed)
        return self._generators[device]


class plain_torch(ContextDecorator):
    """Within the block, torch is as if nobody had switched anything.

    Gradients are recorded, no mixed precision, float32 and the CPU by default. In a forked child
    torch goes on with one thread: those of its parent are gone, and waiting for them is for ever.
    It decorates functions too.
    """

    def __init__(self) -> None:
        self._stack: ExitStack | None = None

    def _recreate_cm(self) -> plain_torch:
        # a decorated function may run in several threads, and within itself
        return plain_torch()

    def __enter__(self) -> None:
        if _Fork.happened:
            _Fork.happened = False
            torch.set_num_threads(1)
        contexts = _undoing()
        if contexts:
            self._stack = ExitStack()
            for each in contexts:
                self._stack.enter_context(each)

    def __exit__(self, *error: Any) -> None:
        if self._stack is not None:
            self._stack.__exit__(*error)


def _undoing() -> list[AbstractContextManager[Any]]:
    """Give what undoes the switches of the caller; mostly nothing."""
    contexts: list[AbstractContextManager[Any]] = []
    if torch.is_inference_mode_enabled():
        contexts.append(torch.inference_mode(False))
    if contexts or not torch.is_grad_enabled():
        contexts.append(torch.enable_grad())
    for device in ("cpu", "cuda"):
        if torch.is_autocast_enabled(device):
            contexts.append(torch.autocast(device, enabled=False))
    # what a tensor becomes that is told nothing: quicker than to ask for both defaults
    default = torch.empty(0)
    if default.device.type != "cpu":
        contexts.append(torch.device("cpu"))
    if default.dtype != torch.float32:
        contexts.append(_SinglePrecision())
    return contexts


class _SinglePrecision(TorchFunctionMode):
    """What would be of torch's default type becomes float32.

    The default itself belongs to all threads, so that it cannot be changed for a while.
    """

    def __torch_function__(
        self,
        func: Function,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func in _OF_DEFAULT_TYPE and kwargs.get("dtype") is None:
            kwargs = {**kwargs, "dtype": torch.float32}
        result = func(*args, **kwargs)
        default = torch.get_default_dtype()
        if not isinstance(result, Tensor) or result.dtype != default or func in _TYPED:
            return result
        # of that type for a reason: it was asked for, or comes of numbers of that type
        if any(_has_type(each, default) for each in (*args, *kwargs.values())):
            return result
        if func in _RANDOM:  # not twice
            return result.to(torch.float32)
        if func in _OF_VALUES:
            return func(*args, **{**kwargs, "dtype": torch.float32})
        return func(*(_in_single(each) for each in args), **kwargs)


def _in_single(value: Any) -> Any:
    """Whole numbers, which would become numbers of the default type, as numbers in float32."""
    if isinstance(value, Tensor) and not value.is_floating_point() and not value.is_complex():
        return value.to(torch.float32)
    return value


def _has_type(value: Any, dtype: torch.dtype) -> bool:
    if isinstance(value, list | tuple):
        return any(_has_type(each, dtype) for each in value)
    if isinstance(value, np.ndarray | np.generic):
        return str(value.dtype) == str(dtype).removeprefix("torch.")
    return value is dtype or (isinstance(value, Tensor) and value.dtype == dtype)


class _Fork:
    """Whether this process is a forked child that has not used torch yet."""

    happened = False

    @classmethod
    def note(cls) -> None:
        cls.happened = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Fork.note)
