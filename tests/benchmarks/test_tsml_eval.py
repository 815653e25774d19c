"""tsml_eval runs the classifiers unchanged, and its files are like ours.

It needs Python 3.12 and an environment of its own, see docs/contributing.md; its interpreter is
named by ``GDPD_TSML_PYTHON``.
"""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from benchmarks._tsml import summarise_tsml_results, write_tsml_results

ROOT = Path(__file__).parents[2]
PYTHON = os.environ.get("GDPD_TSML_PYTHON")

pytestmark = pytest.mark.skipif(
    not PYTHON, reason="GDPD_TSML_PYTHON names no interpreter with tsml_eval (docs/contributing.md)"
)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tsml")
    script = ROOT / "tests" / "benchmarks" / "tsml_eval_runs.py"
    run = subprocess.run(
        [PYTHON, str(script), str(folder)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return folder


@pytest.mark.parametrize("name", ["GDPDClassifier", "GDPDEarlyClassifier"])
def test_result_file_is_complete(results, name):
    path = results / name / "Predictions" / "ItalyPowerDemand" / "testResample0.csv"
    _, _, third, *cases = path.read_text().splitlines()
    true, predicted, _, *probabilities = np.array([line.split(",")[:5] for line in cases]).T
    assert len(cases) == 50
    assert np.isclose(float(third.split(",")[0]), (true == predicted).mean())
    probabilities = np.array(probabilities, dtype=float)
    assert np.allclose(probabilities.sum(axis=0), 1.0, atol=1e-5)
    assert (probabilities.argmax(axis=0) == predicted.astype(int)).all()


def test_our_files_have_the_same_fields(results, tmp_path):
    theirs = results / "GDPDClassifier" / "Predictions" / "ItalyPowerDemand" / "testResample0.csv"
    ours = write_tsml_results(
        tmp_path, "GDPDClassifier", "ItalyPowerDemand", 0, "test", [0, 1], [0, 0],
        [[0.9, 0.1], [0.6, 0.4]], parameters="{}", fit_milliseconds=1.0,
        predict_milliseconds=1.0, n_classes=2,
    )  # fmt: skip
    lines = [path.read_text().splitlines() for path in (theirs, ours)]
    # after these fields stands a comment, free text
    assert lines[0][0].split(",")[2:5] == lines[1][0].split(",")[2:5]
    for number in (2, 3):
        assert lines[0][number].count(",") == lines[1][number].count(",")
    assert summarise_tsml_results(results, "GDPDClassifier").exists()
