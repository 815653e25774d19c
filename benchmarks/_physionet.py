"""PhysioNet/CinC challenge 2012, set a: 48 hours of 4 000 stays in intensive care, hour by hour.

The challenge's own files (https://physionet.org/content/challenge-2012) are read from a folder that
the user names: ``Outcomes-a.txt``, and ``set-a`` as a folder of one ``<RecordID>.txt`` a stay or as
``set-a.tar.xz`` (``.tar.gz``, ``.tar``). Rows are ``HH:MM,Parameter,Value``.

1. −1 means missing, as the challenge says; values outside of ``BOUNDS`` are errors of recording
   and are dropped. Nothing else is cleaned.
2. A value of the grid is the mean of an hour's measurements; the measurements at 48:00 belong to
   the last hour. A prefix of h points holds what was measured in the first h hours and no more.
3. An hour without a measurement has the last value before it.
4. Before the first measurement stands the median of the hours that were measured in the *training*
   part (0 for ``ABSENT``). It is all that is learned here; a test stay never touches it.

The split is ours: 70 to 30, stratified by death, always the same.
"""

from __future__ import annotations

import lzma
import tarfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

__all__ = [
    "ABSENT",
    "BEDSIDE",
    "BOUNDS",
    "CHANNELS",
    "N_HOURS",
    "SETS",
    "Task",
    "find_set",
    "load_split",
]

N_HOURS = 48
TEST_SHARE = 0.3

UNITS = ("ICUType1", "ICUType2", "ICUType3", "ICUType4")
"""The parameter ICUType, a channel for each kind of unit: coronary care, cardiac surgery recovery,
medical, surgical."""

BEDSIDE = (
    "Age", "Gender", "Height", *UNITS, "Weight", "HR", "NISysABP", "NIDiasABP", "NIMAP", "SysABP",
    "DiasABP", "MAP", "RespRate", "Temp", "GCS", "Urine", "MechVent", "FiO2",
)  # fmt: skip
"""Known on admission or seen at the bed, without a laboratory."""

LABORATORY = (
    "SaO2", "PaO2", "PaCO2", "pH", "Lactate", "HCO3", "Na", "K", "Mg", "Glucose", "BUN",
    "Creatinine", "HCT", "Platelets", "WBC", "Albumin", "ALP", "ALT", "AST", "Bilirubin",
    "Cholesterol", "TroponinI", "TroponinT",
)  # fmt: skip

CHANNELS = BEDSIDE + LABORATORY
"""In this order, so that a student of the first ``len(BEDSIDE)`` does without the laboratory."""

_PRESSURE = (1.0, 350.0)
BOUNDS: Mapping[str, tuple[float, float]] = {
    "Height": (100.0, 250.0), "Weight": (20.0, 350.0), "HR": (1.0, 350.0), "SysABP": _PRESSURE,
    "DiasABP": _PRESSURE, "MAP": _PRESSURE, "NISysABP": _PRESSURE, "NIDiasABP": _PRESSURE,
    "NIMAP": _PRESSURE, "RespRate": (1.0, 120.0), "Temp": (25.0, 45.0), "FiO2": (0.2, 1.0),
    "PaO2": (1.0, 800.0), "PaCO2": (1.0, 250.0), "pH": (6.3, 8.0),
}  # fmt: skip
"""What the living can have, in cm, kg, beats and breaths a minute, mmHg, °C; ends included."""

ABSENT: Mapping[str, float] = {"MechVent": 0.0, **dict.fromkeys(UNITS, 0.0)}
"""Channels that are written down only where they are 1."""


class Task(NamedTuple):
    """What is asked of a stay, and whether channels tell what was measured.

    Attributes
    ----------
    label : {"death", "stay"}
        ``died`` or ``survived`` (in hospital); ``long`` or ``short``: more days than the median
        of the training part. Stays of unknown length are then left out.
    indicators : bool
        Whether each channel is followed by one that is 1 in hours with a measurement, else 0.
    """

    label: str
    indicators: bool


SETS: Mapping[str, Task] = {
    "PhysioNet2012": Task("death", indicators=False),
    "PhysioNet2012Stay": Task("stay", indicators=False),
    "PhysioNet2012Indicators": Task("death", indicators=True),
    "PhysioNet2012StayIndicators": Task("stay", indicators=True),
}
"""Names of sets; all have the same cases in the same split, but those of unknown length."""

_OUTCOMES = "Outcomes-a.txt"
_SERIES = "set-a"
_ARCHIVES = (f"{_SERIES}.tar.xz", f"{_SERIES}.tar.gz", f"{_SERIES}.tar")
_HEADER = "Time,Parameter,Value"

Array = NDArray[np.float64]


class _Stays(NamedTuple):
    """Stays in the order of their numbers; ``grid`` (N, C, 48) is NaN where nothing is measured."""

    grid: Array
    died: NDArray[np.bool_]
    days: Array


def load_split(name: str, split: str, data_dir: str | None) -> tuple[Array, NDArray[Any]]:
    """Load the ``"train"`` or ``"test"`` part of a set of ``SETS``.

    Parameters
    ----------
    name : str
    split : {"train", "test"}
    data_dir : str
        Folder with the challenge's files, or one with a subfolder ``physionet2012`` of them.

    Returns
    -------
    X : ndarray of shape (N, C, 48)
        No missing value. C is ``len(CHANNELS)``, or twice as many with indicators.
    y : ndarray of str, shape (N,)

    Raises
    ------
    FileNotFoundError
        If there is no folder, no outcomes, no series, or no file of a stay.
    ValueError
        If a file is not of the challenge's layout; it is named, with the line.
    """
    label, indicators = SETS[name]
    stays = _load(find_set(name, data_dir))
    train, test = train_test_split(
        np.arange(len(stays.died)), test_size=TEST_SHARE, stratify=stays.died, random_state=0
    )
    cases = np.sort({"train": train, "test": test}[split])
    if label == "death":
        y = np.where(stays.died, "died", "survived")
    else:
        known = ~np.isnan(stays.days)
        y = np.where(stays.days > np.nanmedian(stays.days[train]), "long", "short")
        cases = cases[known[cases]]
    grid = stays.grid[cases]
    X = _filled(grid, _typical_values(stays.grid[train]))
    if indicators:
        measured = ~np.isnan(grid)
        X = np.stack([X, measured], axis=2).reshape(len(X), -1, N_HOURS)
    return X, y[cases]


def _typical_values(grid: Array) -> Array:
    """Median of a channel's measured hours, shape (C,); 0 where nothing was ever measured."""
    values = np.zeros(len(CHANNELS))
    for c, name in enumerate(CHANNELS):
        measured = grid[:, c][~np.isnan(grid[:, c])]
        if name in ABSENT:
            values[c] = ABSENT[name]
        elif len(measured):
            values[c] = np.median(measured)
    return values


def _filled(grid: Array, typical: Array) -> Array:
    """Put into empty hours what was measured last, before any measurement what is typical."""
    hours = np.arange(N_HOURS)
    last = np.maximum.accumulate(np.where(np.isnan(grid), 0, hours), axis=2)
    values = np.take_along_axis(grid, last, axis=2)
    return np.where(np.isnan(values), typical[:, None], values)


# files ------------------------------------------------------------------------------------------


def find_set(name: str, data_dir: str | None) -> Path:
    """Find the folder of the challenge's files.

    Raises
    ------
    FileNotFoundError
        If there is none, or none is named; the message says where it was looked for.
    """
    if data_dir is None:
        raise FileNotFoundError(
            f"data set {name!r} cannot be downloaded: name the folder of PhysioNet's challenge "
            f"2012 ({_OUTCOMES} and {_SERIES}) by --data-dir."
        )
    for folder in (Path(data_dir), Path(data_dir) / "physionet2012"):
        if (folder / _OUTCOMES).exists():
            return folder
    raise FileNotFoundError(
        f"data set {name!r}: no {_OUTCOMES} in --data-dir {data_dir!r}, nor in its subfolder "
        f"physionet2012."
    )


# cells of a process share it: reading takes seconds
@lru_cache(maxsize=1)
def _load(folder: Path) -> _Stays:
    outcomes = _read_outcomes(folder / _OUTCOMES)
    grids = {record: _read_stay(where, text) for record, where, text in _texts(folder)}
    absent = [record for record in outcomes.index if record not in grids]
    if absent:
        raise FileNotFoundError(
            f"{str(folder)!r} lacks the series of {len(absent)} stays of {_OUTCOMES}, such as "
            f"{_SERIES}/{absent[0]}.txt."
        )
    unknown = sorted(set(grids) - set(outcomes.index))
    if unknown:
        raise ValueError(
            f"{_OUTCOMES} in {str(folder)!r} does not list {len(unknown)} stays that are there, "
            f"such as {_SERIES}/{unknown[0]}.txt."
        )
    days = outcomes["Length_of_stay"].to_numpy(float)
    return _Stays(
        np.stack([grids[record] for record in outcomes.index]),
        outcomes["In-hospital_death"].to_numpy() == 1,
        np.where(days < 0, np.nan, days),
    )


def _read_outcomes(path: Path) -> pd.DataFrame:
    wanted = ["RecordID", "Length_of_stay", "In-hospital_death"]
    try:
        table = pd.read_csv(path)
    except (ValueError, pd.errors.ParserError) as error:
        raise ValueError(f"{str(path)!r} cannot be read: {error}") from None
    missing = [column for column in wanted if column not in table]
    if missing:
        raise ValueError(f"{str(path)!r} has no column {missing}; it has {list(table)}.")
    return table[wanted].set_index("RecordID").sort_index()


def _texts(folder: Path) -> Iterator[tuple[int, str, str]]:
    """Give number, place and text of each stay."""
    if (folder / _SERIES).is_dir():
        for path in (folder / _SERIES).glob("[0-9]*.txt"):
            yield int(path.stem), str(path), path.read_text()
        return
    archive = next((folder / name for name in _ARCHIVES if (folder / name).exists()), None)
    if archive is None:
        raise FileNotFoundError(
            f"{str(folder)!r} has {_OUTCOMES}, but neither a folder {_SERIES} nor one of "
            f"{list(_ARCHIVES)}."
        )
    try:
        with tarfile.open(archive) as opened:
            for member in opened:
                name = Path(member.name)
                file = opened.extractfile(member)
                if file is not None and name.suffix == ".txt" and name.stem.isdigit():
                    yield int(name.stem), f"{archive}/{member.name}", file.read().decode()
    except (tarfile.TarError, lzma.LZMAError, EOFError, OSError) as error:
        raise ValueError(f"{str(archive)!r} is no readable archive: {error}") from None


_INDEX = {name: c for c, name in enumerate(CHANNELS)}


def _read_stay(where: str, text: str) -> Array:
    """Hourly means of a stay, shape (C, 48), NaN in hours without a measurement."""
    header, *lines = text.splitlines() or [""]
    if header != _HEADER:
        raise ValueError(f"{where!r} begins with {header!r} instead of {_HEADER!r}.")
    slots: list[int] = []
    values: list[float] = []
    for number, line in enumerate(lines, 2):
        try:
            hour, parameter, value = _read_row(line)
        except ValueError:
            raise ValueError(
                f"{where!r}, line {number}: {line!r} is no row 'HH:MM,Parameter,Value' of the "
                f"first {N_HOURS} hours."
            ) from None
        if parameter == "RecordID" or value == -1.0:
            continue
        if parameter == "ICUType":
            parameter, value = f"ICUType{value:.0f}", 1.0
        if parameter not in _INDEX:
            raise ValueError(f"{where!r}, line {number}: parameter {parameter!r} is unknown.")
        low, high = BOUNDS.get(parameter, (-np.inf, np.inf))
        if low <= value <= high:
            slots.append(_INDEX[parameter] * N_HOURS + hour)
            values.append(value)
    size = len(CHANNELS) * N_HOURS
    at = np.array(slots, dtype=np.int64)
    counts = np.bincount(at, minlength=size)
    sums = np.bincount(at, values, minlength=size)
    means = np.full(size, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means.reshape(len(CHANNELS), N_HOURS)


def _read_row(line: str) -> tuple[int, str, float]:
    """Hour from 0, parameter and value; any flaw is a ValueError."""
    time, parameter, value = line.split(",")
    hours, minutes = map(int, time.split(":"))
    end = hours == N_HOURS and minutes == 0
    if not end and not (0 <= hours < N_HOURS and 0 <= minutes < 60):
        raise ValueError(time)
    return (N_HOURS - 1 if end else hours), parameter, float(value)
