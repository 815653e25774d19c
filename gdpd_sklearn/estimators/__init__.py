"""Estimators: the only room that knows aeon."""

from gdpd_sklearn.estimators._partial import GDPDClassifier

__all__ = ["GDPDClassifier"]
