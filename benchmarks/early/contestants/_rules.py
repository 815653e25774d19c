"""The rules that contestants with several rules hold against each other."""

from __future__ import annotations

from gdpd_sklearn.triggers import TRIGGERS

__all__ = ["RULES"]

RULES = tuple(name for name in TRIGGERS if name != "teaser")
"""Names in ``TRIGGERS``. A cell fits each some twenty times, once for every cost: TEASER's rule,
1 400 support vector machines a fit, would take longer than all else. aeon's TEASER has rows."""
