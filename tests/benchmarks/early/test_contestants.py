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
from benchmarks.early._costs import SETTINGS, decision_cost
from benchmarks.early.contestants import (
    CONTESTANTS,
    FitsRules,
    GivesProbabilities,
    HasRules,
)
from benchmarks.early.contestants._non_myopic import NonMyopic
from gdpd_sklearn.metrics import DecisionCost

N_TIMEPOINTS = 12

# what a contestant's models cost is not the contract's business
QUICK = {
    "classifier__n_epochs": 1, "classifier__n_folds": 2, "classifier__teacher": "lstm1-8",
    "classifier__student": "causal_fcn", "estimator__n_kernels": 84,
    "estimator__estimator": ExtraTreesClassifier(5), "n_kernels": 84, "n_folds": 2,
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

    def decide(self, X):
        return self.model_.predict(X[:, 0, : self.point_]), np.full(len(X), self.point_)


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
    return contestant.fit(*split(0), points_of(name), 1)


def points_of(name):
    return tuple(sorted({ALL[name].least_points, 9, N_TIMEPOINTS}))


@pytest.fixture(autouse=True)
def _one_thread():
    with one_thread():
        yield


# numba takes a minute and a half for WEASEL
ENTRIES = {
    name: pytest.param(name, marks=pytest.mark.slow if "WEASEL" in name else ()) for name in ALL
}


@pytest.fixture(params=ENTRIES.values())
def name(request):
    return request.param


def test_it_decides_each_case_at_one_of_its_points(name):
    X, y = split(1)
    labels, stop_times = fitted(name, 0).decide(X)
    assert labels.shape == stop_times.shape == y.shape
    assert np.isin(labels, y).all()
    assert (stop_times >= ALL[name].least_points).all()
    # tslearn's may stop at every time point
    allowed = range(1, N_TIMEPOINTS + 1) if "NonMyopic" in name else points_of(name)
    assert np.isin(stop_times, list(allowed)).all()


def test_a_seed_gives_the_same_decisions_again(name):
    X, _ = split(1)
    first, again, once_more = (fitted(name, turn).decide(X) for turn in (0, 1, 0))
    for expected, *others in zip(first, again, once_more, strict=True):
        for other in others:  # deciding changes nothing
            np.testing.assert_array_equal(expected, other)


def test_nothing_behind_a_decision_counts(name):
    contestant = fitted(name, 0)
    X, _ = split(1)
    labels, stop_times = contestant.decide(X)
    changed = X.copy()
    noise = 1e3 * np.random.default_rng(0).normal(size=X.shape)
    for case, seen in enumerate(stop_times):
        changed[case, :, seen:] = noise[case, :, seen:]
    labels_then, stop_times_then = contestant.decide(changed)
    np.testing.assert_array_equal(stop_times, stop_times_then)
    np.testing.assert_array_equal(labels, labels_then)


def test_it_can_be_cloned_before_and_after_the_fit(name):
    entry = ALL[name]
    assert not [each for each in vars(entry) if each.endswith("_")]
    twin = clone(fitted(name, 0))
    assert type(twin) is type(entry)
    assert not [each for each in vars(twin) if each.endswith("_")]
    assert twin.least_points == entry.least_points >= 1


def test_it_travels_to_another_process(name):
    pickle.loads(pickle.dumps(ALL[name]))


def with_(protocol):
    """Parametrise with the entries that have what is optional; ``classes_`` comes with the fit."""
    methods = [name for name in vars(protocol) if not name.startswith("_")]
    having = [n for n, entry in ALL.items() if all(hasattr(type(entry), m) for m in methods)]
    return pytest.mark.parametrize("name", [ENTRIES[n] for n in having])


@with_(GivesProbabilities)
def test_stopping_on_its_probabilities_is_deciding(name):
    contestant = fitted(name, 0)
    assert isinstance(contestant, GivesProbabilities)
    X, _ = split(1)
    probabilities = contestant.probabilities(X)
    assert probabilities.shape == (len(points_of(name)), len(X), 2)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1.0)
    codes, stops = contestant.decide_on(probabilities)
    labels, stop_times = contestant.decide(X)
    np.testing.assert_array_equal(np.array(points_of(name))[stops], stop_times)
    np.testing.assert_array_equal(contestant.classes_[codes], labels)
    if isinstance(contestant, FitsRules):  # costs may be weighed, but not in what it gives
        dear = copy.deepcopy(contestant).fit_rule(decision_cost("rare", 0.8, split(0)[1]))
        np.testing.assert_array_equal(dear.probabilities(X), probabilities)
        codes, stops = dear.decide_on(probabilities)
        labels, stop_times = dear.decide(X)
        np.testing.assert_array_equal(dear.classes_[codes], labels)
        np.testing.assert_array_equal(np.array(points_of(name))[stops], stop_times)


def refitted(contestant, setting, alpha):
    """Fit its rule for a cost: the mean stop time, or None where it cannot serve it."""
    try:
        contestant.fit_rule(decision_cost(setting, alpha, split(0)[1]))
    except NotImplementedError:
        return None
    return contestant.decide(split(1)[0])[1].mean()


@pytest.mark.parametrize("setting", SETTINGS)
@with_(FitsRules)
def test_a_dear_delay_is_decided_no_later(name, setting):
    contestant = copy.deepcopy(fitted(name, 0))
    before = contestant.decide(split(1)[0])
    for rule in contestant.rules if isinstance(contestant, HasRules) else ("",):
        if rule:
            contestant.use_rule(rule)
        cheap, dear = (refitted(contestant, setting, alpha) for alpha in (0.99, 0.01))
        if cheap is None:  # it decides as before
            np.testing.assert_array_equal(before[1], contestant.decide(split(1)[0])[1])
        else:
            assert dear <= cheap


def test_every_file_has_an_entry():
    folder = Path(contestants.__file__).parent
    files = {path.stem for path in folder.glob("_*.py")} - {
        "__init__",
        "_protocol",
        "_aeon",
        "_held_out",
        "_rules",
    }
    assert files == {type(entry).__module__.rpartition(".")[2] for entry in CONTESTANTS.values()}


def test_non_myopic_waits_where_waiting_is_cheap():
    X, y = make_series(60, n_timepoints=24)
    X[:, :, :8] = 0.01 * np.random.default_rng(0).normal(size=(60, 1, 8))  # nothing to see yet
    labels = np.array(["a", "b"])[y]
    accuracies = {}
    for cost in (None, 0.01):
        model = NonMyopic(waiting_cost=cost).fit(X[:30], labels[:30], (4, 24), 0)
        decided, stop_times = model.decide(X[30:])
        accuracies[cost] = (decided == labels[30:]).mean()
        # at tslearn's default a time point costs as much as an error: it stops at the first
        assert (stop_times == 4).all() if cost is None else stop_times.mean() > 8
    assert accuracies[0.01] > 0.9 > accuracies[None]
    # the rule alone is another one, as if it had been fitted for that cost
    cheap = NonMyopic().fit(X[:30], labels[:30], (4, 24), 0)
    cheap.fit_rule(DecisionCost([[0, 2], [2, 0]], delay=0.02))
    np.testing.assert_array_equal(cheap.decide(X[30:])[1], stop_times)
    with pytest.raises(ValueError, match="one channel"):
        model.decide(np.zeros((3, 2, 24)))


@pytest.mark.parametrize(
    "objective", ["harmonic_mean", DecisionCost([[0, 1], [5, 0]]), DecisionCost(delay=np.sqrt)]
)
def test_non_myopic_says_which_costs_it_cannot_serve(objective):
    with pytest.raises(NotImplementedError, match="NonMyopic serves a DecisionCost"):
        copy.deepcopy(fitted("NonMyopic", 0)).fit_rule(objective)
