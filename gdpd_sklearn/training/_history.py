"""What happened during training, epoch by epoch."""

from __future__ import annotations

import pandas as pd
import torch
from torch import Tensor

__all__ = ["History"]


class History:
    """Collect figures per epoch and member of the bank; one transfer from the device an epoch."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, dict[str, list[float]]]] = []

    def add(self, epoch: int, figures: dict[str, Tensor]) -> dict[str, list[float]]:
        """Add the figures of an epoch, each of shape (P,), and give them as numbers."""
        names = list(figures)
        values = torch.stack([figures[name].detach().float() for name in names]).tolist()
        row = dict(zip(names, values, strict=True))
        self._rows.append((epoch, row))
        return row

    def of_member(self, p: int) -> list[dict[str, float]]:
        """Give the figures of member number ``p``, a dict per epoch."""
        return [
            {"epoch": epoch} | {name: values[p] for name, values in row.items()}
            for epoch, row in self._rows
        ]

    def to_frame(self, lengths: tuple[int, ...]) -> pd.DataFrame:
        """Long table: a row per epoch and prefix length."""
        return pd.DataFrame(
            [
                {"epoch": epoch, "prefix_length": length}
                | {name: values[p] for name, values in row.items()}
                for epoch, row in self._rows
                for p, length in enumerate(lengths)
            ]
        )
