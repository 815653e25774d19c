"""Tables 1 to 5: distillers against each other over sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from benchmarks._data import UCR_12, UEA_12
from benchmarks._statistics import pairwise_tests
from benchmarks.accuracy._report import _plots, _published
from benchmarks.accuracy._report._comparison import Comparison, compare, mean_and_std
from benchmarks.accuracy._report._document import Document
from benchmarks.accuracy._report._rows import groups, in_order

__all__ = ["write_method_tables"]

SUITES = {"UCR-12": UCR_12, "UEA-12": UEA_12}
ENOUGH_SETS = 5
"""Below this many sets no signed-rank test can reach 0.05, and a diagram would say nothing."""


@dataclass(frozen=True)
class Section:
    """Methods at one earliness in one block; ``on_test``: averages chosen on the test split."""

    block: str
    suite: str
    earliness: float
    comparison: Comparison
    on_test: pd.Series | None
    teacher: float
    n_parameters: float
    teacher_n_parameters: float
    rows: pd.DataFrame


def write_method_tables(
    rows: pd.DataFrame, rows_on_test: pd.DataFrame | None, document: Document
) -> list[str]:
    """Write the tables that ``rows`` has cells for, and name those that it has none for.

    Parameters
    ----------
    rows : DataFrame
        Chosen by validation.
    rows_on_test : DataFrame or None
        Chosen on the test split, for the extra column of the protocol ``paper``.
    document : Document
    """
    plain = rows["variant"] == ""
    own = rows["teacher"] == rows["student"]
    all_channels = rows["channels"].isna()
    uea = rows["suite"] == "UEA-12"
    many_earliness = rows.groupby(["block", "distiller"])["earliness"].transform("nunique") > 1
    half = rows["earliness"] == 0.5
    of_students = rows.loc[rows["student"] != "-", "pair"]
    pairs = of_students.nunique() > 1 or not own.all()
    base = plain & all_channels & own
    tables = {
        "Table 1: prefixes of several lengths": base & ~uea & many_earliness,
        "Table 2: all methods at one share of the series": base & ~uea & (half | ~many_earliness),
        "Table 3: prefix and missing channels": plain & ~all_channels,
        "Table 4: multivariate sets": base & uea,
        "Table 5: teachers and students of several sizes and families": plain
        & all_channels
        & pairs,
    }
    absent = []
    for title, mask in tables.items():
        if not mask.any():
            absent.append(title)
            continue
        sections = list(_sections(rows[mask], rows_on_test))
        _write_table(title, sections, document)
    return absent


def _sections(rows: pd.DataFrame, rows_on_test: pd.DataFrame | None) -> Iterator[Section]:
    for (block, earliness), here in groups(rows, "block", "earliness"):
        comparison = compare(here)
        on_test = None
        if rows_on_test is not None:
            same = rows_on_test[
                (rows_on_test["block"] == block)
                & (rows_on_test["earliness"] == earliness)
                & (rows_on_test["variant"] == "")
                & rows_on_test["set"].isin(comparison.complete)
                & rows_on_test["distiller"].isin(comparison.mean.columns)
            ]
            on_test = 100 * same.groupby(["distiller", "set"])["auc_prc"].mean().groupby(
                level=0
            ).mean().reindex(comparison.mean.columns)
        whole = here[here["set"].isin(comparison.complete)]
        teacher = whole.groupby("set")["teacher_auc_prc"].mean()
        yield Section(
            block=block,
            suite=here["suite"].iloc[0],
            earliness=earliness,
            comparison=comparison,
            on_test=on_test,
            teacher=100 * teacher.mean(skipna=False),
            n_parameters=here["n_parameters"].median(),
            teacher_n_parameters=here["teacher_n_parameters"].median(),
            rows=here,
        )


def _write_table(title: str, sections: list[Section], document: Document) -> None:
    document.heading(2, title)
    stem = title.split(":")[0].lower().replace(" ", "_")
    number = stem.rpartition("_")[2]
    summary = pd.concat([_summary(section) for section in sections], ignore_index=True)
    if number == "5":
        kinds = {section.block: _kind(section.rows) for section in sections}
        summary.insert(1, "kind", summary["block"].map(kinds))
    else:
        summary = summary.drop(columns=["student parameters", "teacher parameters"])
    document.paragraph(
        "AUC-PRC × 100 on the test split. Averages, ranks and wins (shared ones count for each) "
        "are over complete sets: those for which each method of the row's block and earliness has "
        "each seed. ± is the standard deviation over seeds of the average."
    )
    if summary["paper"].notna().any():
        document.paragraph(
            "`paper`: published averages over the paper's twelve sets (six are known), LSTM3-100 → "
            "LSTM3-100, 600 epochs, weight, warm-up and teacher chosen on the test split."
        )
    summary["earliness"] = summary["earliness"].map("{:g}".format)
    summary["average"] = [
        mean_and_std(m, s) for m, s in zip(summary["average"], summary.pop("std"), strict=True)
    ]
    csv = pd.concat([_summary(section) for section in sections], ignore_index=True)
    document.csv(f"{stem}_averages", csv)
    document.csv(f"{stem}_sets", pd.concat([_by_set(s) for s in sections], ignore_index=True))
    for block, shown in groups(summary, "block"):
        document.paragraph(f"**Averages: {block}**")
        document.table(shown.drop(columns="block").dropna(axis=1, how="all"), index=False)
    tests = [
        pairwise_tests(s.comparison.complete_means).assign(block=s.block, earliness=s.earliness)
        for s in sections
    ]
    document.csv(f"{stem}_tests", pd.concat(tests, ignore_index=True))
    if number == "5":  # a teacher with itself stands in tables 1 to 4
        sections = [s for s in sections if kinds[s.block] != "self-distillation"]
    for section in sections:
        _write_section(section, stem, document)
    _draw_blocks(sections, stem, document)


def _summary(section: Section) -> pd.DataFrame:
    comparison = section.comparison
    table = comparison.summary.reset_index(names="distiller")
    table.insert(0, "block", section.block)
    table.insert(1, "earliness", section.earliness)
    table["sets"] = len(comparison.complete)
    table["seeds"] = len(comparison.seeds)
    table["teacher"] = section.teacher
    table["student parameters"] = section.n_parameters
    table["teacher parameters"] = section.teacher_n_parameters
    paper = [
        _published.average(section.suite, section.earliness, name) for name in table["distiller"]
    ]
    ranks = _published.RANKS.get(section.earliness, {}) if section.suite == "UCR-12" else {}
    table["paper"] = pd.Series(paper, dtype=float)
    table["paper, rank of 12"] = table["distiller"].map(ranks).astype(float)
    if section.on_test is not None:
        table["chosen on test"] = section.on_test.to_numpy()
    return table.rename(columns={"distiller": "method"})


def _by_set(section: Section) -> pd.DataFrame:
    comparison = section.comparison
    long = comparison.mean.stack().reset_index()
    long.columns = ["set", "method", "mean"]
    keys = list(zip(long["set"], long["method"], strict=True))
    long["std"] = [comparison.std.loc[key] for key in keys]
    long["seeds"] = [comparison.n_seeds.loc[key] for key in keys]
    long["complete"] = long["set"].isin(comparison.complete)
    long.insert(0, "block", section.block)
    long.insert(1, "earliness", section.earliness)
    return long


def _kind(rows: pd.DataFrame) -> str:
    teacher, student = rows["teacher"].iloc[0], rows["student"].iloc[0]
    if teacher == student:
        return "self-distillation"
    families = [name.rstrip("0123456789-").rstrip("0123456789") for name in (teacher, student)]
    return "compression" if families[0] == families[1] else "cross-architecture"


def _write_section(section: Section, stem: str, document: Document) -> None:
    comparison = section.comparison
    document.heading(3, f"{section.block}, earliness {section.earliness:g}")
    shown = pd.DataFrame(
        {
            method: [_shown(comparison, name, method) for name in comparison.mean.index]
            for method in comparison.mean.columns
        },
        index=comparison.mean.index,
    )
    document.table(shown)
    document.items(_scope(section))
    tests = pairwise_tests(comparison.complete_means)
    if len(tests):
        document.paragraph(
            "Wilcoxon signed-rank, two-sided, over complete sets; p with Holm's correction for "
            f"{len(tests)} tests (row against column):"
        )
        matrix = tests.pivot(index="first", columns="second", values="p_holm")
        order = in_order(comparison.mean.columns)
        document.table(matrix.reindex(index=order[:-1], columns=order[1:]), digits=3)
    if len(comparison.complete) >= ENOUGH_SETS and len(comparison.mean.columns) >= 3:
        figure = _plots.critical_difference(comparison.complete_means)
        document.figure(
            f"{stem}_{section.block}_{section.earliness:g}_critical_difference", figure,
            f"Critical difference, {section.block}, earliness {section.earliness:g}",
        )  # fmt: skip


def _shown(comparison: Comparison, name: str, method: str) -> str:
    tables = (comparison.mean, comparison.std, comparison.n_seeds)
    mean, std, n = (table[method].to_dict()[name] for table in tables)
    text, wanted = mean_and_std(mean, std), len(comparison.seeds)
    return text if n in (0, wanted) else f"{text} ({n} of {wanted} seeds)"


def _scope(section: Section) -> list[str]:
    comparison = section.comparison
    n = len(comparison.seeds)
    lines = [f"{len(comparison.complete)} complete sets, {n} seed{'s' * (n > 1)}"]
    if comparison.left_out:
        lines.append(f"left out of averages, incomplete: {', '.join(comparison.left_out)}")
    missing = set(SUITES.get(section.suite, ())) - set(comparison.mean.index)
    if missing:
        lines.append(f"of {section.suite}, without any cell: {', '.join(sorted(missing))}")
    return lines


def _draw_blocks(sections: list[Section], stem: str, document: Document) -> None:
    for block in dict.fromkeys(section.block for section in sections):
        here = [section for section in sections if section.block == block]
        if sum(len(section.comparison.complete) for section in here) == 0:
            continue
        pair = _pair_to_draw(here)
        if pair is not None:
            figure = _plots.scatter(
                {section.earliness: section.comparison.complete_means for section in here}, *pair
            )
            document.figure(
                f"{stem}_{block}_scatter", figure, f"{pair[1]} against {pair[0]}, {block}"
            )
        if len(here) > 1:
            figure = _plots.earliness_curves(
                {s.earliness: s.comparison.summary for s in here},
                {s.earliness: s.teacher for s in here},
                here[0].suite,
            )
            document.figure(f"{stem}_{block}_curves", figure, f"AUC-PRC by earliness, {block}")


def _pair_to_draw(sections: list[Section]) -> tuple[str, str] | None:
    """GDPD against the student alone; without these, the first and the last method."""
    common = set.intersection(*(set(s.comparison.mean.columns) for s in sections))
    names = in_order(pd.Index(sorted(common)))
    if len(names) < 2:
        return None
    return (
        "none" if "none" in names else names[0],
        "gdpd" if "gdpd" in names else names[-1],
    )
