"""Tables in markdown, without padding: what a document holds is what a command prints."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

__all__ = ["markdown", "markdown_of"]


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a markdown table whose first column is text and whose others are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def markdown_of(frame: pd.DataFrame, digits: int = 3) -> str:
    """Write a frame, its index as the first column; numbers get so many digits, none is a dash."""

    def text(value: object) -> str:
        if isinstance(value, float):
            return "–" if value != value else f"{value:.{digits}f}"
        return "–" if value is None else str(value)

    rows = [[str(name), *map(text, values)] for name, *values in frame.itertuples(name=None)]
    return markdown([str(frame.index.name or ""), *map(str, frame.columns)], rows)
