"""Stays on a grid of hours: values by hand, flaws by name, nothing learned of the test part."""

import math
from statistics import median

import numpy as np
import pytest
from made_up_stays import make_stays, write_stays
from sklearn.model_selection import train_test_split

from benchmarks._data import load_split
from benchmarks._physionet import ABSENT, BEDSIDE, BOUNDS, CHANNELS, SETS

HOURS = 48


def by_hand(stays, train):
    """Recompute with plain loops: record to channel to 48 values, and to 48 flags."""
    means, flags = {}, {}
    for record, rows in stays.items():
        hourly = {name: [[] for _ in range(HOURS)] for name in CHANNELS}
        for time, name, value in rows:
            hour = min(int(time.split(":")[0]), HOURS - 1)
            if name == "ICUType":
                name, value = f"ICUType{value}", 1
            low, high = BOUNDS.get(name, (-math.inf, math.inf))
            if value != -1 and low <= value <= high:
                hourly[name][hour].append(value)
        means[record] = {
            name: [sum(v) / len(v) if v else None for v in hours] for name, hours in hourly.items()
        }
        flags[record] = {name: [float(bool(v)) for v in hours] for name, hours in hourly.items()}
    filled = {}
    for record, channels in means.items():
        filled[record] = {}
        for name, hours in channels.items():
            measured = [v for r in train for v in means[r][name] if v is not None]
            last = ABSENT.get(name, median(measured) if measured else 0.0)
            values = []
            for value in hours:
                last = last if value is None else value
                values.append(last)
            filled[record][name] = values
    return filled, flags


def parts(stays, outcomes):
    """Records of the two parts: stratified by death, 70 to 30, the stays in order."""
    records = sorted(stays)
    died = [outcomes[r][1] for r in records]
    train, test = train_test_split(
        np.arange(len(records)), test_size=0.3, stratify=died, random_state=0
    )
    return [records[i] for i in sorted(train)], [records[i] for i in sorted(test)]


@pytest.mark.parametrize("archive", [None, "set-a.tar.xz", "set-a.tar.gz"])
def test_values_are_those_of_plain_loops(tmp_path, archive):
    stays, outcomes = make_stays()
    stays[min(stays)] += [("48:00", "HR", 61), ("47:10", "HR", 99), ("00:30", "pH", 735),
                          ("00:31", "Temp", -17.8), ("03:00", "Urine", 0)]  # fmt: skip
    write_stays(tmp_path / "physionet2012", stays, outcomes, archive)
    train, test = parts(stays, outcomes)
    assert len(train) == 21
    filled, flags = by_hand(stays, train)
    for split, records in (("train", train), ("test", test)):
        X, y = load_split("PhysioNet2012", split, str(tmp_path))
        assert X.shape == (len(records), len(CHANNELS), HOURS)
        expected = [[filled[r][name] for name in CHANNELS] for r in records]
        np.testing.assert_allclose(X, expected, rtol=1e-12)
        assert y.tolist() == ["died" if outcomes[r][1] else "survived" for r in records]
        both, _ = load_split("PhysioNet2012Indicators", split, str(tmp_path))
        np.testing.assert_array_equal(both[:, ::2], X)
        np.testing.assert_array_equal(
            both[:, 1::2], [[flags[r][name] for name in CHANNELS] for r in records]
        )


def test_other_task_has_the_same_stays_but_those_of_unknown_length(tmp_path):
    stays, outcomes = make_stays()
    write_stays(tmp_path, stays, outcomes)
    train, test = parts(stays, outcomes)
    middle = median(outcomes[r][0] for r in train if outcomes[r][0] > 0)
    for split, records in (("train", train), ("test", test)):
        known = [r for r in records if outcomes[r][0] > 0]
        X, y = load_split("PhysioNet2012Stay", split, str(tmp_path))
        assert y.tolist() == ["long" if outcomes[r][0] > middle else "short" for r in known]
        whole, _ = load_split("PhysioNet2012", split, str(tmp_path))
        np.testing.assert_array_equal(X, whole[[records.index(r) for r in known]])


def test_nothing_is_learned_of_the_test_part(tmp_path):
    stays, outcomes = make_stays()
    write_stays(tmp_path / "clean", stays, outcomes)
    _, test = parts(stays, outcomes)
    poisoned = dict(stays)
    for record in test:
        poisoned[record] = [("00:10", name, 42) for name in ("HR", "Lactate", "Height", "Na")]
    write_stays(tmp_path / "poisoned", poisoned, outcomes)
    for name in SETS:
        for one, two in zip(
            load_split(name, "train", str(tmp_path / "clean")),
            load_split(name, "train", str(tmp_path / "poisoned")),
            strict=True,
        ):
            np.testing.assert_array_equal(one, two)
    # sodium was measured in no training stay
    X, _ = load_split("PhysioNet2012", "test", str(tmp_path / "clean"))
    assert not X[:, CHANNELS.index("Na")].any()


def test_a_prefix_holds_nothing_of_later_hours(tmp_path):
    stays, outcomes = make_stays()
    _, test = parts(stays, outcomes)
    write_stays(tmp_path / "whole", stays, outcomes)
    cut = stays | {r: [row for row in stays[r] if row[0] < "12:00"] for r in test}
    write_stays(tmp_path / "cut", cut, outcomes)
    one, two = (load_split("PhysioNet2012", "test", str(tmp_path / f))[0] for f in ("whole", "cut"))
    np.testing.assert_array_equal(one[:, :, :12], two[:, :, :12])
    assert not np.array_equal(one, two)


def test_bedside_channels_come_first():
    assert CHANNELS[: len(BEDSIDE)] == BEDSIDE
    assert len(set(CHANNELS)) == len(CHANNELS) == 44
    assert set(BOUNDS) | set(ABSENT) <= set(CHANNELS)


def damage(folder, what):
    series, outcomes = folder / "set-a", folder / "Outcomes-a.txt"
    first = min(series.iterdir())
    text = first.read_text()
    if what == "no outcomes":
        outcomes.unlink()
    elif what == "other outcomes":
        outcomes.write_text("RecordID,Age\n1,2\n")
    elif what == "no series":
        series.rename(folder / "elsewhere")
    elif what == "damaged archive":
        series.rename(folder / "elsewhere")
        (folder / "set-a.tar.xz").write_bytes(b"\xfd7zXZ\x00garbage")
    elif what == "a stay too few":
        first.unlink()
    elif what == "a stay too many":
        (series / "999999.txt").write_text(text)
    elif what == "header":
        first.write_text(text.replace("Time,", "When,"))
    else:
        first.write_text(text + what + "\n")


@pytest.mark.parametrize(
    ("what", "error", "message"),
    [
        ("no outcomes", FileNotFoundError, r"'PhysioNet2012': no Outcomes-a.txt in --data-dir"),
        ("other outcomes", ValueError, r"no column \['Length_of_stay', 'In-hospital_death'\]"),
        ("no series", FileNotFoundError, r"neither a folder set-a nor one of \['set-a.tar.xz'"),
        ("damaged archive", ValueError, r"set-a.tar.xz' is no readable archive"),
        ("a stay too few", FileNotFoundError, r"lacks the series of 1 stays.*set-a/132500.txt"),
        ("a stay too many", ValueError, r"does not list 1 stays.*set-a/999999.txt"),
        ("header", ValueError, r"132500.txt' begins with 'When,Parameter,Value'"),
        ("12:00,HR", ValueError, r"132500.txt', line \d+: '12:00,HR' is no row"),
        ("48:01,HR,60", ValueError, r"'48:01,HR,60' is no row 'HH:MM,.*' of the first 48"),
        ("12:00,HR,fast", ValueError, r"'12:00,HR,fast' is no row"),
        ("12:00,Mood,3", ValueError, r"parameter 'Mood' is unknown"),
    ],
)
def test_flaws_are_named(tmp_path, what, error, message):
    folder = tmp_path / "data"
    write_stays(folder, *make_stays())
    damage(folder, what)
    with pytest.raises(error, match=message) as caught:
        load_split("PhysioNet2012", "train", str(folder))
    assert str(folder) in str(caught.value)


def test_a_folder_must_be_given():
    with pytest.raises(
        FileNotFoundError, match=r"'PhysioNet2012' cannot be downloaded.*--data-dir"
    ):
        load_split("PhysioNet2012", "train", None)
