"""Two fits with one ``random_state`` on one card, and their file on a CPU."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks._markdown import markdown
from benchmarks.speed._workload import make_series
from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier

__all__ = ["same_table"]

_STUDENTS = ("rocket", "fcn", "causal_fcn", "lite", "resnet", "inception_time", "lstm3-100")


def same_table(device: torch.device, *, quick: bool) -> str:
    """Fit each kind of student twice and write a markdown table."""
    n_cases, n_timepoints = (16, 20) if quick else (48, 60)
    X, y = make_series(n_cases, n_timepoints, noise=0.5)
    new, _ = make_series(n_cases, n_timepoints, seed=1, noise=0.5)
    settings: dict[str, Any] = {"random_state": 0, "device": str(device), "n_epochs": 8}
    if quick:
        settings["n_epochs"] = 2
    rows = []
    for student in _STUDENTS[:2] if quick else _STUDENTS:
        early: dict[str, Any] = {
            "n_folds": 2,
            "classification_points": 4,
            "shared": student == "causal_fcn",
        }
        each: list[Any] = [GDPDClassifier(student=student, **settings)]
        each.append(GDPDEarlyClassifier(student=student, **early, **settings))
        cells = []
        for classifier in each:
            first = classifier.fit(X, y)
            answers = _answers(first, new)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "fitted.safetensors"
                first.save(path)
                opened = type(classifier).load(path)
            from_file = _answers(opened, new)
            again = _answers(type(classifier)(**classifier.get_params(deep=False)).fit(X, y), new)
            cells += [_distance(again, answers), _distance(from_file, answers)]
        rows.append([f"`{student}`", *cells])
        print(f"  {' | '.join(rows[-1])}", flush=True)
    head = ["student", "one prefix, again", "its file", "early, again", "its file"]
    return (
        "## The same twice\n\nTwo fits with one `random_state`, and a file of the first opened on "
        "the CPU: the largest difference of probabilities, 0 where all bits are the same."
        f"\n\n{markdown(head, rows)}"
    )


def _answers(classifier: Any, X: np.ndarray) -> np.ndarray:
    if isinstance(classifier, GDPDClassifier):
        return np.asarray(classifier.predict_proba(X))
    return np.asarray(classifier.engine_.probabilities_up_to(X, len(classifier.engine_.points)))


def _distance(one: np.ndarray, other: np.ndarray) -> str:
    return "0" if np.array_equal(one, other) else f"{np.abs(one - other).max():.1e}"
