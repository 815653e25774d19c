"""Estimators: the only room that knows aeon."""

from gdpd_sklearn.estimators._answers import EarlyPrediction
from gdpd_sklearn.estimators._as_classifier import EarlyAsClassifier
from gdpd_sklearn.estimators._early import GDPDEarlyClassifier
from gdpd_sklearn.estimators._partial import GDPDClassifier
from gdpd_sklearn.estimators._score import SCORERS, EarlyScore, neg_average_cost_scorer
from gdpd_sklearn.estimators._stream import Decision, EarlyStream

__all__ = [
    "SCORERS",
    "Decision",
    "EarlyAsClassifier",
    "EarlyPrediction",
    "EarlyScore",
    "EarlyStream",
    "GDPDClassifier",
    "GDPDEarlyClassifier",
    "neg_average_cost_scorer",
]
