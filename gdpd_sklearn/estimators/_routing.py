"""scikit-learn's metadata routing, which aeon's base classes leave out."""

from __future__ import annotations

from typing import Any

from aeon.base import BaseAeonEstimator
from sklearn.utils.metadata_routing import MetadataRequest

from gdpd_sklearn.estimators._callbacks import CALLBACK_STATE

__all__ = ["Routed"]

_REQUESTS = "_metadata_request"


class Routed:
    """Mixin before aeon's class: what scikit-learn gave an estimator survives aeon's reset."""

    def get_metadata_routing(self) -> MetadataRequest:
        """Give scikit-learn's own answer; aeon's base raises NotImplementedError."""
        request: MetadataRequest = super(BaseAeonEstimator, self).get_metadata_routing()  # type: ignore[misc]
        return request

    @classmethod
    def _get_default_requests(cls) -> MetadataRequest:
        """Read the signatures, where scikit-learn asks here, as 1.6 does; aeon's says nothing."""
        request: MetadataRequest = super(BaseAeonEstimator, cls)._get_default_requests()  # type: ignore[misc]
        return request

    def reset(self, keep: Any = None) -> Any:
        """Reset as aeon does before a fit, but keep callbacks, and what was requested."""
        kept = [keep] if isinstance(keep, str) else list(keep or [])
        return super().reset(keep=[*kept, _REQUESTS, *CALLBACK_STATE])  # type: ignore[misc]
