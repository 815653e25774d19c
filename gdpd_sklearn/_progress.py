"""Progress: for a person who asked for it (``verbose``), and as records of ``logging``.

The logger ``"gdpd_sklearn"`` gets a record of level INFO for each phase that is over, such as a fit
or the training of teachers, and one of level DEBUG for each epoch. Records carry ``phase``,
``seconds``, ``epoch`` and ``figures`` as attributes. Other processes of joblib have loggers of
their own.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

__all__ = ["LOGGER", "Epochs", "Watcher", "phase", "watched_by"]

LOGGER = logging.getLogger("gdpd_sklearn")
# a library is silent until its user says where records go
LOGGER.addHandler(logging.NullHandler())


class Watcher(Protocol):
    """What is told of trainings and their epochs while it watches."""

    def begin(self, label: str, n_epochs: int) -> None:
        """Note that a training begins."""

    def epoch_begins(self) -> None:
        """Note that an epoch of it begins."""

    def epoch_ends(self) -> None:
        """Note that the epoch is over."""

    def end(self) -> None:
        """Note that the training is over, or was left."""


_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Tell a watcher of trainings within, in this thread and process."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Log how long a phase took, also as a decorator; one that fails is not over.

    Parameters
    ----------
    name : str
    """
    start = time.perf_counter()
    yield
    seconds = time.perf_counter() - start
    LOGGER.info("%s: %.2f s", name, seconds, extra={"phase": name, "seconds": seconds})


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
        start, n_done, watcher = time.perf_counter(), 0, _watcher.get()
        if watcher is not None:
            watcher.begin(self._label, self._n_epochs)
        try:
            for epoch in range(self._n_epochs):
                n_done = epoch + 1
                if watcher is None:
                    yield epoch
                else:
                    watcher.epoch_begins()
                    try:  # the training may be left after this epoch
                        yield epoch
                    finally:
                        watcher.epoch_ends()
                if self._bar is not None:
                    self._bar.update()
        finally:
            if watcher is not None:
                watcher.end()
            if self._bar is not None:
                self._bar.close()
            seconds = time.perf_counter() - start
            about = {"phase": f"training of {self._label}", "seconds": seconds, "epoch": n_done}
            LOGGER.info("%s: %d epochs in %.2f s", self._label, n_done, seconds, extra=about)

    def show(self, epoch: int, figures: Mapping[str, Sequence[float]]) -> None:
        """Show the figures of an epoch, the mean over members."""
        logs = LOGGER.isEnabledFor(logging.DEBUG)
        if not (self._verbose or logs):
            return
        means = {name: sum(values) / len(values) for name, values in figures.items()}
        text = " ".join(f"{name}={mean:.3f}" for name, mean in means.items())
        line = f"{self._label}: epoch {epoch + 1}/{self._n_epochs} {text}"
        if logs:
            about = {"phase": f"training of {self._label}", "epoch": epoch + 1, "figures": means}
            LOGGER.debug("%s", line, extra=about)
        if self._bar is not None:
            self._bar.set_postfix({k: f"{v:.3f}" for k, v in means.items()}, refresh=False)
        elif self._verbose and (epoch + 1) % max(1, self._n_epochs // 10) == 0:
            sys.stderr.write(f"{line}\n")
