"""Ready-made runs: what each table of the paper asks for.

Table numbers are those of the experiments in the paper's order: 1 four methods over earliness, 2
all methods at one half, 3 prefixes and missing channels, 4 multivariate sets, 5 pairs of networks,
6 fidelity, 7 longer prefixes, 8 mortality in intensive care, 9 ablations, 10 cost. A recipe is a
tuple of variations, each a change of :class:`benchmarks.accuracy._grid.Grid`; what a command says
itself goes before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks import _physionet
from benchmarks._data import UCR_12, UEA_12
from benchmarks.accuracy._figures import EARLINESS
from gdpd_sklearn.distillers import DISTILLERS

__all__ = ["LONGER_TABLES", "RECIPES"]

_LSTM, _INCEPTION, _RESNET = "lstm3-100", "inception55-32", "resnet32-64"
_PAPER: dict[str, Any] = {"setting": "paper", "pairs": ((_LSTM, _LSTM),)}
_FOUR = ("none", "kd", "fitnets", "gdpd")
# self-distillation, compression, other families
_PAIRS = (
    (_LSTM, _LSTM), (_LSTM, "lstm2-32"), (_LSTM, "lstm1-8"), (_INCEPTION, _RESNET),
    (_RESNET, _INCEPTION),
)  # fmt: skip

_TABLE_1 = {**_PAPER, "sets": UCR_12, "earliness": EARLINESS, "distillers": _FOUR}
# the published ablations are on one set, which is not named
_ABLATION = {**_PAPER, "sets": ("GunPoint",), "distillers": ("gdpd",)}
# 12 and 24 of 48 hours, with and without the laboratory's channels
_MORTALITY = {
    **_PAPER, "sets": ("PhysioNet2012",), "earliness": (0.25, 0.5),
    "channels": (None, len(_physionet.BEDSIDE)),
}  # fmt: skip
_BALANCED = {"class_weight": ("balanced",)}
# one that learned how long a stay lasts; the student alone is that of the other variations
_OTHER_TASK = {"pairs": ((f"{_LSTM}@PhysioNet2012Stay", _LSTM),), "distillers": ("fitnets", "gdpd")}

RECIPES: Mapping[int, tuple[dict[str, Any], ...]] = {
    1: (_TABLE_1,),
    2: ({**_PAPER, "sets": UCR_12, "distillers": tuple(DISTILLERS)},),
    # every multivariate set has a second channel to miss
    3: ({**_PAPER, "sets": UEA_12, "distillers": _FOUR, "channels": (1,)},),
    4: ({**_PAPER, "sets": UEA_12, "distillers": _FOUR},),
    5: ({**_PAPER, "sets": UCR_12, "distillers": _FOUR, "pairs": _PAIRS},),
    6: (_TABLE_1,),
    7: ({**_TABLE_1, "earliness": EARLINESS[:-1]},),
    8: (
        {**_MORTALITY, "distillers": _FOUR},
        {**_MORTALITY, "distillers": _FOUR, "options": _BALANCED},
        {**_MORTALITY, **_OTHER_TASK, "options": _BALANCED},
    ),
    9: (
        {**_ABLATION, "weights": (0.0, 0.01, 0.1, 0.5, 1.0, 10.0, 100.0)},
        {**_ABLATION, "options": {"distiller__n_diffusion_steps": (100, 500, 800, 1000)}},
        {**_ABLATION, "options": {"distiller__n_sampling_steps": (0, 1, 2, 5, 10, 20)}},
        {**_ABLATION, "options": {"distiller__n_posterior_samples": (1, 2, 4)}},
        {**_ABLATION, "warmups": (0.25, 0.5, 0.75)},
        # one phase instead of two: prior and student learn together from the first epoch on
        {**_ABLATION, "warmups": (0.0,), "options": {"distiller__freeze_prior": (False,)}},
    ),
    10: ({**_PAPER, "sets": ("GunPoint",), "distillers": tuple(DISTILLERS), "n_seeds": 1},),
}
"""Table of the paper to the variations of its recipe."""

LONGER_TABLES = (7,)
"""Those whose students are tested on longer prefixes too."""
