"""Run the classifiers through tsml_eval, unchanged; its own environment executes this file.

``python tests/benchmarks/tsml_eval_runs.py FOLDER`` writes tsml's result files there.
"""

import sys
from pathlib import Path

import torch
from aeon.datasets import load_italy_power_demand
from tsml_eval.experiments import run_classification_experiment

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier

TINY = {"n_epochs": 3, "student": "lstm1-8", "teacher": "lstm1-8", "random_state": 0}


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    X, y = load_italy_power_demand(split="train")
    X_test, y_test = load_italy_power_demand(split="test")
    early = GDPDEarlyClassifier(**TINY, n_folds=2, classification_points=3)
    for name, classifier in {
        "GDPDClassifier": GDPDClassifier(**TINY),
        "GDPDEarlyClassifier": early.as_classifier(),
    }.items():
        run_classification_experiment(
            X[:30], y[:30], X_test[:50], y_test[:50], classifier, str(folder),
            classifier_name=name, dataset_name="ItalyPowerDemand", resample_id=0,
        )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
