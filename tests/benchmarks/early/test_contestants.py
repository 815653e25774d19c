"""What every contestant owes, over the whole dict and for a stranger's."""

import copy
import pickle
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.neighbors import KNeighborsClassifier
from synthetic import make_series

from benchmarks._threads import one_thread
from benchmarks.early import contestants
from benchmarks.early._compute import decision_cost
from benchmarks.early.contestants import CONTESTANTS, FitsRules, KnowsHindsight
from benchmarks.early.contestants._non_myopic import NonMyopic
from gdpd_sklearn.metrics import harmonic_mean

N_TIMEPOINTS = 12

# what a contestant's models cost is not the contract's business
QUICK = {
    "classifier__n_epochs": 1, "classifier__n_folds": 2, "classifier__teacher": "lstm1-8",
    "classifier__student": "causal_fcn", "estimator__n_kernels": 84,
    "estimator__estimator": ExtraTreesClassifier(5),
}  # fmt: skip


class Nearest(BaseEstimator):
    """A stranger's contestant: the nearest neighbour decides at the first point."""

    least_points = 2

    def __init__(self, n_neighbors=1):
        self.n_neighbors = n_neighbors

    def fit(self, X, y, classification_points, random_state):
        self.point_ = classification_points[0]
        model = KNeighborsClassifier(self.n_neighbors)
        self.model_ = model.fit(X[:, 0, : self.point_], y)
        return self

    def score(self, X, y):
        accuracy = self.model_.score(X[:, 0, : self.point_], y)
        earliness = self.point_ / X.shape[2]
        return harmonic_mean(accuracy, earliness), accuracy, earliness


ALL = {**CONTESTANTS, "a stranger's": Nearest()}


def split(seed):
    X, codes = make_series(16, 1, N_TIMEPOINTS, seed=seed)
    return X, np.array(["a", "b"])[codes]


def quick(name):
    """Give an entry, its models made small where they can be."""
    contestant = clone(ALL[name])
    return contestant.set_params(**{k: v for k, v in QUICK.items() if k in contestant.get_params()})


@cache
def fitted(name, turn):
    """Fit an entry with seed 1, from its least points on; another turn is another fit."""
    contestant = quick(name)
    points = {contestant.least_points, 9, N_TIMEPOINTS}
    return contestant.fit(*split(0), tuple(sorted(points)), 1)


@pytest.fixture(autouse=True)
def _one_thread():
    with one_thread():
        yield


@pytest.fixture(params=ALL)
def name(request):
    return request.param


def test_from_its_least_points_on_scores_are_a_triple_in_range(name):
    harmonic, accuracy, earliness = fitted(name, 0).score(*split(1))
    least = ALL[name].least_points / N_TIMEPOINTS
    assert 0 <= accuracy <= 1
    assert least <= earliness <= 1
    if accuracy + 1 - earliness > 0:
        assert np.isclose(harmonic, harmonic_mean(accuracy, earliness))


def test_a_seed_gives_the_same_scores_again(name):
    triples = [tuple(fitted(name, turn).score(*split(1))) for turn in (0, 1, 0)]
    np.testing.assert_array_equal(triples[0], triples[1])
    np.testing.assert_array_equal(triples[0], triples[2])  # scoring changes nothing


def test_when_it_decides_does_not_depend_on_the_last_point(name):
    contestant = fitted(name, 0)
    X, y = split(1)
    changed = X.copy()
    changed[:, :, -1] = 1e3 * np.random.default_rng(0).normal(size=(len(X), 1))
    # who waits for the end may change its mind there, but nobody decides at another time
    assert contestant.score(changed, y)[2] == contestant.score(X, y)[2]


def test_it_can_be_cloned_before_and_after_the_fit(name):
    entry = ALL[name]
    assert not [each for each in vars(entry) if each.endswith("_")]
    twin = clone(fitted(name, 0))
    assert type(twin) is type(entry)
    assert not [each for each in vars(twin) if each.endswith("_")]
    assert twin.least_points == entry.least_points >= 1


def test_it_travels_to_another_process(name):
    pickle.loads(pickle.dumps(ALL[name]))


@pytest.mark.parametrize("name", [n for n in ALL if isinstance(ALL[n], KnowsHindsight)])
def test_hindsight_is_no_worse(name):
    contestant = fitted(name, 0)
    assert contestant.score(*split(1))[0] <= contestant.oracle(*split(1)) <= 1


@pytest.mark.parametrize("name", [n for n in ALL if isinstance(ALL[n], FitsRules)])
def test_a_dear_delay_is_decided_no_later(name):
    contestant = copy.deepcopy(fitted(name, 0))
    earliness = [contestant.fit_rule(decision_cost(a)).score(*split(1))[2] for a in (0.99, 0.01)]
    assert earliness[1] <= earliness[0]


def test_every_file_has_an_entry():
    folder = Path(contestants.__file__).parent
    files = {path.stem for path in folder.glob("_*.py")} - {"__init__", "_protocol", "_aeon"}
    assert files == {type(entry).__module__.rpartition(".")[2] for entry in CONTESTANTS.values()}


def test_non_myopic_waits_where_waiting_is_cheap():
    X, y = make_series(60, n_timepoints=24)
    X[:, :, :8] = 0.01 * np.random.default_rng(0).normal(size=(60, 1, 8))  # nothing to see yet
    labels = np.array(["a", "b"])[y]
    accuracies = {}
    for cost in (None, 0.01):
        model = NonMyopic(waiting_cost=cost).fit(X[:30], labels[:30], (4, 24), 0)
        score, accuracies[cost], earliness = model.score(X[30:], labels[30:])
        assert np.isclose(score, harmonic_mean(accuracies[cost], earliness))
        # at tslearn's default a time point costs as much as an error: it stops at the first
        assert earliness == 4 / 24 if cost is None else earliness > 8 / 24
    assert accuracies[0.01] > 0.9 > accuracies[None]
    # the rule alone is another one, as if it had been fitted for that cost
    cheap = NonMyopic().fit(X[:30], labels[:30], (4, 24), 0).fit_rule(decision_cost(1 / 1.01))
    assert cheap.score(X[30:], labels[30:]) == (score, accuracies[0.01], earliness)
    with pytest.raises(ValueError, match="one channel"):
        model.score(np.zeros((3, 2, 24)), labels[:3])
