"""Early and partial time series classification by generative diffusion prior distillation."""

from typing import TYPE_CHECKING, Any

from gdpd_sklearn._version import __version__
from gdpd_sklearn.estimators import GDPDClassifier

if TYPE_CHECKING:
    from gdpd_sklearn.estimators import GDPDEarlyClassifier

__all__ = ["GDPDClassifier", "GDPDEarlyClassifier", "__version__"]


def __getattr__(name: str) -> Any:
    if name == "GDPDEarlyClassifier":
        # when asked for: gdpd_sklearn.estimators says why
        from gdpd_sklearn import estimators

        return estimators.GDPDEarlyClassifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
