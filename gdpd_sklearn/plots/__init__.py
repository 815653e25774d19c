"""Plots of early classification; each returns the matplotlib axes it drew on.

matplotlib is needed (``pip install gdpd_sklearn[plots]``).
"""

from gdpd_sklearn.plots._decision import plot_decision
from gdpd_sklearn.plots._explanation import plot_explanation
from gdpd_sklearn.plots._history import plot_history
from gdpd_sklearn.plots._reliability import plot_reliability
from gdpd_sklearn.plots._trade_off import plot_accuracy_earliness

__all__ = [
    "plot_accuracy_earliness",
    "plot_decision",
    "plot_explanation",
    "plot_history",
    "plot_reliability",
]
