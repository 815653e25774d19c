"""Sets whose series are as they were measured or drawn, made here and not read from a folder.

Archives z-normalise complete series, so that a prefix tells of its future (docs/leak.md). These
sets do not. ``RawCBF`` needs nothing; ``MNIST1D`` and ``Watch`` need the extra ``raw``.
"""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["SETS", "RawSet", "check_set", "cylinder_bell_funnel", "load", "load_split"]

Array = NDArray[np.float64]
Split = tuple[Array, NDArray[Any]]

CBF_POINTS = 128
CBF_TRAIN, CBF_TEST = 30, 300
MNIST1D_TRAIN, MNIST1D_TEST = 400, 1000
# 18 s at 50 Hz, which every series has; five readings make a point of a tenth of a second
WATCH_READINGS, WATCH_BLOCK = 900, 5
WATCH_TEST_SUBJECTS = (2, 5, 8, 10)


class RawSet(NamedTuple):
    """How a set is made, and the package that it needs.

    Parameters
    ----------
    make : callable
        Seed to the training split and the test split.
    package : str, optional
    """

    make: Callable[[int], tuple[Split, Split]]
    package: str | None = None


def cylinder_bell_funnel(
    n_cases: int, random: np.random.Generator
) -> tuple[Array, NDArray[np.int64]]:
    """Draw series of Saito (1994): a plateau, a rise or a fall of random height, time and length.

    ``x(t) = (6 + η) · shape(t) + ε(t)`` for t = 1 … 128, where the shape is within [a, b]: 1 for
    cylinders, ``(t − a) / (b − a)`` for bells, ``(b − t) / (b − a)`` for funnels. η and all ε are
    standard normal, a and b − a are uniform whole numbers in [16, 32] and [32, 96].

    Returns
    -------
    X : ndarray of shape (n_cases, 1, 128)
    y : ndarray of int, shape (n_cases,)
        Classes in turn: 0 cylinder, 1 bell, 2 funnel.
    """
    y = np.arange(n_cases) % 3
    t = np.arange(1, CBF_POINTS + 1)
    X = random.normal(size=(n_cases, 1, CBF_POINTS))
    for case, code in enumerate(y):
        a = int(random.integers(16, 33))
        length = int(random.integers(32, 97))
        inside = (t >= a) & (t <= a + length)
        shape = (np.ones(CBF_POINTS), (t - a) / length, (a + length - t) / length)[code]
        X[case, 0] += (6.0 + random.normal()) * inside * shape
    return X, y


def _cbf(seed: int) -> tuple[Split, Split]:
    random = np.random.default_rng(seed)
    return cylinder_bell_funnel(CBF_TRAIN, random), cylinder_bell_funnel(CBF_TEST, random)


def _mnist1d(seed: int) -> tuple[Split, Split]:
    """Draw digits of 40 points by the generator's own arguments (Greydanus & Kobak, ICML 2024).

    The generator shifts and scales all series by one mean and one deviation.
    """
    from mnist1d.data import get_dataset_args, make_dataset

    arguments = get_dataset_args()
    arguments.num_samples = MNIST1D_TRAIN + MNIST1D_TEST
    arguments.train_split = MNIST1D_TRAIN / arguments.num_samples
    arguments.seed = seed
    with _global_randomness_kept():
        drawn = make_dataset(arguments)
    train, test = (
        (drawn[x][:, None].astype(np.float64), drawn[y].astype(str))
        for x, y in (("x", "y"), ("x_test", "y_test"))
    )
    return train, test


@contextmanager
def _global_randomness_kept() -> Iterator[None]:
    """Give back the generators that ``mnist1d`` seeds for everybody."""
    plain, of_numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(plain)
        np.random.set_state(of_numpy)  # noqa: NPY002


def _watch(seed: int) -> tuple[Split, Split]:
    """Read shoulder exercises from a wrist: 7 classes, 6 channels, no subject in both splits.

    The first 18 seconds of each of the 140 series, as means of a tenth of a second: 180 points.
    84 series of six subjects are for training, 56 of four for the test, whatever the seed (Burns
    et al. 2018, as ``seglearn`` has them).
    """
    from seglearn import load_watch

    data = load_watch()
    cut = np.stack([series[:WATCH_READINGS].T for series in data["X"]])
    blocks = cut.reshape(*cut.shape[:2], -1, WATCH_BLOCK).mean(axis=-1)
    labels = np.array(data["y_labels"])[np.asarray(data["y"], dtype=int)]
    test = np.isin(data["subject"], WATCH_TEST_SUBJECTS)
    return (blocks[~test], labels[~test]), (blocks[test], labels[test])


SETS: Mapping[str, RawSet] = {
    "RawCBF": RawSet(_cbf),
    "MNIST1D": RawSet(_mnist1d, "mnist1d"),
    "Watch": RawSet(_watch, "seglearn"),
}
"""Name to how it is made."""


def check_set(name: str) -> None:
    """Refuse a set whose package is not there.

    Raises
    ------
    FileNotFoundError
        That names the set and the package.
    """
    package = SETS[name].package
    if package is not None and importlib.util.find_spec(package) is None:
        raise FileNotFoundError(
            f'data set {name!r} needs the package {package}: pip install -e ".[raw]".'
        )


def load(name: str, seed: int = 0) -> tuple[Split, Split]:
    """Make a set: (X, y) of the training split, and of the test split.

    Raises
    ------
    FileNotFoundError
        If the package that it needs is not there.
    """
    check_set(name)
    return SETS[name].make(seed)


def load_split(name: str, split: str) -> Split:
    """Make the ``"train"`` or ``"test"`` split of a set, always the same."""
    return load(name)[split == "test"]
