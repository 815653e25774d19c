"""What a value is, in a few characters: tells whether two are the same."""

from __future__ import annotations

from typing import Any

import joblib

__all__ = ["digest"]


def digest(value: Any) -> str | None:
    """Hash a value; None for what cannot be pickled."""
    try:
        key: str = joblib.hash(value)
    except Exception:  # whatever a user's object raises when it is pickled
        return None
    return key
