"""What a report writes: markdown, CSV files, PNG files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

__all__ = ["Document"]


class Document:
    """A markdown text that grows, in a folder of CSV and PNG files.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._parts: list[str] = []

    @property
    def text(self) -> str:
        """The markdown so far."""
        return "\n\n".join(self._parts) + "\n"

    def heading(self, level: int, text: str) -> None:
        """Add a heading."""
        self._parts.append(f"{'#' * level} {text}")

    def paragraph(self, text: str) -> None:
        """Add a paragraph."""
        self._parts.append(text)

    def items(self, lines: list[str]) -> None:
        """Add a list."""
        self._parts.append("\n".join(f"- {line}" for line in lines))

    def table(self, frame: pd.DataFrame, *, index: bool = True, digits: int = 2) -> None:
        """Add a table; a missing value is an empty cell."""

        def text(value: Any) -> str:
            if value is None or value != value:
                return ""
            return f"{value:.{digits}f}" if isinstance(value, float) else str(value)

        shown = frame.map(text).to_markdown(index=index, disable_numparse=True, stralign="right")
        self._parts.append(shown)

    def csv(self, name: str, frame: pd.DataFrame) -> None:
        """Write ``name.csv``."""
        frame.to_csv(self.folder / f"{name}.csv", index=False)

    def figure(self, name: str, figure: Figure, caption: str) -> None:
        """Write ``name.png``, the name made fit for a file, and show it."""
        file = re.sub(r"[^a-z0-9.]+", "_", name.lower()).strip("_") + ".png"
        # aeon's figures have no layout engine and write beyond their frame
        box = None if figure.get_layout_engine() else "tight"
        figure.savefig(self.folder / file, dpi=120, bbox_inches=box, facecolor="white")
        self._parts.append(f"![{caption}]({file})")

    def write(self, name: str) -> Path:
        """Write the markdown."""
        path = self.folder / name
        path.write_text(self.text)
        return path
