"""A user's own backbone as teacher or student."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn

from gdpd_sklearn._checks import check_real, check_switch, check_takes
from gdpd_sklearn.networks._base import Architecture

__all__ = ["Custom"]


class Custom(Architecture):
    """Wrap a torch module, or a factory of one, as an architecture.

    Parameters
    ----------
    backbone : nn.Module or callable ``(n_channels, n_timepoints) -> nn.Module``
        Maps (B, C, T) to a feature map (B, D, L) or to features (B, D). Average pooling (for a
        feature map) and a linear head are added. A module is copied, its weights being the start;
        a factory gives fresh weights for every fit, from its random state.
    stack : bool, default=False
        Whether several copies may run as one through ``torch.func.vmap``. Off by default: not
        every module can.
    learning_rate : float, default=0.001

    Examples
    --------
    >>> from torch import nn
    >>> from gdpd_sklearn.networks import Custom
    >>> def backbone(n_channels, n_timepoints):
    ...     return nn.Sequential(nn.Conv1d(n_channels, 8, 5, padding=2), nn.ReLU())
    >>> Custom(backbone).build(n_channels=1, n_timepoints=20, n_classes=3, seed=0).n_features
    8
    """

    learning_rate: float  # type: ignore[misc]
    paper_learning_rate: ClassVar[float] = 0.001

    def __init__(
        self,
        backbone: nn.Module | Callable[[int, int], nn.Module],
        stack: bool = False,
        learning_rate: float = 0.001,
    ) -> None:
        self.backbone = backbone
        self.stack = stack
        self.learning_rate = learning_rate

    @property
    def draws(self) -> bool:
        """Whether the backbone may draw random numbers: nothing is known of it."""
        return True

    @property
    def stackable(self) -> bool:  # type: ignore[override]
        """Whether the user promised that the backbone runs under vmap."""
        return check_switch("stack", self.stack)

    def build_backbone(self, n_channels: int, n_timepoints: int) -> tuple[nn.Module, int]:
        """Make the backbone and find its width D by one pass over zeros."""
        check_real("learning_rate", self.learning_rate, 0.0, open_minimum=True)
        if isinstance(self.backbone, nn.Module):
            module = copy.deepcopy(self.backbone)
        else:
            if not callable(self.backbone):
                raise ValueError(
                    f"backbone={self.backbone!r} must be a torch.nn.Module or a function "
                    f"(n_channels, n_timepoints) -> Module."
                )
            check_takes("backbone", self.backbone, ("n_channels", "n_timepoints"))
            module = self.backbone(n_channels, n_timepoints)
            if not isinstance(module, nn.Module):
                raise TypeError(
                    f"backbone={self.backbone!r} must return a torch.nn.Module, "
                    f"got {type(module).__name__}."
                )
        module.eval()
        try:
            with torch.no_grad():
                out = module(torch.zeros(2, n_channels, n_timepoints))
        except Exception as error:
            raise ValueError(
                f"backbone={self.backbone!r} failed on an input of shape "
                f"(2, {n_channels}, {n_timepoints}), that is (B, C, T): {error}"
            ) from error
        if not isinstance(out, Tensor) or out.ndim not in (2, 3) or out.shape[0] != 2:
            shape = tuple(out.shape) if isinstance(out, Tensor) else type(out).__name__
            raise ValueError(
                f"backbone={self.backbone!r} must map (B, C, T) to (B, D, L) or (B, D), "
                f"got {shape} for B=2."
            )
        return (module if out.ndim == 3 else _AddStep(module)), int(out.shape[1])


class _AddStep(nn.Module):
    """Give plain features (B, D) the one feature step that the rest expects."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Tensor) -> Tensor:
        return self.module(x).unsqueeze(-1)
