"""What a network is: backbone → pool → head; and the recipe that builds one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

import torch
from sklearn.base import BaseEstimator
from torch import Tensor, nn

from gdpd_sklearn._claims import withdraw_claims
from gdpd_sklearn._isolation import isolated_torch_seed
from gdpd_sklearn.networks._depthwise import DepthwiseConv1d

__all__ = [
    "Architecture",
    "LastStep",
    "MeanPool",
    "Network",
    "NetworkOutput",
    "PadThenConv",
    "count_parameters",
    "is_finite",
]

State = tuple[Tensor, ...]
"""What a causal part remembers of a batch of series; every tensor has the batch first."""


# More of them are a slip of the keyboard, or an attack, and would not fit into memory.
MOST_UNITS = 4096
MOST_LAYERS = 64


class NetworkOutput(NamedTuple):
    """All that a distiller may see of a network's forward pass.

    Attributes
    ----------
    feature_map : Tensor of shape (B, D, L)
        Last feature map, L feature steps.
    pooled : Tensor of shape (B, D)
        Pooled features ``z``, the input of the head.
    logits : Tensor of shape (B, K)
    """

    feature_map: Tensor
    pooled: Tensor
    logits: Tensor

    def rows(self, indices: Tensor) -> NetworkOutput:
        """Take the outputs of some cases."""
        return NetworkOutput(*(tensor[indices] for tensor in self))


class Pool(nn.Module):
    """Pooling of a feature map, whole or at every prefix."""

    def running(self, feature_map: Tensor) -> Tensor:
        """Pool every prefix of the map: (B, D, L) → (B, D, L)."""
        raise NotImplementedError(f"{type(self).__name__} must define running.")

    def advance(self, feature_map: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Pool all that has been seen, given only what is new: (B, D, m) → (B, D)."""
        raise NotImplementedError(f"{type(self).__name__} must define advance.")


class MeanPool(Pool):
    """Global average pooling: (B, D, L) → (B, D)."""

    def forward(self, feature_map: Tensor) -> Tensor:
        return feature_map.mean(-1)

    def running(self, feature_map: Tensor) -> Tensor:
        """Average over the steps so far."""
        n_steps = feature_map.shape[-1]
        count = torch.arange(1, n_steps + 1, dtype=feature_map.dtype, device=feature_map.device)
        return feature_map.cumsum(-1) / count

    def advance(self, feature_map: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Add what is new to the sum and the count so far."""
        total = feature_map.sum(-1)
        count = torch.full_like(total[:, :1], feature_map.shape[-1])
        if state is not None:
            total, count = total + state[0], count + state[1]
        return total / count, (total, count)


class LastStep(Pool):
    """The last feature step: (B, D, L) → (B, D)."""

    def forward(self, feature_map: Tensor) -> Tensor:
        return feature_map[..., -1]

    def running(self, feature_map: Tensor) -> Tensor:
        """Every step is the last of those so far."""
        return feature_map

    def advance(self, feature_map: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Take the last step of what is new."""
        return feature_map[..., -1], ()


class Network(nn.Module):
    """Backbone → pool → head.

    Parameters
    ----------
    backbone : nn.Module
        (B, C, T) → feature map (B, D, L).
    pool : nn.Module
        (B, D, L) → (B, D).
    n_features : int
        Width D.
    n_classes : int
    """

    def __init__(self, backbone: nn.Module, pool: Pool, n_features: int, n_classes: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.pool: Pool = pool
        self.head = nn.Linear(n_features, n_classes)

    @property
    def n_features(self) -> int:
        """Width D of the pooled features."""
        return self.head.in_features

    @property
    def n_classes(self) -> int:
        """Number of classes K."""
        return self.head.out_features

    def forward(self, x: Tensor) -> NetworkOutput:
        """Run a batch of shape (B, C, T)."""
        # pooled in the precision of x, also where the backbone runs in a lower one (autocast)
        feature_map = self.backbone(x).to(x.dtype)
        pooled = self.pool(feature_map)
        return NetworkOutput(feature_map, pooled, self.head(pooled))

    def at_steps(self, x: Tensor, lengths: Tensor, *, feature_maps: bool = True) -> NetworkOutput:
        """Run a causal network once and answer at every prefix.

        Parameters
        ----------
        x : Tensor of shape (B, C, T)
            Complete series.
        lengths : Tensor of int64, shape (P,)
            Prefix lengths.
        feature_maps : bool, default=True
            Without, the field holds the pooled features as a map of one step: P maps of a case are
            much memory where nobody reads them.

        Returns
        -------
        NetworkOutput
            Of P · B cases, prefix by prefix: what :meth:`forward` gives for each prefix alone. The
            feature map is that of the prefix, stretched to T steps by nearest neighbours.
        """
        feature_map = self.backbone(x).to(x.dtype)
        n_steps = feature_map.shape[-1]
        pooled = self.pool.running(feature_map)[..., lengths - 1]  # (B, D, P)
        pooled = pooled.permute(2, 0, 1).flatten(0, 1)
        if not feature_maps:
            return NetworkOutput(pooled[..., None], pooled, self.head(pooled))
        position = torch.arange(n_steps, device=x.device) * lengths[:, None] // n_steps
        maps = feature_map[..., position].permute(2, 0, 1, 3).flatten(0, 1)
        return NetworkOutput(maps, pooled, self.head(pooled))

    def logits_at(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Logits (P · B, K) of :meth:`at_steps`, where nobody wants the features."""
        return self.at_steps(x, lengths, feature_maps=False).logits

    def answer_at(self, lengths: Sequence[int]) -> None:
        """Learn which prefix lengths there will be; of use to networks with a head for each."""

    def check(self, n_timepoints: int) -> None:
        """Refuse stored values, beside the weights, that are none of series of this length."""

    def along(self, x: Tensor, lengths: Sequence[int]) -> Iterator[Tensor]:
        """Give the features (B, D) of one prefix after the other; for fixed backbones."""
        raise NotImplementedError(f"{type(self).__name__} must define along.")

    def set_heads(self, weights: Tensor, biases: Tensor) -> None:
        """Take a head for each prefix, (P, K, D) and (P, K); for fixed backbones."""
        raise NotImplementedError(f"{type(self).__name__} must define set_heads.")

    def head_at(self, length: int, pooled: Tensor) -> Tensor:
        """Logits (B, K) of pooled features (B, D) of prefixes of this length."""
        return self.head(pooled)

    @property
    def advances(self) -> bool:
        """Whether :meth:`advance` works: the backbone can go on from a state."""
        return hasattr(self.backbone, "advance")

    def advance(
        self, x: Tensor, state: tuple[State, State] | None
    ) -> tuple[Tensor, tuple[State, State]]:
        """Go on with a causal network: the work depends on what is new alone.

        Parameters
        ----------
        x : Tensor of shape (B, C, m)
            The next m points of each series.
        state : tuple or None
            What the last call returned; None at the beginning. All tensors have the batch first.

        Returns
        -------
        logits : Tensor of shape (B, K)
            Of all that has been seen.
        state : tuple
        """
        before, pooled_before = (None, None) if state is None else state
        feature_map, after = self.backbone.advance(x, before)  # type: ignore[operator]
        pooled, pooled_after = self.pool.advance(feature_map, pooled_before)
        return self.head(pooled), (after, pooled_after)


class Architecture(BaseEstimator):
    """A recipe for a network: hyperparameters only, no weights.

    A subclass gives :meth:`build_backbone`; the rest is here.
    """

    learning_rate: ClassVar[float] = 0.001
    """Rate at which the family trains well with Adam when the user names none."""
    n_epochs: ClassVar[int] = 100
    """Passes over the training cases in which the family trains well when the user names none."""
    recurrent: ClassVar[bool] = False
    """Whether it reads point by point with a state. Such networks generalise less well than
    convolutional teachers from the same cases, and learn from them what the cases do not say."""
    paper_learning_rate: ClassVar[float] = 0.001
    """Rate of the published experiments (Udayangani et al. 2026: 0.01 for the LSTM, 0.001
    otherwise)."""
    stackable: ClassVar[bool] = False
    """Whether several such networks can run as one through ``torch.func.vmap``; whether that is
    faster says :meth:`stacks_on`. A claim about the methods of the class that states it: a subclass
    that replaces one of them, other than ``stacking_width`` and ``stacks_on``, states it anew."""
    # Measured with batches of 16 series of 24 and of 100 points. Time stacked beside looped: FCN of
    # 32 filters 0.75 and 1.1, of 64 filters 1.0 and 1.4, of 128 1.4 and 1.3.
    widest_stacked_on_cpu: ClassVar[int] = 32
    """Largest :meth:`stacking_width` with which stacking pays on a CPU."""
    fixed: ClassVar[bool] = False
    """Whether the backbone has no trainable part: it is prepared on training series, once, and the
    head is the only thing to learn."""
    causal: ClassVar[bool] = False
    """Whether a feature step depends on points up to it alone, so that one network can answer at
    every prefix; the input is then not stretched."""

    reads_gaps: ClassVar[bool] = False
    """Whether its networks take NaN for a missing value; for others the view fills gaps."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        withdraw_claims(cls, {"stackable": False}, harmless=("stacking_width", "stacks_on"))

    @property
    def draws(self) -> bool:
        """Whether training passes may draw random numbers, as dropout does; none of ours does."""
        return type(self).__module__.partition(".")[0] != __name__.partition(".")[0]

    def build_backbone(self, n_channels: int, n_timepoints: int) -> tuple[nn.Module, int]:
        """Make the backbone and say its width D."""
        raise NotImplementedError(f"{type(self).__name__} must define build_backbone.")

    def prepare(self, network: Network, x: Tensor, seed: int) -> None:
        """Set what a fixed backbone takes from scaled training series (N, C, T); else nothing."""

    def for_cases(self, n_cases: int) -> Architecture:
        """Give the architecture to use for so many training cases: this one, or a smaller one."""
        return self

    def pool(self) -> Pool:
        """Make the pooling between backbone and head."""
        return MeanPool()

    def stacking_width(self) -> int:
        """Give the channels of the widest layer; 0 where the width does not matter to stacking."""
        return 0

    def stacks_on(self, device: torch.device) -> bool:
        """Whether several such networks should run as one on this device.

        On a CPU stacking saves the overhead of calls, which narrow layers consist of; those of wide
        ones keep the processor busy, and stacked they no longer fit its cache.
        """
        if device.type == "cpu" and self.stacking_width() > self.widest_stacked_on_cpu:
            return False
        return self.stackable

    def build(self, n_channels: int, n_timepoints: int, n_classes: int, seed: int) -> Network:
        """Make a freshly initialised network on the CPU.

        Parameters
        ----------
        n_channels, n_timepoints, n_classes : int
            C, T and K.
        seed : int
            Seeds the initial weights; torch's global random state is left as it was.
        """
        with isolated_torch_seed(seed):
            try:
                backbone, n_features = self.build_backbone(n_channels, n_timepoints)
                return Network(backbone, self.pool(), n_features, n_classes)
            except NotImplementedError:  # a RuntimeError too, and its own message says more
                raise
            except (RuntimeError, MemoryError) as error:
                raise ValueError(
                    f"{self!r} cannot be built for {n_channels} channels, {n_timepoints} time "
                    f"points and {n_classes} classes: {error}"
                ) from error


def count_parameters(module: nn.Module) -> int:
    """Count the trainable parameters of a module."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def is_finite(module: nn.Module) -> bool:
    """Tell whether all weights and statistics of a module are finite."""
    return all(bool(torch.isfinite(tensor).all()) for tensor in module.state_dict().values())


def same_conv1d(
    n_in: int,
    n_out: int,
    kernel_size: int,
    *,
    bias: bool = False,
    dilation: int = 1,
    depthwise: bool = False,
) -> nn.Module:
    """Convolution that keeps the length, for odd and even kernels (zero padding).

    For an even kernel the extra zero stands on the right, as in the networks' original
    implementations. ``nn.Conv1d(padding="same")`` does the same but warns for even kernels.
    """
    total = dilation * (kernel_size - 1)
    padding = total // 2
    conv: nn.Conv1d = (
        DepthwiseConv1d(n_in, kernel_size, padding, dilation)
        if depthwise
        else nn.Conv1d(n_in, n_out, kernel_size, padding=padding, bias=bias, dilation=dilation)
    )
    if total % 2 == 0:
        return conv
    conv.padding = (0,)
    return PadThenConv(total // 2, total - total // 2, conv)


class PadThenConv(nn.Module):
    """Convolution behind zeros, more on one side than on the other."""

    def __init__(self, left: int, right: int, conv: nn.Conv1d) -> None:
        super().__init__()
        self.padding = (left, right)
        self.conv = conv

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(torch.nn.functional.pad(x, self.padding))
