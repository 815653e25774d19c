"""Random kernels as an architecture: a backbone that needs no training, and a linear head."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from gdpd_sklearn._checks import check_int
from gdpd_sklearn._isolation import isolated_torch_seed
from gdpd_sklearn.networks._base import Architecture, MeanPool, Network, NetworkOutput
from gdpd_sklearn.networks._rocket_features import RocketFeatures
from gdpd_sklearn.networks._rocket_graph import traced_features
from gdpd_sklearn.networks._rocket_state import RocketState

__all__ = ["Rocket", "RocketNetwork"]


# Cases times squared features, which the time of a fit of many cases is proportional to.
_MOST_PRODUCTS = 2**37
# The smaller of the numbers of cases and of features: a matrix of so many rows is decomposed.
_LARGEST_MATRIX = 2688
# Whatever the number of cases.
_FEWEST = 672


class Rocket(Architecture):
    """Random kernels of the ROCKET family, causal: features of every prefix in one pass.

    Parameters
    ----------
    n_features : int, default=10_000
        Upper bound of the width F; at least 252 where it is smaller.

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
    reads_gaps: ClassVar[bool] = True
    stackable: ClassVar[bool] = False
    # Of what is trained on, from the closed form: further on, it fits the cases and no others.
    n_epochs: ClassVar[int] = 20

    def __init__(self, n_features: int = 10_000) -> None:
        self.n_features = n_features

    def build(self, n_channels: int, n_timepoints: int, n_classes: int, seed: int) -> Network:
        """Make the network on the CPU; see :meth:`Architecture.build`."""
        n_features = check_int("n_features", self.n_features, 1, 10**6)
        with isolated_torch_seed(seed):
            features = RocketFeatures(n_channels, n_timepoints, seed, n_features)
            return RocketNetwork(features, n_classes)

    def for_cases(self, n_cases: int) -> Rocket:
        """Give a narrower copy for many cases, so that a fit takes minutes and not hours.

        Up to 2688 cases there are ``n_features``. With more cases there are at most 2688, since the
        solver decomposes a matrix of as many rows as the smaller number says. From some 20 000
        cases on their number falls as the square root of the cases rises (1172 for 100 000), but
        672 are always taken.
        """
        most = check_int("n_features", self.n_features, 1, 10**6)
        if n_cases > _LARGEST_MATRIX:
            affordable = math.isqrt(_MOST_PRODUCTS // n_cases)
            most = min(most, _LARGEST_MATRIX, max(_FEWEST, affordable))
        return Rocket(most)

    def prepare(self, network: Network, x: Tensor, seed: int) -> None:
        """Take the biases of the kernels from scaled training series (N, C, T)."""
        assert isinstance(network.backbone, RocketFeatures)
        network.backbone.set_biases(x, seed)


class RocketNetwork(Network):
    """Features of random kernels and a linear head for each prefix.

    The feature map of a prefix is its pooled features, as a map of one step: a share of times is a
    mean over indicators, which nobody needs one by one.

    Attributes
    ----------
    lengths : tuple of int, length P
        Prefix lengths that have a head, see :meth:`answer_at`. Before, one head serves all.
    """

    backbone: RocketFeatures

    def __init__(self, features: RocketFeatures, n_classes: int) -> None:
        super().__init__(features, MeanPool(), features.n_features, n_classes)
        self.lengths: tuple[int, ...] = ()

    @property
    def n_classes(self) -> int:
        """Number of classes K."""
        return self.head.out_features // max(1, len(self.lengths))

    def answer_at(self, lengths: Sequence[int]) -> None:
        """Make room for a head at each of these prefix lengths."""
        n_classes = self.n_classes
        self.lengths = tuple(int(length) for length in lengths)
        weight = self.head.weight
        self.head = nn.Linear(
            self.n_features, len(self.lengths) * n_classes, device=weight.device, dtype=weight.dtype
        )

    def check(self, n_timepoints: int) -> None:
        """Refuse dilations that such series do not have; see :meth:`Network.check`."""
        dilations = self.backbone.dilations
        if not ((dilations >= 1) & (8 * (dilations - 1) < n_timepoints)).all():
            raise ValueError(
                f"dilations={dilations.tolist()} do not fit into {n_timepoints} time points."
            )

    @torch.no_grad()
    def set_heads(self, weights: Tensor, biases: Tensor) -> None:
        """Take the heads of all prefix lengths: weights (P, K, F) and biases (P, K)."""
        self.head.weight.copy_(weights.flatten(0, 1))
        self.head.bias.copy_(biases.flatten())

    def forward(self, x: Tensor) -> NetworkOutput:
        """Run a batch of shape (B, C, T), a prefix of a length that has a head."""
        if not torch.onnx.is_in_onnx_export():
            return self.at_steps(x, torch.tensor([x.shape[-1]]))
        pooled = traced_features(self.backbone, x).to(x.dtype)
        return NetworkOutput(pooled[..., None], pooled, self.head_at(x.shape[-1], pooled))

    def at_steps(self, x: Tensor, lengths: Tensor, *, feature_maps: bool = True) -> NetworkOutput:
        """Answer at every prefix; see :meth:`Network.at_steps`. Maps are of one step."""
        pooled, logits = [], []
        for length, features in zip(lengths.tolist(), self.along(x, lengths.tolist()), strict=True):
            pooled.append(features.to(x.dtype))
            logits.append(self.head_at(length, pooled[-1]))
        all_pooled = torch.cat(pooled)
        return NetworkOutput(all_pooled[..., None], all_pooled, torch.cat(logits))

    def logits_at(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Answer at every prefix; the features of only one of them are held at a time."""
        points = lengths.tolist()
        each = zip(points, self.along(x, points), strict=True)
        return torch.cat([self.head_at(m, features.to(x.dtype)) for m, features in each])

    def along(self, x: Tensor, lengths: Sequence[int]) -> Iterator[Tensor]:
        """Give the features (B, F) of one prefix after the other."""
        return self.backbone.along(x, lengths)

    def head_at(self, length: int, pooled: Tensor) -> Tensor:
        """Logits (B, K) of pooled features (B, F) of prefixes of this length."""
        return nn.functional.linear(pooled, *self.head_of(length))

    def head_of(self, length: int) -> tuple[Tensor, Tensor]:
        """Weights (K, F) and biases (K,) of the head for prefixes of this length."""
        if not self.lengths:
            return self.head.weight, self.head.bias
        rows = self._rows(length)
        return self.head.weight[rows], self.head.bias[rows]

    def _rows(self, length: int) -> slice:
        if length not in self.lengths:
            raise ValueError(
                f"there is no head for prefixes of {length} time points; lengths={self.lengths}."
            )
        start = self.lengths.index(length) * self.n_classes
        return slice(start, start + self.n_classes)

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
        return self.head_at(int(after.n_seen[0]), pooled.to(x.dtype)), after
