"""LSTM (Hochreiter & Schmidhuber 1997), read once from the first point to the last."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from gdpd_sklearn._checks import check_int
from gdpd_sklearn.networks._base import MOST_LAYERS, MOST_UNITS, Architecture, LastStep, State
from gdpd_sklearn.networks._precision import lstm_autocast
from gdpd_sklearn.networks._stacked_lstm import WIDEST_JOINED

__all__ = ["LSTM", "LSTMBackbone"]


class LSTM(Architecture):
    """Unidirectional LSTM; the pooled feature is the last hidden state of the top layer.

    Parameters
    ----------
    n_layers : int, default=2
    hidden_size : int, default=32
        Width D.
    longest_memory : int or None, default=100
        Number of steps, at least 3, up to which units remember at the start of training: forget
        gates begin with memories of 1 to ``longest_memory - 1`` steps, input gates with their
        complement (chrono initialisation, Tallec & Ollivier 2018, "Can recurrent neural networks
        warp time?", section 2). None is PyTorch's initialisation, which begins with memories of
        about two steps and often never learns what stands far apart. The networks of the published
        experiments, ``"lstm3-100"``, ``"lstm2-32"`` and ``"lstm1-8"``, have None; ``"lstm"`` has
        the default.

    Examples
    --------
    >>> from gdpd_sklearn.networks import LSTM, count_parameters
    >>> count_parameters(LSTM(3, 100).build(n_channels=1, n_timepoints=50, n_classes=2, seed=0))
    203002
    """

    stackable: ClassVar[bool] = True
    learning_rate: ClassVar[float] = 0.01
    paper_learning_rate: ClassVar[float] = 0.01
    n_epochs: ClassVar[int] = 300
    # stacked LSTMs of more units run one by one (stacked_lstm), and stacking only copies weights:
    # with 32 hidden units it takes 1.3 of the looped time, with 100 units 0.9 to 1.1
    widest_stacked_on_cpu: ClassVar[int] = WIDEST_JOINED // 2
    recurrent: ClassVar[bool] = True
    causal: ClassVar[bool] = True

    def __init__(
        self, n_layers: int = 2, hidden_size: int = 32, longest_memory: int | None = 100
    ) -> None:
        self.n_layers = n_layers
        self.hidden_size = hidden_size
        self.longest_memory = longest_memory

    def build_backbone(self, n_channels: int, n_timepoints: int) -> tuple[nn.Module, int]:
        """Make the backbone and say its width D."""
        n_layers = check_int("n_layers", self.n_layers, 1, MOST_LAYERS)
        hidden_size = check_int("hidden_size", self.hidden_size, 1, MOST_UNITS)
        backbone = LSTMBackbone(n_channels, hidden_size, n_layers)
        if self.longest_memory is not None:
            backbone.spread_memories(check_int("longest_memory", self.longest_memory, 3, 10**6))
        return backbone, hidden_size

    def stacking_width(self) -> int:
        """Give the hidden units."""
        return self.hidden_size

    def pool(self) -> LastStep:
        """Take the last step."""
        return LastStep()


class LSTMBackbone(nn.Module):
    """The layers of an LSTM as a map of feature steps."""

    def __init__(self, n_channels: int, hidden_size: int, n_layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(n_channels, hidden_size, n_layers, batch_first=True)

    @torch.no_grad()
    def spread_memories(self, longest: int) -> None:
        """Set the biases of the gates so that units remember 1 to ``longest - 1`` steps."""
        for layer in range(self.lstm.num_layers):
            # PyTorch adds two biases; gates stand in the order input, forget, cell, output
            bias, other = (getattr(self.lstm, f"bias_{part}h_l{layer}") for part in "ih")
            memories = 1 + (longest - 2) * torch.rand(self.lstm.hidden_size)
            bias.zero_()
            other.zero_()
            entry, forget, _, _ = bias.chunk(4)
            forget.copy_(memories.log())
            entry.copy_(-forget)

    def forward(self, x: Tensor) -> Tensor:
        with lstm_autocast(x.device):
            hidden, _ = self.lstm(x.transpose(1, 2))
        return hidden.transpose(1, 2)

    def advance(self, x: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Go on from hidden and cell state, kept as (B, layers, D)."""
        before = None if state is None else tuple(s.transpose(0, 1).contiguous() for s in state)
        hidden, after = self.lstm(x.transpose(1, 2), before)
        return hidden.transpose(1, 2), tuple(s.transpose(0, 1) for s in after)
