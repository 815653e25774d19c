"""Early and partial time series classification by generative diffusion prior distillation."""

from gdpd_sklearn._version import __version__
from gdpd_sklearn.estimators import GDPDClassifier, GDPDEarlyClassifier

__all__ = ["GDPDClassifier", "GDPDEarlyClassifier", "__version__"]
