"""Who foretells: each gives probabilities of training stays held out, and of test stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import LeastDelay
from gdpd_sklearn.triggers import FallingThreshold, apply_temperature, fit_tilt

__all__ = ["CONTESTANTS", "Foretold", "Stays", "summaries"]

N_FOLDS = 5

Array = NDArray[np.float64]


class Stays(NamedTuple):
    """Some stays.

    Attributes
    ----------
    filled : ndarray of shape (N, C, 48)
        With the last value where nothing was measured.
    measured : ndarray of bool, shape (N, C, 48)
    died : ndarray of bool, shape (N,)
    """

    filled: Array
    measured: NDArray[np.bool_]
    died: NDArray[np.bool_]


class Foretold(NamedTuple):
    """Answers at P hours.

    Attributes
    ----------
    held_out : ndarray of shape (P, N)
        Probability of death of training stays, by models that did not see them.
    test : ndarray of shape (P, M)
        Of test stays.
    decided, points : ndarray of shape (M,)
        What the early classifier decided for test stays, and the number of the hour.
    """

    held_out: Array
    test: Array
    decided: NDArray[np.bool_]
    points: NDArray[np.intp]


def _own(
    series: Callable[[Stays], Array],
    train: Stays,
    test: Stays,
    hours: Sequence[int],
    goal: LeastDelay,
    seed: int,
) -> Foretold:
    """Let the package's early classifier see stays hour by hour."""
    X, X_test = series(train), series(test)
    clf = GDPDEarlyClassifier(tuple(hours), objective=goal, random_state=seed)
    clf.fit(X, train.died.astype(int))
    held_out = clf.held_out_probabilities_[..., 1]
    answers = clf.predict_early(X_test)
    # what the rule tilts is for decisions; figures at an hour need no tilt
    engine = clf.fit_trigger(objective="harmonic_mean").engine_
    known = engine.probabilities_up_to(X_test, len(hours))
    points = np.searchsorted(hours, answers.stop_times)
    return Foretold(held_out, known[..., 1], answers.labels == 1, points)


def _filled(stays: Stays) -> Array:
    return stays.filled


def _with_gaps(stays: Stays) -> Array:
    return np.where(stays.measured, stays.filled, np.nan)


def _summarised(
    make: Callable[[int], Any],
    train: Stays,
    test: Stays,
    hours: Sequence[int],
    goal: LeastDelay,
    seed: int,
) -> Foretold:
    """Ask a classifier of summaries at each hour; cross-fitted, and with the same rule."""
    held_out, asked = [], []
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=seed)
    for hour in hours:
        own, new = (summaries(stays, hour) for stays in (train, test))
        model = make(seed)
        held_out.append(
            cross_val_predict(clone(model), own, train.died, cv=folds, method="predict_proba")
        )
        asked.append(model.fit(own, train.died).predict_proba(new))
    known, unknown = np.stack(held_out), np.stack(asked)
    fractions, codes = np.array(hours) / hours[-1], train.died.astype(int)
    tilt = fit_tilt(FallingThreshold(), known, codes, fractions, goal)
    rule = FallingThreshold().fit(apply_temperature(known, 1.0, tilt), codes, fractions, goal)
    tilted = apply_temperature(unknown, 1.0, tilt)
    points = rule.stop_points(tilted)
    decided = tilted[points, np.arange(len(points))].argmax(-1) == 1
    return Foretold(known[..., 1], unknown[..., 1], decided, points)


def summaries(stays: Stays, hour: int) -> Array:
    """Summarise each channel up to an hour: (N, 7 · C), NaN where nothing was measured.

    First, last, least, greatest and mean value, the change from first to last, and in how many
    hours it was measured.
    """
    seen = stays.measured[..., :hour]
    values = np.where(seen, stays.filled[..., :hour], np.nan)
    ever = seen.any(-1)
    counts = seen.sum(-1)
    first, last = seen.argmax(-1), hour - 1 - seen[..., ::-1].argmax(-1)
    begin, end = (
        np.where(ever, np.take_along_axis(values, at[..., None], -1)[..., 0], np.nan)
        for at in (first, last)
    )
    low = np.where(ever, np.where(seen, values, np.inf).min(-1), np.nan)
    high = np.where(ever, np.where(seen, values, -np.inf).max(-1), np.nan)
    mean = np.where(ever, np.where(seen, values, 0.0).sum(-1) / np.maximum(counts, 1), np.nan)
    return np.concatenate([begin, end, low, high, mean, end - begin, counts], axis=1)


def _regression(_: int) -> Any:
    strengths = {"C": [1e-4, 1e-3, 1e-2]}
    return make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        StandardScaler(),
        GridSearchCV(LogisticRegression(max_iter=500), strengths, scoring="neg_log_loss", cv=3),
    )


def _boosting(seed: int) -> Any:
    return make_pipeline(
        # below whatever was measured, a bin of its own; columns without any value trip the trees
        SimpleImputer(strategy="constant", fill_value=-1e6, keep_empty_features=True),
        HistGradientBoostingClassifier(
            learning_rate=0.05, max_iter=150, max_leaf_nodes=8, random_state=seed
        ),
    )


Contestant = Callable[[Stays, Stays, Sequence[int], LeastDelay, int], Foretold]


CONTESTANTS: Mapping[str, Contestant] = {
    "default": partial(_own, _filled),
    "default, gaps": partial(_own, _with_gaps),
    "logistic regression": partial(_summarised, _regression),
    "gradient boosting": partial(_summarised, _boosting),
}
"""The package's default, with the last value in place of gaps and with gaps as they are, and two
rivals on summaries; all with the same kind of rule."""
