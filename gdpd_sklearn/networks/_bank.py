"""The bank: P modules of one shape, run and trained side by side.

Stacked, their parameters carry a leading dimension P and one call of ``torch.func.vmap`` runs them
all; looped, they run one after another. Both give the same numbers (a test says so), so which one
is used is a matter of speed alone. Optimisers that work element by element (Adam, AdamW) treat the
stacked parameters exactly as P optimisers would treat the single ones.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state
from torch.utils._pytree import tree_map

from gdpd_sklearn.networks._stacked_layers import use_stacked_layers

__all__ = ["Bank", "KeptStates", "merge_states", "split_states", "stack_outputs"]

State = dict[str, Tensor]


class Bank:
    """P modules of one shape as one.

    Parameters
    ----------
    modules : sequence of nn.Module, length P
        Same class and shapes, different weights. The bank takes them over.
    stacked : bool
        Whether to run them through ``torch.func.vmap``. A bank of one is never stacked, because
        there is nothing to gain.
    """

    def __init__(self, modules: Sequence[nn.Module], stacked: bool) -> None:
        self.stacked = stacked and len(modules) > 1
        self._modules = list(modules)
        # once: a walk over all modules in every step costs as much as a small layer
        self._parameters = [list(module.parameters()) for module in modules]
        if self.stacked:
            parameters, buffers = stack_module_state(list(modules))
            self._state: State = {**parameters, **buffers}
            self._template = _Caller(copy.deepcopy(modules[0]).to("meta"))
            use_stacked_layers(self._template)

    def __len__(self) -> int:
        return len(self._modules)

    @property
    def trainable(self) -> list[Tensor]:
        """Tensors to optimise."""
        return [p for p in self._all_parameters() if p.requires_grad]

    def _all_parameters(self) -> list[Tensor]:
        if self.stacked:
            return list(self._state.values())
        return [p for parameters in self._parameters for p in parameters]

    def train(self, mode: bool = True) -> None:
        """Switch batch norm and the like between training and use."""
        for module in [self._template] if self.stacked else self._modules:
            module.train(mode)

    def __call__(
        self, method: Callable[..., Any], batched: tuple[Any, ...], shared: tuple[Any, ...] = ()
    ) -> Any:
        """Call ``method(module, *batched[p], *shared)`` for every p.

        Parameters
        ----------
        method : callable
            A function of the module and its arguments that returns tensors (or a tuple of them).
        batched : tuple of pytrees of Tensor
            Each tensor has a leading dimension P.
        shared : tuple of pytrees
            Handed to all members as they are.

        Returns
        -------
        pytree of Tensor
            As the method returns, with a leading dimension P.
        """
        if not self.stacked:
            return stack_outputs(
                [
                    method(module, *tree_map(lambda t, p=p: t[p], batched), *shared)
                    for p, module in enumerate(self._modules)
                ]
            )

        def one(state: State, *arguments: Any) -> Any:
            inner = {f"module.{name}": tensor for name, tensor in state.items()}
            return functional_call(self._template, inner, (method, *arguments, *shared))

        return torch.vmap(one, randomness="error")(self._state, *batched)

    def gradient_norms(self) -> Tensor:
        """Euclidean norm of each member's whole gradient, shape (P,)."""
        if self.stacked:
            squares = [
                p.grad.flatten(1).square().sum(1) for p in self.trainable if p.grad is not None
            ]
            return torch.stack(squares).sum(0).sqrt()
        return torch.stack(
            [
                torch.stack(
                    [p.grad.square().sum() for p in parameters if p.grad is not None]
                ).sum().sqrt()
                for parameters in self._parameters
            ]
        )  # fmt: skip

    def clip_gradients(self, max_norm: float) -> None:
        """Scale each member's gradient down to ``max_norm`` where it is longer."""
        factor = (max_norm / (self.gradient_norms() + 1e-6)).clamp(max=1.0)
        if self.stacked:
            for p in self.trainable:
                if p.grad is not None:
                    p.grad.mul_(factor.view(-1, *[1] * (p.ndim - 1)))
        else:
            for parameters, scale in zip(self._parameters, factor, strict=True):
                for p in parameters:
                    if p.grad is not None:
                        p.grad.mul_(scale)

    def stacked_state(self, prefix: str) -> State:
        """Give the stacked weights and buffers of all members, by names as :meth:`state_of`."""
        names = [name for name in self._modules[0].state_dict() if name.startswith(prefix)]
        return {name.removeprefix(prefix): self._state[name].detach() for name in names}

    def state_of(self, p: int, prefix: str) -> State:
        """Copy the weights and buffers of member number ``p`` whose names begin with ``prefix``.

        Returns
        -------
        dict of str to Tensor
            Names without the prefix, as ``load_state_dict`` of that part takes them.
        """
        state = self._modules[p].state_dict()
        if self.stacked:  # which holds buffers too that no state needs
            state = {name: self._state[name][p] for name in state}
        return {
            name.removeprefix(prefix): tensor.detach().clone()
            for name, tensor in state.items()
            if name.startswith(prefix)
        }

    def members(self) -> list[nn.Module]:
        """Give the P modules with their present weights."""
        if self.stacked:
            with torch.no_grad():
                for p, module in enumerate(self._modules):
                    for name, tensor in module.state_dict(keep_vars=True).items():
                        tensor.copy_(self._state[name][p])
        return self._modules


class KeptStates:
    """Weights and buffers that members of a bank had at some time, with a place for each member.

    Parameters
    ----------
    bank : Bank
    prefix : str
        Of the names that are kept, see :meth:`Bank.state_of`.
    """

    def __init__(self, bank: Bank, prefix: str) -> None:
        self._bank = bank
        self._prefix = prefix
        self._places: State = {}
        self._of_members: dict[int, State] = {}

    def take(self, members: Sequence[int]) -> list[State]:
        """Keep the present ones of some members, in place of those that they had before.

        What was returned for them then changes with it.
        """
        if not self._bank.stacked:
            return [self._bank.state_of(p, self._prefix) for p in members]
        # all members at once: on a GPU a copy of each tensor of each would take most of an epoch
        present = self._bank.stacked_state(self._prefix)
        with torch.no_grad():
            for name, tensor in present.items():
                index = torch.tensor(members, device=tensor.device)
                place = self._places.setdefault(name, torch.empty_like(tensor))
                place.index_copy_(0, index, tensor.index_select(0, index))
        for p in members:
            if p not in self._of_members:
                self._of_members[p] = {name: place[p] for name, place in self._places.items()}
        return [self._of_members[p] for p in members]


class _Caller(nn.Module):
    """Call a function of a module in the shape that ``functional_call`` wants."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, method: Callable[..., Any], *arguments: Any) -> Any:
        return method(self.module, *arguments)


def stack_outputs(outputs: Sequence[Any]) -> Any:
    """Stack equal pytrees of tensors along a new leading dimension."""
    if len(outputs) == 1:
        return tree_map(lambda t: t.unsqueeze(0), outputs[0])
    return tree_map(lambda *tensors: torch.stack(tensors), *outputs)


def merge_states(states: Sequence[Any]) -> Any:
    """Join equal pytrees of tensors along their first dimension, the batch."""
    if len(states) == 1:  # the walks over the tree would take longer than a small network
        return states[0]
    return tree_map(lambda *tensors: torch.cat(tensors), *states)


def split_states(states: Any, n: int) -> list[Any]:
    """Part a pytree of tensors into n of one case each; copies, so that none holds the others."""
    if n == 1:
        return [states]
    return [tree_map(lambda t, i=i: t[i : i + 1].clone(), states) for i in range(n)]
