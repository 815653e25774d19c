"""Made-up result folders, in the files that the runner writes."""

import json

import numpy as np

from benchmarks._cells import cell_path

CELL = {
    "benchmark": "accuracy", "set": "CBF", "earliness": 0.5, "teacher": "fcn", "student": "fcn",
    "distiller": "none", "options": {}, "weight": None, "warmup": None, "channels": None,
    "setting": "default", "n_epochs": None, "validation_fraction": 0.2, "seed": 0,
}  # fmt: skip
FIGURES = {
    "auc_prc": 0.8, "class_auc_prc": {"1": 0.7, "2": 0.9}, "accuracy": 0.75,
    "teacher_auc_prc": 0.95, "teacher_accuracy": 0.9,
    "agreement": 0.8, "predictive_kl": 0.4, "validation_loss": 0.5, "validation_auc_prc": 0.8,
    "n_parameters": 1000, "teacher_n_parameters": 5000, "longer": {},
}  # fmt: skip
COST = {"fit_seconds": 3.0, "teacher_seconds": 2.0, "seconds_per_epoch": 0.03}


def write_cell(folder, figures=None, cost=None, **cell):
    """Write one result, its settings and figures the usual ones where not given."""
    folder.mkdir(parents=True, exist_ok=True)
    cell = {**CELL, **cell}
    path = cell_path(folder, cell)
    path.write_text(json.dumps({"cell": cell, "figures": {**FIGURES, **(figures or {})}}))
    if cost is not None:
        (folder / "cost").mkdir(exist_ok=True)
        (folder / "cost" / path.name).write_text(json.dumps({**COST, **cost}))
    return path


def plausible_figures(cell, rng):
    """Figures that rise with the share seen and differ a little between methods."""
    gain = {"none": 0.0, "kd": 0.02, "gdpd": 0.03}.get(cell["distiller"], 0.01)
    level = np.random.default_rng(sum(map(ord, cell["set"]))).uniform(-0.1, 0.1)
    auc = np.clip(0.65 + 0.28 * cell["earliness"] + level + gain + rng.normal(0, 0.015), 0, 1)
    later = [e for e in (0.2, 0.4, 0.6, 0.8, 1.0) if e > cell["earliness"]]
    return {
        "auc_prc": auc, "accuracy": auc - 0.05, "validation_auc_prc": auc + rng.normal(0, 0.03),
        "agreement": auc - 0.02, "predictive_kl": 1.2 - auc,
        "teacher_auc_prc": 0.96 + level / 3,
        "longer": {f"{e:g}": auc + 0.1 * (e - cell["earliness"]) for e in later},
    }  # fmt: skip
