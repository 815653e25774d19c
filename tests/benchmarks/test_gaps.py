"""Missing values at random, and what they cost."""

import numpy as np
import pandas as pd
import pytest
from synthetic import make_series, write_split

from benchmarks.gaps import leave_out, leave_out_blocks, main, table


@pytest.mark.parametrize("spoil", [leave_out, leave_out_blocks])
def test_so_large_a_share_is_left_out(spoil):
    X = np.ones((400, 2, 50))
    for share in (0.0, 0.3):
        gaps = np.isnan(spoil(X, share, np.random.default_rng(0)))
        assert gaps.mean() == pytest.approx(share, abs=0.01)
    assert not np.isnan(X).any()


def test_a_block_is_a_block():
    X = np.arange(40.0).reshape(2, 1, 20)
    for row in leave_out_blocks(X, 0.25, np.random.default_rng(0))[:, 0]:
        gaps = np.flatnonzero(np.isnan(row))
        np.testing.assert_array_equal(gaps, gaps[0] + np.arange(5))


def test_the_table_tells_the_cost_set_by_set():
    rows = [
        {"student": "rocket", "way": "imputed", "earliness": 1.0, "share": share, "set": name,
         "seed": seed, "accuracy": accuracy + seed}
        for name, accuracies in (("A", (90.0, 80.0)), ("B", (70.0, 66.0)))
        for share, accuracy in zip((0.0, 0.3), accuracies, strict=True)
        for seed in (0, 1)
    ]  # fmt: skip
    (row,) = table(pd.DataFrame(rows)).to_dict("records")
    assert row == {"0": "80.5", "0.3": "73.5", "cost of 0.3": "7.0 ± 3.0"}


def test_the_command_prints_a_row_for_each_way(tmp_path, monkeypatch, capsys):
    for split, seed in (("TRAIN", 0), ("TEST", 1)):
        X, y = make_series(20, seed=seed)
        for name in ("A", "B"):
            write_split(tmp_path, name, split, X, y)
    arguments = ["gaps", "--sets", "A", "B", "--shares", "0", "0.3", "--earliness", "1.0"]
    arguments += ["--seeds", "1", "--n-jobs", "1", "--data-dir", str(tmp_path)]
    arguments += ["--csv", str(tmp_path / "cells.csv")]
    monkeypatch.setattr("sys.argv", arguments)
    main()
    printed = capsys.readouterr().out
    assert "as they are" in printed
    assert "imputed" in printed
    cells = pd.read_csv(tmp_path / "cells.csv")
    assert len(cells) == 8
    assert (cells["accuracy"] > 70).all()
