"""Cross-validation where some cases have no label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import BaseCrossValidator, StratifiedKFold

from gdpd_sklearn.data import Mark, find_unlabelled, plain_labels

__all__ = ["LabelledKFold"]


class LabelledKFold(BaseCrossValidator):
    """Stratified folds of the labelled cases; those without a label are in every training part.

    For ``cv=`` of all tools of scikit-learn, and of :class:`GDPDGridSearchCV`.

    Parameters
    ----------
    n_splits : int, default=5
    unlabelled : label, default=-1
        The mark of cases without a label, as in the estimators.
    shuffle, random_state
        As in :class:`~sklearn.model_selection.StratifiedKFold`.

    Examples
    --------
    >>> y = [0, 1, -1, 0, 1, -1]
    >>> for train, test in LabelledKFold(2).split(y, y):
    ...     print(train, test)
    [2 3 4 5] [0 1]
    [0 1 2 5] [3 4]
    """

    def __init__(
        self,
        n_splits: int = 5,
        unlabelled: Mark = -1,
        shuffle: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_splits = n_splits
        self.unlabelled = unlabelled
        self.shuffle = shuffle
        self.random_state = random_state

    def split(
        self, X: Any, y: ArrayLike, groups: Any = None
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Give indices of training and test cases, fold by fold."""
        labels = np.asarray(y)
        marked = find_unlabelled(labels, self.unlabelled)
        labelled, others = np.flatnonzero(~marked), np.flatnonzero(marked)
        known = plain_labels(labels[labelled])
        folds = StratifiedKFold(self.n_splits, shuffle=self.shuffle, random_state=self.random_state)
        for train, test in folds.split(known, known):
            yield np.union1d(labelled[train], others), labelled[test]

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Give the number of folds."""
        return self.n_splits
