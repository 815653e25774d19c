"""The benchmark of the leak: its generator, its normalisation, and a run of two cells."""

import numpy as np
from scipy.stats import zscore
from synthetic import make_series, write_split

from benchmarks.leak.__main__ import main
from benchmarks.leak._sets import load_raw, normalised


def test_draws_follow_the_seed():
    first, again, other = (load_raw("RawCBF", seed, None) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])
    assert (len(first[1]), len(first[3])) == (30, 300)


def test_normalised_is_the_z_score_of_each_channel():
    X = np.random.default_rng(0).normal(3.0, 5.0, size=(4, 2, 30))
    np.testing.assert_allclose(normalised(X), zscore(X, axis=-1))
    X[0, 0] = 7.0
    assert not normalised(X)[0, 0].any()


def test_a_run_reports_what_normalising_gains(tmp_path, capsys):
    for split in ("TRAIN", "TEST"):
        X, y = make_series(16, n_timepoints=40, seed=len(split))
        write_split(tmp_path, "Own", split, X + 5.0, y)
    main(
        ["run", "--sets", "Own", "--contestants", "default", "--seeds", "1", "--n-jobs", "1",
         "--data-dir", str(tmp_path), "--out", str(tmp_path / "out")]
    )  # fmt: skip
    out = capsys.readouterr().out
    assert "| Own" in out
    assert "→" in out
    assert "Mean gain" in out
