"""How long an import takes, beside that of torch and aeon.base."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from benchmarks._markdown import markdown
from benchmarks.speed._calls import ratio

__all__ = ["import_table"]

_REFERENCE = "import torch, aeon.base"
_STATEMENTS = (
    "import gdpd_sklearn",
    "import gdpd_sklearn.triggers",
    "from gdpd_sklearn import GDPDClassifier",
    "from gdpd_sklearn import GDPDEarlyClassifier",
    "from aeon.classification.early_classification import TEASER; import torch",
)


def import_table(quick: bool) -> str:
    """Import in fresh interpreters that take turns."""
    n_rounds = 1 if quick else 4
    statements = _STATEMENTS[:1] if quick else _STATEMENTS
    seconds: dict[str, list[float]] = {s: [] for s in (_REFERENCE, *statements)}
    for _ in range(n_rounds):
        for statement, values in seconds.items():
            values.append(_seconds(statement))
    rows = [
        [f"`{statement}`", f"{np.median(values):.2f} s", *ratio(values, seconds[_REFERENCE])]
        for statement, values in seconds.items()
    ]
    head = ["statement", "CPU time", "ratio", "quartiles"]
    return f"## Import\n\n{markdown(head, rows)}"


def _seconds(statement: str) -> float:
    program = f"import time; start = time.process_time(); {statement}; "
    done = subprocess.run(
        [sys.executable, "-c", f"{program}print(time.process_time() - start)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout)
