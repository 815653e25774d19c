"""What happened during training, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["Columns", "Row", "as_columns", "as_frame", "figures_as_numbers", "history_frame"]

Row = dict[str, float]
Columns = dict[str, NDArray[Any]]
"""A history as fitted objects keep it. A pickled frame opens only where the optional libraries are
that pandas had when it was made, such as pyarrow for its labels."""


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


def as_columns(frame: pd.DataFrame) -> Columns:
    """Take a history apart into plain arrays."""
    return {str(name): np.asarray(frame[name].to_numpy()).copy() for name in frame.columns}


def as_frame(columns: Columns) -> pd.DataFrame:
    """Make the frame again."""
    return pd.DataFrame(columns)
