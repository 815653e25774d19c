"""Every table of the paper: run its cells, report what is there.

``python -m benchmarks.accuracy run --table 1 --data-dir DIR`` computes the cells of a table, in
the paper's setting; other arguments override the recipe. Without ``--table`` a run is the product
of its lists. A run that was killed goes on where it was. ``python -m benchmarks.accuracy report
results/accuracy`` writes tables and figures. See docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import ast
from pathlib import Path
from typing import Any

from benchmarks._cells import Cell
from benchmarks._options import RunOptions, add_run_options, add_sets_option
from benchmarks._suites import found_sets, resolve_sets
from benchmarks.accuracy._classifiers import CLASSIFIERS
from benchmarks.accuracy._compute import Laboratory
from benchmarks.accuracy._grid import SETTINGS, Grid, distinct
from benchmarks.accuracy._recipes import LONGER_TABLES, RECIPES
from benchmarks.accuracy._report import report
from benchmarks.accuracy._run import run

_GRID = (
    "sets", "earliness", "distillers", "pairs", "weights", "warmups", "channels", "setting",
    "n_epochs", "validation_fraction", "n_seeds", "classifiers",
)  # fmt: skip


def build_parser() -> argparse.ArgumentParser:
    """Make the parser; lists that are not given are None."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)

    running = actions.add_parser("run", help="compute the cells that are not there yet")
    what = running.add_argument_group("what to run")
    what.add_argument("--table", type=int, choices=RECIPES, help="a table of the paper")
    add_sets_option(what)
    what.add_argument(
        "--distillers", type=_names, metavar="A,B", help="names, or module:Class for your own"
    )
    what.add_argument(
        "--classifiers", type=_names, metavar="A,B",
        help=f"of {list(CLASSIFIERS)}, or module:Class: beside the students, or alone",
    )  # fmt: skip
    what.add_argument("--earliness", type=_numbers, metavar="E,E", help="shares of the series")
    what.add_argument("--seeds", type=int, dest="n_seeds", help="how many (5)")
    what.add_argument(
        "--pair", type=_pair, nargs="+", action="extend", dest="pairs", metavar="TEACHER:STUDENT"
    )
    what.add_argument("--weights", type=_numbers, metavar="W,W")
    what.add_argument(
        "--warmups", type=_numbers, metavar="W,W", help="shares of the epochs, or whole numbers"
    )
    what.add_argument(
        "--channels", type=_numbers, metavar="C", help="the student sees the first so many"
    )
    what.add_argument(
        "--option", type=_option, action="append", dest="options", metavar="NAME=A,B",
        help="nested parameter of the classifier and values to try; may be repeated",
    )  # fmt: skip
    what.add_argument("--setting", choices=SETTINGS)
    what.add_argument("--n-epochs", type=int)
    what.add_argument("--validation-fraction", type=float)
    what.add_argument("--longer", action="store_true", help="test on longer prefixes too")
    what.add_argument("--tsml", action="store_true", help="write tsml result files too")

    add_run_options(running, "results/accuracy")

    reporting = actions.add_parser("report", help="write tables and figures")
    reporting.add_argument("folder", type=Path)
    reporting.add_argument("--out", type=Path, help="by default FOLDER/report")
    reporting.add_argument("--protocol", choices=("honest", "paper"), default="honest")
    return parser


def cells_of(args: argparse.Namespace) -> list[Cell]:
    """Cells of a command: its recipe, if any, under what the command says itself.

    Raises
    ------
    ValueError
        If an argument is unknown, or there is nothing to run.
    """
    said: dict[str, Any] = {
        name: value for name in _GRID if (value := getattr(args, name)) is not None
    }
    if args.sets is not None:
        said["sets"] = args.sets
    if args.options is not None:
        said["options"] = dict(args.options)
    said = {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
    if args.table is None and said.get("setting") == "paper":
        said.setdefault("pairs", (("lstm3-100", "lstm3-100"),))
    if args.table is None and args.classifiers is not None:
        said.setdefault("distillers", ())
    variations = ({"sets": ()},) if args.table is None else RECIPES[args.table]
    cells = distinct([cell for v in variations for cell in Grid(**_under(said, v)).cells()])
    if not cells:
        raise ValueError(
            "nothing to run: the methods read their teacher's logits, and the teachers are of "
            "another task."
        )
    return cells


def _under(said: dict[str, Any], variation: dict[str, Any]) -> dict[str, Any]:
    """Put what a command says over a variation; of options, each by itself."""
    options = {**variation.get("options", {}), **said.get("options", {})}
    return {**variation, **said, "options": options}


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = build_parser()
    args = parser.parse_args(arguments)
    if args.action == "report":
        report(args.folder, args.out, args.protocol)
        return 0
    options = RunOptions.read(parser, args)
    try:
        if args.sets is not None:
            args.sets = resolve_sets(args.sets, options.data_dir)
        cells = cells_of(args)
        if args.sets is None:  # a table is a suite in this: what of it is there
            sets = dict.fromkeys(cell["set"] for cell in cells)
            there = found_sets("the table", sets, options.data_dir)
            cells = [cell for cell in cells if cell["set"] in there]
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))
    laboratory = Laboratory(
        out=options.out,
        data_dir=options.data_dir,
        longer=args.longer or args.table in LONGER_TABLES,
        tsml=args.tsml,
    )
    return 1 if run(cells, laboratory, **options.how) else 0


def _names(text: str) -> list[str]:
    return text.split(",")


def _numbers(text: str) -> list[float | int]:
    values = _values(text)
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise argparse.ArgumentTypeError(f"{value!r} in {text!r} is no number.")
    return values


def _pair(text: str) -> tuple[str, str]:
    teacher, colon, student = text.partition(":")
    if not (teacher and colon and student):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form TEACHER:STUDENT.")
    return teacher, student


def _option(text: str) -> tuple[str, tuple[Any, ...]]:
    name, equals, values = text.partition("=")
    if not (name and equals and values):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE,VALUE.")
    return name, tuple(_values(values))


def _values(text: str) -> list[Any]:
    """Python values between commas; what is none is a word."""
    try:
        values: list[Any] = ast.literal_eval(f"[{text}]")
        return values
    except (ValueError, SyntaxError):
        return [_value(part) for part in text.split(",")]


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


if __name__ == "__main__":
    raise SystemExit(main())
