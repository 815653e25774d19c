"""A growing number of series in a memory-mapped file: time per epoch, and memory beside it."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks._markdown import markdown
from benchmarks.speed._turns import Spread, in_child
from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.networks import FCN
from gdpd_sklearn.recipes import Training

__all__ = ["N_TIMEPOINTS", "peak_memory", "scale_table", "write_series"]

N_TIMEPOINTS = 100
_BATCH = 1024
_WRITTEN_AT_ONCE = 50_000


class Fit(NamedTuple):
    """CPU seconds and peak of memory (MiB, beyond file and libraries) of one fit."""

    seconds: float
    check_mib: float
    mib: float


def scale_table(quick: bool) -> str:
    """Fit a small classifier for an epoch on ever more series, each in a process of its own."""
    sizes = (200, 400) if quick else (10_000, 100_000, 1_000_000)
    repeats = dict(zip(sizes, (1, 1) if quick else (3, 3, 1), strict=True))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "series.npy"
        X = write_series(path, sizes[-1])
        fits = {n: [in_child(partial(fit, path, n)) for _ in range(repeats[n])] for n in sizes}
        gigabytes = X.nbytes / 2**30
    smallest = np.median([f.seconds for f in fits[sizes[0]]]) / sizes[0]
    rows = []
    for n, each in fits.items():
        low, median, high = Spread.of([f.seconds / n / smallest for f in each])
        rows.append(
            [
                f"{n:,}",
                f"{np.median([f.seconds for f in each]):.3g} s",
                f"{median:.2f}",
                f"{low:.2f} – {high:.2f}" if len(each) > 1 else "one fit",
                f"{max(f.mib for f in each):.0f} MiB",
                f"{max(f.check_mib for f in each):.0f} MiB",
            ]
        )
    head = ["series", "fit", "time per series", "quartiles", "memory", "aeon's check alone"]
    return (
        f"## Many series in a file\n\nA fit of one epoch of a small teacher and one of a small "
        f"student (FCN of one layer, 8 wide, GDPD, batches of {_BATCH}, a fifth held out) on "
        f"univariate series of {N_TIMEPOINTS} points in a memory-mapped float32 file "
        f"({gigabytes:.2g} GiB). Time per series beside that of the smallest number; memory of "
        f"the process beyond the file and what it held before.\n\n{markdown(head, rows)}"
    )


def write_series(path: Path, n_cases: int) -> NDArray[np.float32]:
    """Write noise as a .npy file, part by part."""
    rng = np.random.default_rng(0)
    shape = (n_cases, 1, N_TIMEPOINTS)
    X = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    for start in range(0, n_cases, _WRITTEN_AT_ONCE):
        part = X[start : start + _WRITTEN_AT_ONCE]
        part[:] = rng.standard_normal(part.shape, dtype=np.float32)
    X.flush()
    return X


def fit(path: Path, n_cases: int) -> Fit:
    """Fit on the first cases of the file."""
    X = np.load(path, mmap_mode="r")[:n_cases]
    y = np.arange(n_cases) % 2
    tiny = FCN(widths=(8,), kernel_sizes=(8,))
    clf = GDPDClassifier(
        teacher=tiny, student=tiny, n_epochs=1, training=Training(batch_size=_BATCH),
        validation_fraction=0.2, device="cpu", random_state=0,
    )  # fmt: skip
    clf.fit(X[:64], y[:64])  # torch loads much of itself with the first optimiser
    with peak_memory() as check:
        clf._fit_setup(X, y)
    start = time.process_time()
    with peak_memory() as peak:
        clf.fit(X, y)
    return Fit(time.process_time() - start, check[0], peak[0])


@contextlib.contextmanager
def peak_memory() -> Iterator[list[float]]:
    """Watch the process's own memory (pages of a mapped file are not counted), every 10 ms."""
    start = _own_mib()
    peak, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.01):
            peak[0] = max(peak[0], _own_mib() - start)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _own_mib() -> float:
    """Anonymous memory of this process in MiB (Linux; NaN elsewhere)."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("RssAnon"):
                return int(line.split()[1]) / 1024
    return float("nan")
