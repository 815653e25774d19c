"""Early and partial time series classification by generative diffusion prior distillation.

Names and rooms are imported when they are asked for, so that stopping rules and metrics need
neither aeon nor torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

from gdpd_sklearn._version import __version__

if TYPE_CHECKING:
    from gdpd_sklearn import (
        data,
        distillers,
        estimators,
        export,
        metrics,
        model_selection,
        networks,
        plots,
        recipes,
        triggers,
    )
    from gdpd_sklearn.estimators import GDPDClassifier, GDPDEarlyClassifier

__all__ = [
    "GDPDClassifier",
    "GDPDEarlyClassifier",
    "__version__",
    "data",
    "distillers",
    "estimators",
    "export",
    "metrics",
    "model_selection",
    "networks",
    "plots",
    "recipes",
    "triggers",
]

_ESTIMATORS = frozenset({"GDPDClassifier", "GDPDEarlyClassifier"})


def __getattr__(name: str) -> Any:
    if name in _ESTIMATORS:
        return getattr(importlib.import_module("gdpd_sklearn.estimators"), name)
    if name in __all__:
        return importlib.import_module(f"gdpd_sklearn.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
