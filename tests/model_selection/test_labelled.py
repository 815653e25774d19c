import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold

from gdpd_sklearn.model_selection import LabelledKFold


@pytest.mark.parametrize("mark", [-1, np.nan, ""])
def test_unlabelled_cases_are_in_every_training_part_and_in_no_test_part(mark):
    labels = np.array(["a", "b"] * 6) if mark == "" else np.array([0.0, 1.0] * 6)
    y = labels.copy()
    y[[0, 5, 7]] = mark
    known = np.setdiff1d(np.arange(12), [0, 5, 7])
    tested = []
    folds = LabelledKFold(3, unlabelled=mark)
    assert folds.get_n_splits() == 3
    plain = StratifiedKFold(3).split(known, labels[known])
    for (train, test), (own_train, own_test) in zip(folds.split(y, y), plain, strict=True):
        assert {0, 5, 7} <= set(train)
        assert test.tolist() == known[own_test].tolist()
        assert set(train) - {0, 5, 7} == set(known[own_train])
        tested += test.tolist()
    assert sorted(tested) == known.tolist()


def test_it_clones_and_shuffles_by_its_seed():
    y = [0, 1] * 6 + [-1]
    folds = LabelledKFold(2, shuffle=True, random_state=0)
    first, second = (
        [test.tolist() for _, test in each.split(y, y)]
        for each in (folds, clone(folds, safe=False))
    )
    assert first == second
    assert first != [test.tolist() for _, test in LabelledKFold(2).split(y, y)]
