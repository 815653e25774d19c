"""Random kernels as an architecture: a backbone that needs no training, and a linear head."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from gdpd_sklearn._checks import check_int
from gdpd_sklearn._seeding import isolated_torch_seed
from gdpd_sklearn.networks._base import Architecture, MeanPool, Network, NetworkOutput
from gdpd_sklearn.networks._rocket_features import RocketFeatures, RocketState
from gdpd_sklearn.networks._rocket_graph import traced_features

__all__ = ["Rocket", "RocketNetwork"]


class Rocket(Architecture):
    """Random kernels of the ROCKET family, causal: features of every prefix in one pass.

    Parameters
    ----------
    n_features : int, default=10_000
        Upper bound of the width F; at least 168 where it is smaller.

    Notes
    -----
    :meth:`build` makes the network; the biases of its kernels are quantiles of their outputs on
    training series, which :meth:`prepare` takes. Until then they are 0.

    References
    ----------
    Dempster, Schmidt, Webb: MiniRocket. KDD 2021.

    Examples
    --------
    >>> import torch
    >>> from gdpd_sklearn.networks import Rocket
    >>> rocket = Rocket(n_features=1000)
    >>> network = rocket.build(n_channels=1, n_timepoints=50, n_classes=2, seed=0)
    >>> series = torch.randn(30, 1, 50)
    >>> rocket.prepare(network, series, seed=0)
    >>> network(series).logits.shape
    torch.Size([30, 2])
    """

    causal: ClassVar[bool] = True
    fixed: ClassVar[bool] = True
    stackable: ClassVar[bool] = False

    def __init__(self, n_features: int = 10_000) -> None:
        self.n_features = n_features

    def build(self, n_channels: int, n_timepoints: int, n_classes: int, seed: int) -> Network:
        """Make the network on the CPU; see :meth:`Architecture.build`."""
        check_int("n_features", self.n_features, 1)
        features = RocketFeatures(n_channels, n_timepoints, seed, self.n_features)
        with isolated_torch_seed(seed):
            return RocketNetwork(features, n_classes)

    def prepare(self, network: Network, x: Tensor, seed: int) -> None:
        """Take the biases of the kernels from scaled training series (N, C, T)."""
        assert isinstance(network.backbone, RocketFeatures)
        network.backbone.set_biases(x, seed)


class RocketNetwork(Network):
    """Features of random kernels and one linear head.

    The feature map of a prefix is its pooled features, as a map of one step: a share of times is a
    mean over indicators, which nobody needs one by one.
    """

    backbone: RocketFeatures

    def __init__(self, features: RocketFeatures, n_classes: int) -> None:
        super().__init__(features, MeanPool(), features.n_features, n_classes)

    def forward(self, x: Tensor) -> NetworkOutput:
        """Run a batch of shape (B, C, T)."""
        if not torch.onnx.is_in_onnx_export():
            return self.at_steps(x, torch.tensor([x.shape[-1]]))
        pooled = traced_features(self.backbone, x).to(x.dtype)
        return NetworkOutput(pooled[..., None], pooled, self.head(pooled))

    def at_steps(self, x: Tensor, lengths: Tensor, *, feature_maps: bool = True) -> NetworkOutput:
        """Answer at every prefix; see :meth:`Network.at_steps`. Maps are of one step."""
        pooled = self.backbone(x, lengths).flatten(0, 1).to(x.dtype)
        return NetworkOutput(pooled[..., None], pooled, self.head(pooled))

    @property
    def advances(self) -> bool:
        """Whether :meth:`advance` works: always."""
        return True

    def advance(  # type: ignore[override]
        self, x: Tensor, state: RocketState | None
    ) -> tuple[Tensor, RocketState]:
        """Go on from the sums so far; see :meth:`Network.advance`."""
        pooled, after = self.backbone.advance(x, state)
        assert pooled is not None
        return self.head(pooled.to(x.dtype)), after
