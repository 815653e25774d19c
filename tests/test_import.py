"""What an import of the package brings along."""

import subprocess
import sys
from pathlib import Path

import pytest

import gdpd_sklearn
from gdpd_sklearn import estimators

ROOT = Path(__file__).parents[1]


def test_aeons_early_classifiers_load_when_asked_for():
    program = """
import sys, gdpd_sklearn
early = "aeon.classification.early_classification"
assert early not in sys.modules
assert "GDPDEarlyClassifier" in dir(gdpd_sklearn)
assert "EarlyPrediction" in dir(gdpd_sklearn.estimators)
bases = gdpd_sklearn.GDPDEarlyClassifier.__mro__
assert any(base.__module__.startswith(early) for base in bases)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("module", [gdpd_sklearn, estimators])
def test_all_names_exist_and_others_do_not(module):
    for name in module.__all__:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match=f"module '{module.__name__}' has no attribute 'nop'"):
        module.nop  # noqa: B018
