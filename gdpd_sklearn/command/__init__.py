"""The command ``python -m gdpd_sklearn``: fit, score and keep classifiers of one's own data."""

from gdpd_sklearn.command._main import main
from gdpd_sklearn.command._read import Split, read_split

__all__ = ["Split", "main", "read_split"]
