"""Progress for a person who asked for it (``verbose``)."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator

__all__ = ["Epochs"]


class Epochs:
    """Count epochs, with a bar and the time left where tqdm is installed, else with plain lines.

    Parameters
    ----------
    n_epochs : int
    label : str
        What is trained.
    verbose : int
        0 is silent.
    """

    def __init__(self, n_epochs: int, label: str, verbose: int) -> None:
        self._n_epochs = n_epochs
        self._label = label
        self._verbose = verbose
        self._bar = None
        if verbose and importlib.util.find_spec("tqdm"):
            from tqdm.auto import tqdm

            self._bar = tqdm(total=n_epochs, desc=label, unit="epoch", leave=True)

    def __iter__(self) -> Iterator[int]:
        try:
            for epoch in range(self._n_epochs):
                yield epoch
                if self._bar is not None:
                    self._bar.update()
        finally:
            if self._bar is not None:
                self._bar.close()

    def show(self, epoch: int, figures: dict[str, list[float]]) -> None:
        """Show the figures of an epoch, the mean over members."""
        if not self._verbose:
            return
        means = {name: f"{sum(values) / len(values):.3f}" for name, values in figures.items()}
        if self._bar is not None:
            self._bar.set_postfix(means, refresh=False)
        elif (epoch + 1) % max(1, self._n_epochs // 10) == 0:
            text = " ".join(f"{name}={value}" for name, value in means.items())
            sys.stderr.write(f"{self._label}: epoch {epoch + 1}/{self._n_epochs} {text}\n")
