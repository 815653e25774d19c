"""How the defaults of trained students were chosen: cross-validation inside the training splits.

``python -m benchmarks.defaults --data-dir DIR`` compares settings by stratified cross-validation
on the training split of each set; test splits are never opened. The table is in
``docs/defaults.md``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.model_selection import StratifiedKFold
from tqdm import tqdm

from benchmarks._data import load_split
from benchmarks._options import add_sets_option, sets_of
from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.metrics import auc_prc
from gdpd_sklearn.networks import FCN
from gdpd_sklearn.recipes import Training

SETS = (
    "ArrowHead", "CBF", "ECG200", "FaceFour", "GunPoint", "ItalyPowerDemand",
    "SonyAIBORobotSurface2", "ToeSegmentation1", "Trace", "TwoLeadECG",
)  # fmt: skip

SETTINGS: Mapping[str, dict[str, Any]] = {
    "default": {},
    "50 epochs": {"n_epochs": 50},
    "200 epochs": {"n_epochs": 200},
    "400 epochs": {"n_epochs": 400},
    "batch 8": {"training": Training(batch_size=8)},
    "batch 32": {"training": Training(batch_size=32)},
    "rate 0.003": {"learning_rate": 0.003},
    "rate 0.005": {"learning_rate": 0.005},
    "rate 0.03": {"learning_rate": 0.03},
    "weight decay 0.1": {"training": Training(weight_decay=0.1)},
    "no clipping": {"training": Training(max_gradient_norm=None)},
    "adam, weight decay 1e-5": {"training": Training(optimizer="adam", weight_decay=1e-5)},
    "20 % validation, best epoch": {"validation_fraction": 0.2},
    "input as long as the series": {"max_input_length": None},
    "scaling prefix": {"scaling": "prefix"},
    "fcn 32-64-32": {"student": FCN((32, 64, 32))},
    "fcn, kernels 8-5-3": {"student": FCN(kernel_sizes=(8, 5, 3))},
    "fcn, kernels 15-9-5": {"student": FCN(kernel_sizes=(15, 9, 5))},
    "fcn, kernels 25-15-9": {"student": FCN(kernel_sizes=(25, 15, 9))},
    "lite": {"student": "lite"},
    "lstm2-32": {"student": "lstm2-32"},
}


def run_fold(
    name: str, setting: str, distiller: str, earliness: float, fold: int, data_dir: str | None
) -> dict[str, Any]:
    """Fit on the training part of a fold, report on its held-out part."""
    X, y = load_split(name, "train", data_dir)
    folds = StratifiedKFold(3, shuffle=True, random_state=fold // 3)
    train, held = list(folds.split(X, y))[fold % 3]
    start = time.process_time()
    clf = GDPDClassifier(
        prefix_length=earliness, distiller=distiller, random_state=fold,
        **{"student": "fcn", **SETTINGS[setting]},
    ).fit(X[train], y[train])  # fmt: skip
    seconds = time.process_time() - start
    probabilities = clf.predict_proba(X[held])
    code = np.searchsorted(clf.classes_, y[held])
    return {
        "set": name, "setting": setting, "distiller": distiller, "earliness": earliness,
        "auc_prc": 100 * auc_prc(y[held], probabilities),
        "accuracy": 100 * (probabilities.argmax(1) == code).mean(),
        "log_loss": -np.log(np.clip(probabilities[np.arange(len(code)), code], 1e-6, 1)).mean(),
        "seconds": seconds,
    }  # fmt: skip


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.defaults", description=__doc__)
    add_sets_option(parser, SETS)
    parser.add_argument("--settings", nargs="+", default=list(SETTINGS), choices=SETTINGS)
    parser.add_argument("--distillers", nargs="+", default=["none"])
    parser.add_argument("--earliness", nargs="+", type=float, default=[0.4])
    parser.add_argument("--folds", type=int, default=6, help="a multiple of 3")
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--data-dir")
    parser.add_argument("--csv", help="write every fold's figures here")
    args = parser.parse_args()
    sets = sets_of(parser, args.sets, args.data_dir)
    jobs = [
        delayed(run_fold)(name, setting, distiller, e, fold, args.data_dir)
        for setting in args.settings
        for distiller in args.distillers
        for e in args.earliness
        for name in sets
        for fold in range(args.folds)
    ]
    rows = list(
        tqdm(
            Parallel(n_jobs=args.n_jobs, return_as="generator")(jobs),
            total=len(jobs), unit="fit", mininterval=10,
        )
    )  # fmt: skip
    results = pd.DataFrame(rows)
    if args.csv:
        results.to_csv(args.csv, index=False)
    figures = ["auc_prc", "accuracy", "log_loss", "seconds"]
    per_set = results.groupby(["setting", "distiller", "set"], sort=False)[figures].mean()
    table = per_set.groupby(level=[0, 1], sort=False).mean()
    wide = per_set["auc_prc"].unstack("set")
    reference = wide.iloc[0]
    table.insert(1, "± over sets of difference to first row", (wide - reference).sem(axis=1))
    print(table.round(3).to_string())


if __name__ == "__main__":
    main()
