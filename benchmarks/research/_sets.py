"""Development sets: outside the suites of ``benchmarks.accuracy``, so that they may choose."""

from __future__ import annotations

from benchmarks._data import DEV_8

__all__ = ["DEVELOPMENT"]

DEVELOPMENT = DEV_8
