"""Table 9: one method under several weights, warm-ups and options."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pandas as pd

from benchmarks.accuracy._report import _plots, _published
from benchmarks.accuracy._report._comparison import mean_and_std
from benchmarks.accuracy._report._document import Document
from benchmarks.accuracy._report._rows import groups

__all__ = ["write_ablations"]

TITLE = "Table 9: ablations"
DEFAULT = "default"
GROUP = ["block", "earliness", "distiller"]


def write_ablations(rows: pd.DataFrame, document: Document) -> list[str]:
    """Write a table for each thing that varies while all else is the same.

    Parameters
    ----------
    rows : DataFrame
        All cells: weights and warm-ups are what is compared, so none is chosen.
    document : Document
    """
    parts = list(_varied(rows))
    if not parts:
        return [TITLE]
    document.heading(2, TITLE)
    document.paragraph(
        "AUC-PRC × 100 on the test split by setting; nothing is chosen here. Averages over the "
        "sets that have each seed under each setting of the table, ± over seeds. `paper`: "
        "published for one set that is not named, chosen on the test split."
    )
    frames = []
    for name, label, part, paper in parts:
        table, complete, left_out = _average(part, name)
        if paper:
            table["paper"] = [paper.get(value) for value in table[name]]
            table["paper"] = table["paper"].astype(float)
        frames.append(table.rename(columns={name: "value"}).assign(varied=name, where=label))
        document.heading(3, f"{name}: {label}")
        shown = table.copy()
        shown["average"] = [
            mean_and_std(m, s) for m, s in zip(shown["average"], shown.pop("std"), strict=True)
        ]
        shown[name] = [f"{value:g}" if isinstance(value, float) else value for value in shown[name]]
        document.table(shown, index=False)
        n_seeds = part["seed"].nunique()
        lines = [f"{len(complete)} complete sets, {n_seeds} seed{'s' * (n_seeds > 1)}"]
        if left_out:
            lines.append(f"left out of averages, incomplete: {', '.join(left_out)}")
        document.items(lines)
        numbers = table[[isinstance(value, float) for value in table[name]]]
        if name == "weight" and len(numbers) > 2 and numbers["average"].notna().any():
            ours = numbers.set_index("weight")["average"].astype(float)
            count = f"{len(complete)} set{'s' * (len(complete) != 1)}"
            picture = _plots.weight_curve(ours, paper, f"here, average of {count}")
            document.figure(f"table_9_{name}_{label}", picture, f"AUC-PRC by weight, {label}")
    document.csv("table_9_averages", pd.concat(frames, ignore_index=True))
    return []


def _varied(
    rows: pd.DataFrame,
) -> Iterator[tuple[str, str, pd.DataFrame, Mapping[float, float] | None]]:
    """Give (what varies, where, rows with a column of that name, the paper's figures)."""
    filled = rows.assign(weight=_or_default(rows["weight"]), warmup=_or_default(rows["warmup"]))
    for (block, earliness, method), here in groups(filled, *GROUP):
        where = f"{method}, {block}, earliness {earliness:g}"
        for name, other in (("weight", "warmup"), ("warmup", "weight")):
            for (rest, variant), part in groups(here, other, "variant"):
                if part[name].nunique() > 1:
                    fixed = [f"{other} {_text(rest)}"] * (here[other].nunique() > 1)
                    fixed += [variant] * bool(variant)
                    paper = _published.WEIGHTS if name == "weight" and method == "gdpd" else None
                    yield name, ", ".join([where, *fixed]), part, paper
        for (weight, warmup), part in groups(here, "weight", "warmup"):
            if part["variant"].nunique() == 1:
                continue
            fixed = [f"weight {_text(weight)}"] * (here["weight"].nunique() > 1)
            fixed += [f"warm-up {_text(warmup)}"] * (here["warmup"].nunique() > 1)
            label = ", ".join([where, *fixed])
            option = _only_option(part)
            if option is None:
                named = part.assign(options=part["variant"].replace("", DEFAULT))
                yield "options", label, named, None
                continue
            values = [_option_value(options, option) for options in part["options"]]
            steps = option == "distiller__n_diffusion_steps" and method == "gdpd"
            paper = {float(k): v for k, v in _published.N_DIFFUSION_STEPS.items()}
            yield option, label, part.assign(**{option: values}), paper if steps else None


def _or_default(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), DEFAULT)


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _only_option(rows: pd.DataFrame) -> str | None:
    names = {name for options in rows["options"] for name in options}
    return names.pop() if len(names) == 1 else None


def _option_value(options: dict[str, object], name: str) -> float | str:
    value = options.get(name, DEFAULT)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value if isinstance(value, str) else json.dumps(value)


def _average(rows: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[str], list[str]]:
    values = sorted(set(rows[name]), key=lambda v: (isinstance(v, str), v))
    wanted = len(values) * rows["seed"].nunique()
    have = rows.groupby("set").size()
    complete = sorted(have.index[have == wanted])
    whole = rows[rows["set"].isin(complete)].assign(score=100 * rows["auc_prc"])
    by_seed = whole.groupby([name, "seed"])["score"].mean().groupby(level=0)
    table = pd.DataFrame({"average": by_seed.mean(), "std": by_seed.std()}).reindex(values)
    return table.reset_index(names=name), complete, sorted(set(have.index) - set(complete))
