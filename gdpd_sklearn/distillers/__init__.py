"""Distillers: one published method each, free of weights."""

from collections.abc import Mapping

from gdpd_sklearn.distillers._attention import AT, at_loss
from gdpd_sklearn.distillers._base import (
    DistillationBatch,
    Distiller,
    FeatureShape,
    Progress,
    Stage,
    shape_of,
    shape_of_output,
)
from gdpd_sklearn.distillers._blended import Blended
from gdpd_sklearn.distillers._dkd import DKD, dkd_loss
from gdpd_sklearn.distillers._dt2w import DT2W, dt2w_loss
from gdpd_sklearn.distillers._fitnets import FitNets, fitnets_loss
from gdpd_sklearn.distillers._gdpd import GDPD
from gdpd_sklearn.distillers._hinton import KD, kd_loss
from gdpd_sklearn.distillers._none import NoDistillation
from gdpd_sklearn.distillers._pkt import PKT, pkt_loss
from gdpd_sklearn.distillers._pseudo_labels import PseudoLabels
from gdpd_sklearn.distillers._rkd import RKD, rkd_loss
from gdpd_sklearn.distillers._soft_dtw import soft_dtw
from gdpd_sklearn.distillers._sum import Sum
from gdpd_sklearn.distillers._tekap import TeKAP, tekap_loss
from gdpd_sklearn.distillers._ttm import TTM, WTTM, ttm_loss, wttm_loss
from gdpd_sklearn.distillers._vid import VID, vid_loss

DISTILLERS: Mapping[str, type[Distiller]] = {
    "none": NoDistillation,
    "pseudo_labels": PseudoLabels,
    "kd": KD,
    "fitnets": FitNets,
    "at": AT,
    "rkd": RKD,
    "pkt": PKT,
    "vid": VID,
    "dkd": DKD,
    "dt2w": DT2W,
    "tekap": TeKAP,
    "ttm": TTM,
    "wttm": WTTM,
    "gdpd": GDPD,
}
"""Name to distiller; ``distiller=`` takes these names."""

__all__ = [
    "AT",
    "DISTILLERS",
    "DKD",
    "DT2W",
    "GDPD",
    "KD",
    "PKT",
    "RKD",
    "TTM",
    "VID",
    "WTTM",
    "Blended",
    "DistillationBatch",
    "Distiller",
    "FeatureShape",
    "FitNets",
    "NoDistillation",
    "Progress",
    "PseudoLabels",
    "Stage",
    "Sum",
    "TeKAP",
    "at_loss",
    "dkd_loss",
    "dt2w_loss",
    "fitnets_loss",
    "kd_loss",
    "pkt_loss",
    "rkd_loss",
    "shape_of",
    "shape_of_output",
    "soft_dtw",
    "tekap_loss",
    "ttm_loss",
    "vid_loss",
    "wttm_loss",
]
