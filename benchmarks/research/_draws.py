"""Training and test splits drawn anew, and what the students answer on each: computed once."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks._cells import cell_path
from benchmarks._data import load_split
from benchmarks.early._points import classification_points
from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.persistence import write_atomically

__all__ = ["Answers", "answers_of", "load_draw", "redraw"]

# Test cases beyond these tell hardly more of a mean and take their time.
_MOST_TESTED = 600


class Answers(NamedTuple):
    """Probabilities of one fit, for cases that it did not see.

    Attributes
    ----------
    held_out : ndarray of shape (P, N, K)
        Of the training cases, each by the students fitted without it.
    codes : ndarray of int, shape (N,)
    test : ndarray of shape (P, M, K)
    test_codes : ndarray of int, shape (M,)
    fractions : ndarray of shape (P,)
    """

    held_out: NDArray[np.float64]
    codes: NDArray[np.int64]
    test: NDArray[np.float64]
    test_codes: NDArray[np.int64]
    fractions: NDArray[np.float64]


def redraw(
    codes: NDArray[np.int64], n_train: int, number: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw training cases in proportion to the classes, two of each at least.

    Returns
    -------
    train, test : ndarray of int
        Indices, increasing; ``train`` has ``n_train`` of them or a few more: three times as many
        as there are classes, and two of each.
    """
    random = np.random.default_rng(number)
    n_classes = int(codes.max()) + 1
    n_train = max(n_train, 3 * n_classes)
    share = np.bincount(codes) / len(codes) * n_train
    counts = np.maximum(2, share.astype(int))
    while counts.sum() < n_train:
        counts[np.argmax(share - counts)] += 1
    train = np.concatenate(
        [
            random.permutation(np.flatnonzero(codes == code))[:count]
            for code, count in enumerate(counts)
        ]
    )
    return np.sort(train), np.setdiff1d(np.arange(len(codes)), train)


def load_draw(
    name: str, n_train: int | None, number: int, data_dir: str | None
) -> tuple[NDArray[np.floating], NDArray[np.int64], NDArray[np.floating], NDArray[np.int64]]:
    """Load a set as draw ``number`` splits it; 0 is the archive's own split.

    Parameters
    ----------
    name : str
    n_train : int or None
        Training cases of a draw; None: as many as in the archive's split.
    number : int
    data_dir : str or None

    Returns
    -------
    X, codes, X_test, test_codes
        At most 600 test cases.

    Raises
    ------
    ValueError
        If draw 0 is asked for with a number of training cases.
    """
    X, y = load_split(name, "train", data_dir)
    X_test, y_test = load_split(name, "test", data_dir)
    _, codes = np.unique(np.concatenate([y, y_test]), return_inverse=True)
    everything = np.concatenate([X, X_test])
    train, test = np.arange(len(y)), np.arange(len(y), len(codes))
    if number == 0 and n_train is not None:
        raise ValueError(f"n_train={n_train} must be None for draw 0, the archive's own split.")
    if number > 0:
        train, test = redraw(codes, len(y) if n_train is None else n_train, number)
    if len(test) > _MOST_TESTED:
        test = np.sort(np.random.default_rng(number).permutation(test)[:_MOST_TESTED])
    return everything[train], codes[train], everything[test], codes[test]


def answers_of(draw: dict[str, Any], data_dir: str | None, folder: Path) -> Answers:
    """Fit the default students to a draw, or read what they answered before.

    Parameters
    ----------
    draw : dict
        ``set``, ``n_train`` and ``draw``, as in :func:`load_draw`.
    data_dir : str or None
    folder : Path
        Where answers are kept; a change of the students asks for another one.
    """
    path = cell_path(folder, draw).with_suffix(".npz")
    if not path.exists():
        X, y, X_test, y_test = load_draw(draw["set"], draw["n_train"], draw["draw"], data_dir)
        points = classification_points(X.shape[2])
        classifier = GDPDEarlyClassifier(classification_points=points, random_state=draw["draw"])
        classifier.fit(X, y)
        answers = Answers(
            classifier.held_out_probabilities_,
            classifier.held_out_codes_,
            classifier.engine_.probabilities_up_to(X_test, len(points)),
            y_test,
            np.array(points) / X.shape[2],
        )
        folder.mkdir(parents=True, exist_ok=True)
        content = io.BytesIO()
        np.savez_compressed(content, **answers._asdict())
        write_atomically(path, content.getvalue())
    with np.load(path) as kept:
        return Answers(*(kept[name] for name in Answers._fields))
