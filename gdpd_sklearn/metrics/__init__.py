"""Measures of early decisions: accuracy against earliness, costs, ranking and fidelity.

numpy and scikit-learn only.
"""

from gdpd_sklearn.metrics._cost import DecisionCost, average_cost
from gdpd_sklearn.metrics._early import (
    Objective,
    earliest_correct_points,
    earliness,
    harmonic_mean,
    oracle_score,
    oracle_stop_points,
)
from gdpd_sklearn.metrics._fidelity import predictive_kl, top1_agreement
from gdpd_sklearn.metrics._least_delay import LeastDelay
from gdpd_sklearn.metrics._ranking import auc_prc, auc_prc_per_class

__all__ = [
    "DecisionCost",
    "LeastDelay",
    "Objective",
    "auc_prc",
    "auc_prc_per_class",
    "average_cost",
    "earliest_correct_points",
    "earliness",
    "harmonic_mean",
    "oracle_score",
    "oracle_stop_points",
    "predictive_kl",
    "top1_agreement",
]
