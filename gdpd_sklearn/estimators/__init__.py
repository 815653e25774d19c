"""Estimators: the only room that knows aeon."""

import importlib
from typing import TYPE_CHECKING, Any

from gdpd_sklearn.estimators._answers import EarlyPrediction
from gdpd_sklearn.estimators._as_classifier import EarlyAsClassifier
from gdpd_sklearn.estimators._explanation import Explanation
from gdpd_sklearn.estimators._partial import GDPDClassifier
from gdpd_sklearn.estimators._score import SCORERS, EarlyScore, neg_average_cost_scorer
from gdpd_sklearn.estimators._stream import EarlyStream
from gdpd_sklearn.estimators._stream_answers import (
    Decision,
    FallenDecisions,
    Late,
    OpenSeries,
    PushError,
)
from gdpd_sklearn.estimators._timed_stream import TimedStream

if TYPE_CHECKING:
    from gdpd_sklearn.estimators._early import GDPDEarlyClassifier

__all__ = [
    "SCORERS",
    "Decision",
    "EarlyAsClassifier",
    "EarlyPrediction",
    "EarlyScore",
    "EarlyStream",
    "Explanation",
    "FallenDecisions",
    "GDPDClassifier",
    "GDPDEarlyClassifier",
    "Late",
    "OpenSeries",
    "PushError",
    "TimedStream",
    "neg_average_cost_scorer",
]

# The base class of early classifiers comes with all of aeon's early, dictionary, interval and
# distance based classifiers, which take a fifth as long to import as torch: when asked for only.
_WITH_AEONS_EARLY_CLASSIFIERS = {
    "GDPDEarlyClassifier": "gdpd_sklearn.estimators._early",
}


def __getattr__(name: str) -> Any:
    if name not in _WITH_AEONS_EARLY_CLASSIFIERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_WITH_AEONS_EARLY_CLASSIFIERS[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
