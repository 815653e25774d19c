"""Who stands in the table. Another contestant is a file here and a line in ``CONTESTANTS``."""

from __future__ import annotations

from aeon.classification.convolution_based import MiniRocketClassifier
from aeon.classification.dictionary_based import WEASEL
from aeon.classification.interval_based import QUANTClassifier

from benchmarks.early.contestants._ecec import Ecec
from benchmarks.early.contestants._gaussian_process import GaussianProcess
from benchmarks.early.contestants._gdpd import GDPD, EachRule
from benchmarks.early.contestants._minirocket_left_out import MiniRocketLeftOut
from benchmarks.early.contestants._minirocket_share import MiniRocketShare
from benchmarks.early.contestants._non_myopic import NonMyopic
from benchmarks.early.contestants._protocol import (
    Contestant,
    FitsRules,
    GivesProbabilities,
    HasRules,
)
from benchmarks.early.contestants._teaser import Teaser
from benchmarks.early.contestants._threshold import Threshold
from gdpd_sklearn import GDPDEarlyClassifier

__all__ = ["CONTESTANTS", "Contestant", "FitsRules", "GivesProbabilities", "HasRules"]

CONTESTANTS: dict[str, Contestant] = {
    "default": GDPD(GDPDEarlyClassifier()),
    "default, each rule": EachRule(GDPDEarlyClassifier()),
    "KD": GDPD(GDPDEarlyClassifier(teacher="rocket", distiller="kd")),
    "GDPD": GDPD(GDPDEarlyClassifier(teacher="rocket", student="rocket", distiller="gdpd")),
    "GDPD, FCN": GDPD(GDPDEarlyClassifier(distiller="gdpd")),
    "GDPD, FCN shared": GDPD(GDPDEarlyClassifier(shared=True, distiller="gdpd")),
    "GDPD, FCN, one fit": GDPD(GDPDEarlyClassifier(refit=True, distiller="gdpd")),
    "FCN alone": GDPD(GDPDEarlyClassifier(student="fcn", distiller="none")),
    "KD, FCN": GDPD(GDPDEarlyClassifier(student="fcn", distiller="kd")),
    "MiniRocket, 40 %": MiniRocketShare(),
    "MiniRocket, left out": MiniRocketLeftOut(),
    "SR1, GP": GaussianProcess(),
    "ECEC, MiniRocket": Ecec(MiniRocketClassifier(), least_points=9),
    "ECEC, WEASEL": Ecec(WEASEL(), least_points=8),
    "TEASER": Teaser(),
    "TEASER, MiniRocket": Teaser(MiniRocketClassifier(), least_points=9),
    "threshold, MiniRocket": Threshold(MiniRocketClassifier(), least_points=9),
    "threshold, QUANT": Threshold(QUANTClassifier()),
    "NonMyopic": NonMyopic(),
    # fixed beforehand: waiting for the whole series is as bad as an error
    "NonMyopic, length costs 1": NonMyopic(waiting_cost=1.0),
}
"""Name to unfitted contestant; the order is that of the tables."""
