from argparse import Namespace

import numpy as np
import pandas as pd
import pytest
from synthetic import make_series, write_split

from gdpd_sklearn.command import read_split

OPTIONS = {
    "test": None, "test_share": 0.25, "seed": 0, "label": None, "case": None, "time": None,
    "channels": None, "step": None, "id": None, "sep": None, "no_header": False,
}  # fmt: skip


def read(path, **changes):
    return read_split(Namespace(data=str(path), **OPTIONS | changes))


@pytest.fixture(scope="module")
def data():
    X, codes = make_series(24, n_channels=2)
    return X, np.array(["run", "walk"])[codes]


def long_frame(X, y):
    rows = [
        {"who": f"p{i}", "when": t, "ax": each[0, t], "ay": each[1, t], "class": label}
        for i, (each, label) in enumerate(zip(X, y, strict=True))
        for t in range(each.shape[1])
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("named", ["folder", "file"])
def test_an_archive_has_its_own_split(tmp_path, data, named):
    X, y = data
    write_split(tmp_path, "Own", "TRAIN", X[:16], y[:16])
    write_split(tmp_path, "Own", "TEST", X[16:], y[16:])
    folder = tmp_path / "Own"
    split = read(folder if named == "folder" else folder / "Own_TRAIN.ts")
    np.testing.assert_allclose(split.train.X, X[:16])
    np.testing.assert_array_equal(split.test.y, y[16:])
    assert split.about == "tested on Own_TEST.ts"


def test_series_of_unequal_lengths_stay_a_list(tmp_path, data):
    X, y = data
    mixed = [x[:, : 10 + i % 5] for i, x in enumerate(X)]
    write_split(tmp_path, "Own", "TRAIN", mixed, y)
    split = read(tmp_path / "Own")
    assert isinstance(split.train.X, list)
    assert len(split.train.X) == 18
    assert len(split.test.X) == len(split.test.y) == 6


def test_without_test_cases_a_share_is_drawn_by_class(tmp_path, data):
    X, y = data
    write_split(tmp_path, "Own", "TRAIN", X, y)
    split, same, other = (read(tmp_path / "Own", seed=seed) for seed in (0, 0, 1))
    assert (split.test.y == "run").sum() == 3
    np.testing.assert_array_equal(split.test.names, same.test.names)
    assert split.test.names.tolist() != other.test.names.tolist()
    assert sorted([*split.train.names, *split.test.names]) == list(range(24))
    np.testing.assert_allclose(split.test.X, X[split.test.names])
    assert split.about == "tested on 6 of its 24 cases, drawn with seed 0"


@pytest.mark.parametrize(
    ("changes", "keep"),
    [
        ({"label": "state", "id": "name"}, {}),
        ({"label": "state", "id": "name", "sep": ";"}, {"sep": ";"}),
    ],
)
def test_a_wide_table(tmp_path, data, changes, keep):
    X, y = data
    frame = pd.DataFrame(X[:, 0], columns=range(20)).assign(state=y, name=np.arange(24) + 100)
    frame.iloc[3, 5] = np.nan
    frame.to_csv(tmp_path / "wide.csv", index=False, **keep)
    split = read(tmp_path / "wide.csv", **changes)
    assert split.train.X.shape == (18, 1, 20)
    for cases in (split.train, split.test):
        for series, label, name in zip(cases.X, cases.y, cases.names, strict=True):
            known = ~np.isnan(series[0])
            np.testing.assert_allclose(series[0][known], X[name - 100, 0][known])
            assert known.sum() == (19 if name == 103 else 20)
            assert label == y[name - 100]


def test_a_wide_table_without_a_header_has_labels_first(tmp_path, data):
    X, y = data
    frame = pd.DataFrame(np.column_stack([y == "run", X[:, 0]])).astype({0: int})
    frame[:12].to_csv(tmp_path / "a.tsv", index=False, header=False, sep="\t")
    frame[12:].to_csv(tmp_path / "b.tsv", index=False, header=False, sep="\t")
    split = read(tmp_path / "a.tsv", test=str(tmp_path / "b.tsv"), no_header=True)
    np.testing.assert_allclose(split.test.X[:, 0], X[12:, 0])
    np.testing.assert_array_equal(split.train.y, (y == "run")[:12].astype(int))


def test_a_long_table(tmp_path, data):
    X, y = data
    long_frame(X, y).to_csv(tmp_path / "long.csv", index=False)
    split = read(tmp_path / "long.csv", case="who", time="when")
    number = [int(name[1:]) for name in split.test.names]
    np.testing.assert_allclose(split.test.X, X[number])
    np.testing.assert_array_equal(split.test.y, y[number])
    one = read(tmp_path / "long.csv", case="who", time="when", channels="ay", step=2.0)
    assert one.train.X.shape == (18, 1, 10)


def test_times_of_a_long_table_may_be_dates(tmp_path, data):
    X, y = data
    frame = long_frame(X, y)
    frame["when"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(5 * frame["when"], unit="min")
    frame.sample(frac=1.0, random_state=0).to_csv(tmp_path / "long.csv", index=False)
    split = read(tmp_path / "long.csv", case="who", time="when", step="5min")
    number = [int(name[1:]) for name in split.test.names]
    np.testing.assert_allclose(split.test.X, X[number])
    frame["when"] = "soon"
    frame.to_csv(tmp_path / "soon.csv", index=False)
    with pytest.raises(ValueError, match="--time 'when' that are neither numbers nor dates"):
        read(tmp_path / "soon.csv", case="who", time="when")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label": "State"}, r"no column --label 'State'; its columns are 0, 1, 2, 3, 4, 5, … "),
        ({}, "does not tell which column holds the labels; name it by --label"),
        ({"label": "state"}, "text in the columns name"),
        ({"label": "state", "id": "who"}, "no column --id 'who'"),
        ({"label": "state", "id": "name", "sep": ";"}, "24 rows and 1 columns when read with"),
        ({"label": "state", "case": "name"}, "both --case and --time"),
        ({"label": "state", "case": "name", "time": "when"}, "time='when' must be one column"),
        ({"label": "state", "id": "name", "test_share": 0.001}, "cannot be parted with"),
        ({"label": "gaps"}, r"no label in 1 cases, the first is number 4"),
    ],
)
def test_what_a_table_lacks_is_told(tmp_path, data, changes, message):
    X, y = data
    names = [f"n{i}" for i in range(24)]
    frame = pd.DataFrame(X[:, 0], columns=range(20)).assign(state=y, name=names)
    if changes.get("label") == "gaps":
        frame = frame.drop(columns=["state", "name"]).assign(gaps=y)
        frame.loc[4, "gaps"] = None
    frame.to_csv(tmp_path / "wide.csv", index=False)
    with pytest.raises(ValueError, match=message):
        read(tmp_path / "wide.csv", **changes)


def test_what_is_no_file_is_told(tmp_path, data):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*no\.csv"):
        read(tmp_path / "no.csv")
    with pytest.raises(FileNotFoundError, match=r"must hold one file NAME_TRAIN.ts; it holds none"):
        read(tmp_path)
    (tmp_path / "odd.ts").write_text("1,2,3\n")
    with pytest.raises(ValueError, match=r"odd.ts cannot be read as a .ts file"):
        read(tmp_path / "odd.ts")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(ValueError, match=r"empty.csv cannot be read as a table"):
        read(tmp_path / "empty.csv")
    X, y = data
    write_split(tmp_path, "Own", "TRAIN", X, y)
    frame = pd.DataFrame(X[:, 0], columns=range(20)).assign(label=0)
    frame.to_csv(tmp_path / "wide.csv", index=False)
    with pytest.raises(ValueError, match="has labels such as 0, and the training cases '"):
        read(tmp_path / "Own", test=str(tmp_path / "wide.csv"))
