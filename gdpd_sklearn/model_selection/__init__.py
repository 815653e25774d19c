"""Searches that train their candidates together."""

from gdpd_sklearn.model_selection._search import GDPDGridSearchCV

__all__ = ["GDPDGridSearchCV"]
