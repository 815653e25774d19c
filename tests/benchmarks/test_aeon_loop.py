"""aeon's loop over growing prefixes gives what one-shot scoring gives."""

import sys

import numpy as np
import pytest
from aeon.classification import DummyClassifier
from aeon.classification.distance_based import KNeighborsTimeSeriesClassifier
from aeon.classification.early_classification import TEASER
from synthetic import EARLY, make_series

from benchmarks import aeon_loop
from gdpd_sklearn import GDPDEarlyClassifier

POINTS = (6, 12, 16, 20)


@pytest.mark.parametrize(
    "classifier",
    [
        GDPDEarlyClassifier(**EARLY | {"classification_points": POINTS}),
        TEASER(KNeighborsTimeSeriesClassifier("euclidean"), None, None, POINTS, random_state=0),
    ],
    ids=["GDPD", "TEASER"],
)
def test_loop_is_score(classifier):
    X, y = make_series(24)
    X_test, y_test = make_series(15, seed=1)
    classifier.fit(X, y)
    waiting, score = aeon_loop.watch(classifier, X_test, y_test, POINTS)
    assert waiting == sorted(waiting, reverse=True)
    assert waiting[-1] == 0
    assert np.allclose(score, tuple(classifier.score(X_test, y_test)))


def test_command(monkeypatch, capsys):
    def tiny(**parameters):
        return TEASER(DummyClassifier(), **parameters)

    monkeypatch.setattr(aeon_loop, "TEASER", tiny)
    arguments = ["--set", "UnitTest", "--points", "3", "--n-epochs", "1"]
    monkeypatch.setattr(sys, "argv", ["aeon_loop", *arguments])
    aeon_loop.main()
    printed = capsys.readouterr().out
    assert "GDPDEarlyClassifier" in printed
    assert printed.count("harmonic mean") == 2
