"""What happened during training, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

import pandas as pd
import torch
from torch import Tensor

__all__ = ["Row", "figures_as_numbers", "history_frame"]

Row = dict[str, float]


def figures_as_numbers(figures: dict[str, Tensor]) -> dict[str, list[float]]:
    """Bring the figures of an epoch, each of shape (P,), to the host in one transfer."""
    values = torch.stack([tensor.detach().float() for tensor in figures.values()]).tolist()
    return dict(zip(figures, values, strict=True))


def history_frame(rows: Sequence[Sequence[Row]], lengths: Sequence[int]) -> pd.DataFrame:
    """Make a long table, a row per epoch and prefix length, from each student's rows."""
    table = [
        (row["epoch"], {"epoch": row["epoch"], "prefix_length": length} | row)
        for length, of_student in zip(lengths, rows, strict=True)
        for row in of_student
    ]
    return pd.DataFrame([row for _, row in sorted(table, key=itemgetter(0))])
