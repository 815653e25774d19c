"""Searches that train their candidates together, and folds where some labels are missing."""

from gdpd_sklearn.model_selection._labelled import LabelledKFold
from gdpd_sklearn.model_selection._search import GDPDGridSearchCV

__all__ = ["GDPDGridSearchCV", "LabelledKFold"]
