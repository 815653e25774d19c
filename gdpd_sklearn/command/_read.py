"""Training and test cases from files: an archive's folder, a wide table or a long one."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from aeon.datasets import load_from_ts_file
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from gdpd_sklearn.data import from_long

__all__ = ["Split", "read_split"]

# What a column of labels is called where nobody says.
_LABEL_NAMES = ("label", "class", "target", "y")


@dataclass(frozen=True)
class Cases:
    """Series, their labels, and what the file calls them."""

    X: Any
    y: NDArray[Any]
    names: NDArray[Any]

    def take(self, index: NDArray[np.intp]) -> Cases:
        """Give some of the cases."""
        X = [self.X[i] for i in index] if isinstance(self.X, list) else self.X[index]
        return Cases(X, self.y[index], self.names[index])


@dataclass(frozen=True)
class Split:
    """What is learned from, and what is asked about."""

    train: Cases
    test: Cases
    about: str


def read_split(options: Namespace) -> Split:
    """Read what the options of the command name.

    Parameters
    ----------
    options : Namespace
        ``data``, ``test``, ``test_share``, ``seed``, and how a table is laid out.

    Raises
    ------
    OSError
        If a file is not there or cannot be read.
    ValueError
        If a file holds something else, or there is no label for each case.
    """
    path = Path(options.data)
    train_file, test_file = _archive_files(path) if path.is_dir() else (path, None)
    if options.test is not None:
        test_file = Path(options.test)
    elif test_file is None and train_file.name.endswith("_TRAIN.ts"):
        beside = train_file.with_name(train_file.name.replace("_TRAIN.ts", "_TEST.ts"))
        test_file = beside if beside.exists() else None
    train = _read(train_file, options)
    if test_file is not None:
        test = _read(test_file, options)
        _check_kinds(train, test, test_file)
        return Split(train, test, f"tested on {test_file.name}")
    try:
        index, left = train_test_split(
            np.arange(len(train.y)), test_size=options.test_share, random_state=options.seed,
            stratify=train.y,
        )  # fmt: skip
    except ValueError as error:
        raise ValueError(
            f"{train_file} cannot be parted with --test-share {options.test_share}: {error} "
            f"Name test cases by --test."
        ) from error
    about = f"tested on {len(left)} of its {len(train.y)} cases, drawn with seed {options.seed}"
    return Split(train.take(np.sort(index)), train.take(np.sort(left)), about)


def _archive_files(folder: Path) -> tuple[Path, Path | None]:
    """Find ``NAME_TRAIN.ts`` in a folder, and ``NAME_TEST.ts`` if it is there."""
    found = sorted(folder.glob("*_TRAIN.ts"))
    if len(found) != 1:
        names = [each.name for each in found]
        raise FileNotFoundError(
            f"folder {folder} must hold one file NAME_TRAIN.ts; it holds {names or 'none'}. Name a "
            f"file instead, such as {folder / 'NAME_TRAIN.ts'} or a CSV."
        )
    test = found[0].with_name(found[0].name.replace("_TRAIN.ts", "_TEST.ts"))
    return found[0], test if test.exists() else None


def _read(path: Path, options: Namespace) -> Cases:
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}.")
    if path.suffix == ".ts":
        return _read_archive(path)
    frame = _read_table(path, options)
    long = options.case is not None or options.time is not None
    return _from_long(frame, path, options) if long else _from_wide(frame, path, options)


def _read_archive(path: Path) -> Cases:
    try:
        X, y = load_from_ts_file(str(path))
    except (OSError, ValueError, IndexError, AttributeError, TypeError) as error:
        raise ValueError(f"{path} cannot be read as a .ts file: {error}") from error
    if len(y) == 0:
        raise ValueError(f"{path} cannot be read as a .ts file: it holds no cases behind @data.")
    return Cases(X, np.asarray(y), np.arange(len(y)))


def _read_table(path: Path, options: Namespace) -> pd.DataFrame:
    separator = options.sep
    if separator is None:
        separator = "\t" if path.suffix in (".tsv", ".tab") else ","
    try:
        frame = pd.read_csv(path, sep=separator, header=None if options.no_header else 0)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as a table: {error}") from error
    if frame.shape[1] < 2 or len(frame) < 2:
        raise ValueError(
            f"{path} has {len(frame)} rows and {frame.shape[1]} columns when read with --sep "
            f"{separator!r}; a table of series has more."
        )
    frame.columns = [str(name) for name in frame.columns]
    return frame


def _label_column(frame: pd.DataFrame, path: Path, options: Namespace) -> str:
    """Find the column of labels: named, by its usual names, or the first without a header."""
    columns: list[str] = frame.columns.tolist()
    if options.label is not None:
        if options.label not in columns:
            raise ValueError(
                f"{path} has no column --label {options.label!r}; its columns are {_some(columns)}."
            )
        return str(options.label)
    if options.no_header:
        return columns[0]
    usual = [name for name in columns if name.lower() in _LABEL_NAMES]
    if len(usual) != 1:
        raise ValueError(
            f"{path} does not tell which column holds the labels; name it by --label. Its columns "
            f"are {_some(columns)}."
        )
    return usual[0]


def _from_wide(frame: pd.DataFrame, path: Path, options: Namespace) -> Cases:
    """Read a row for each case, and a column for each time point."""
    label = _label_column(frame, path, options)
    names = np.arange(len(frame))
    left_out = [label]
    if options.id is not None:
        if options.id not in frame.columns:
            raise ValueError(f"{path} has no column --id {options.id!r}.")
        names = frame[options.id].to_numpy()
        left_out.append(options.id)
    values = frame.drop(columns=left_out)
    wrong = [c for c in values.columns if not pd.api.types.is_numeric_dtype(values[c])]
    if wrong:
        raise ValueError(
            f"{path} has text in the columns {_some(wrong)}; a wide table has a number for each "
            f"time point beside --label and --id. A row for each measurement needs --case and "
            f"--time."
        )
    X = values.to_numpy(dtype=np.float64)[:, None]
    return Cases(X, _labels(frame[label], path), names)


def _from_long(frame: pd.DataFrame, path: Path, options: Namespace) -> Cases:
    """Read a row for each time point or measurement."""
    if options.case is None or options.time is None:
        raise ValueError("a long table needs both --case and --time.")
    label = _label_column(frame, path, options)
    channels = None if options.channels is None else options.channels.split(",")
    frame = _with_dates(frame, path, options.time)
    series = from_long(
        frame, case=options.case, time=options.time, channels=channels, label=label,
        step=options.step,
    )  # fmt: skip
    assert series.y is not None
    return Cases(series.X, _labels(pd.Series(series.y), path), series.cases)


def _with_dates(frame: pd.DataFrame, path: Path, name: str) -> pd.DataFrame:
    """Read times that are text as dates."""
    if name not in frame.columns or pd.api.types.is_numeric_dtype(frame[name]):
        return frame
    try:
        return frame.assign(**{name: pd.to_datetime(frame[name])})
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{path} has times in --time {name!r} that are neither numbers nor dates: {error}"
        ) from error


def _labels(labels: pd.Series, path: Path) -> NDArray[Any]:
    missing = labels.isna().to_numpy()
    if missing.any():
        raise ValueError(
            f"{path} has no label in {int(missing.sum())} cases, the first is number "
            f"{int(missing.argmax())}."
        )
    return np.array(labels.tolist())


def _check_kinds(train: Cases, test: Cases, path: Path) -> None:
    """Refuse labels of another kind, which would all be wrong."""
    text = [each.y.dtype.kind in "US" for each in (train, test)]
    if text[0] != text[1]:
        raise ValueError(
            f"{path} has labels such as {test.y.tolist()[0]!r}, and the training cases "
            f"{train.y.tolist()[0]!r}."
        )


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:6])
    return f"{shown}, … ({len(names)} in all)" if len(names) > 6 else shown
