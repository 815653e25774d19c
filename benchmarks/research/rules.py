"""Which stopping rule is best, on many draws of the development sets.

``python -m benchmarks.research.rules run`` fits the default students to each draw once and keeps
their answers; then a rule takes moments. ``report`` prints each rule beside the first one: mean
difference over sets, with its standard error. Draw 0 is the archive's split, the others draw
training cases anew from all cases of a set: as many as the archive has, and ``--few`` of them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from benchmarks._cells import load_results, run_cells
from benchmarks._options import RunOptions, add_run_options, add_sets_option, sets_of
from benchmarks.early._costs import decision_cost
from benchmarks.research._anticipating import Anticipating
from benchmarks.research._draws import Answers, answers_of
from gdpd_sklearn.metrics import Objective, harmonic_mean
from gdpd_sklearn.triggers import (
    Calimera,
    EconomyGamma,
    FallingThreshold,
    ProbabilityThreshold,
    StoppingRule,
    Trigger,
    apply_temperature,
    fit_tilt,
)

RULES: Mapping[str, Trigger] = {
    "falling_threshold": FallingThreshold(),
    "falling_threshold, tolerance 0": FallingThreshold(tolerance=0.0),
    "falling_threshold, tolerance 0.02": FallingThreshold(tolerance=0.02),
    "probability_threshold": ProbabilityThreshold(),
    "stopping_rule": StoppingRule(),
    "economy_gamma": EconomyGamma(),
    "calimera": Calimera(),
    "anticipating": Anticipating(),
}
"""Name of a trial to the rule; the first is what the others are compared with."""

COSTS = {
    f"{setting} {alpha:g}": (setting, alpha)
    for setting, alphas in {"linear": (0.1, 0.3, 0.5, 0.8, 0.9), "rare": (0.1, 0.5, 0.9)}.items()
    for alpha in alphas
}
"""Name of a figure to the setting of costs and its α."""
LIKELIEST = ", likeliest"
"""Ends the name of a cost where the likeliest class is decided for, whatever errors cost."""
_BESIDE = ("accuracy", "earliness", "seconds")
FIGURES = ("harmonic_mean", *COSTS, *(name + LIKELIEST for name in COSTS if "rare" in name))


def decide(
    rule: Trigger, answers: Answers, objective: Objective, *, weigh: bool = True
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Fit a rule for an objective: classes of test cases, and shares seen.

    With ``weigh`` the class of the least expected cost is decided for, else the likeliest.
    """
    held_out, test = answers.held_out, answers.test
    tilt = fit_tilt(rule, held_out, answers.codes, answers.fractions, objective) if weigh else None
    if tilt is not None:
        held_out, test = (apply_temperature(each, 1.0, tilt) for each in (held_out, test))
    fitted = clone(rule).fit(held_out, answers.codes, answers.fractions, objective)
    stops = fitted.stop_points(test)
    return test[stops, np.arange(len(stops))].argmax(-1), answers.fractions[stops]


def compute(cell: Mapping[str, Any], data_dir: str | None, folder: Path) -> dict[str, Any]:
    """Score one rule on one draw, fitted for the harmonic mean and for each cost.

    Costs of the rare setting are divided by a hundred.
    """
    draw = {name: cell[name] for name in ("set", "n_train", "draw")}
    rule, answers = RULES[cell["rule"]], answers_of(draw, data_dir, folder)
    start = time.process_time()
    codes, seen = decide(rule, answers, "harmonic_mean")
    accuracy, earliness = float((codes == answers.test_codes).mean()), float(seen.mean())
    figures: dict[str, Any] = {
        "harmonic_mean": float(harmonic_mean(accuracy, earliness)),
        "accuracy": accuracy,
        "earliness": earliness,
        "seconds": time.process_time() - start,
    }
    for name, (setting, alpha) in COSTS.items():
        cost = decision_cost(setting, alpha, answers.codes)
        for suffix in ("", LIKELIEST) if setting == "rare" else ("",):
            codes, seen = decide(rule, answers, cost, weigh=suffix != LIKELIEST)
            paid = cost.of(answers.test_codes, codes, seen, answers.test.shape[2]).mean()
            figures[name + suffix] = float(paid) / (100 if setting == "rare" else 1)
    return figures


def report(folder: Path) -> None:
    """Print the means of each rule over sets, and how far it is from the first one.

    Draws that some rule lacks are left out, so that all are compared on the same cases.
    """
    results = load_results(folder)
    for few, group in results.groupby("n_train", dropna=False):
        cases = "as many training cases as the archive has"
        if isinstance(few, float) and few == few:
            cases = f"{few:g} cases"
        names = [name for name in RULES if name in set(group["rule"])]
        n_rules = group.groupby(["set", "draw"])["rule"].transform("nunique")
        group = group[n_rules == len(names)]
        print(f"\n{group['set'].nunique()} sets, {group['draw'].nunique()} draws, {cases}\n")
        by_set = group.groupby(["rule", "set"])[[*FIGURES, *_BESIDE]]
        means = by_set.mean()
        rows = [_row(means, name, names[0]) for name in names]
        print(pd.DataFrame(rows, index=names).to_markdown(floatfmt=".4f"))


def _row(means: pd.DataFrame, name: str, reference: str) -> dict[str, Any]:
    tables = means.reset_index("rule")
    own, base = (tables[tables["rule"] == rule].drop(columns="rule") for rule in (name, reference))
    row: dict[str, Any] = {str(figure): mean for figure, mean in own.mean().items()}
    difference = own - base
    for figure in FIGURES:
        each = difference[figure].dropna()
        values = each.to_numpy(dtype=float)
        spread = values.std(ddof=1) / len(values) ** 0.5
        row[f"Δ {figure}"] = f"{values.mean():+.4f} ± {spread:.4f}"
    return row


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.research.rules", description=__doc__
    )
    parser.add_argument("action", choices=["run", "report"])
    parser.add_argument("--rules", nargs="+", default=list(RULES), choices=RULES, metavar="RULE",
                        help=f"of {list(RULES)}")  # fmt: skip
    add_sets_option(parser, ["dev8"])
    parser.add_argument("--draws", type=int, default=5, help="beside the archive's split")
    parser.add_argument("--few", type=int, default=30, help="training cases of the small draws")
    add_run_options(parser, "results/rules")
    args = parser.parse_args(arguments)
    options = RunOptions.read(parser, args)
    if args.action == "run":
        splits = [(None, number) for number in range(args.draws + 1)]
        splits += [(args.few, number) for number in range(1, args.draws + 1)]
        sets = sets_of(parser, args.sets, options.data_dir)
        cells = [
            {"set": name, "n_train": n_train, "draw": number, "rule": rule}
            # the first rule's cells fit the students, each draw once
            for rule in args.rules
            for n_train, number in splits
            for name in sets
        ]
        answers = options.out / "answers"
        run_cells(
            partial(compute, data_dir=options.data_dir, folder=answers), cells, options.out,
            **options.how,
        )  # fmt: skip
    report(options.out)


if __name__ == "__main__":
    main()
