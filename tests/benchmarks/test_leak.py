"""The benchmark of the leak: its generator, its normalisation, and a run of two cells."""

import numpy as np
import pytest
from scipy.stats import zscore
from synthetic import make_series, write_split

from benchmarks.leak.__main__ import main
from benchmarks.leak._sets import cylinder_bell_funnel, load_raw, normalised


def test_cylinders_bells_and_funnels_have_the_published_shapes():
    X, y = cylinder_bell_funnel(3000, np.random.default_rng(0))
    assert X.shape == (3000, 1, 128)
    means = [X[y == code, 0].mean(0) for code in range(3)]
    for mean in means:  # before 16 nothing has begun, after 128 all would be over
        np.testing.assert_allclose(mean[:15], 0.0, atol=0.15)
    # from 32 to 48 every plateau stands: its mean is 6
    np.testing.assert_allclose(means[0][32:47], 6.0, atol=0.3)
    # the mean of the shape over its own length is 1, a half and a half of the height
    sums = np.array([mean.sum() for mean in means])
    np.testing.assert_allclose(sums, 6.0 * np.array([65.0, 32.5, 32.5]), rtol=0.05)
    half = slice(0, 64)
    assert means[1][half].sum() < 0.6 * means[2][half].sum()  # a bell rises, a funnel falls
    assert X[:, 0, :15].std() == pytest.approx(1.0, abs=0.02)


def test_draws_follow_the_seed():
    first, again, other = (load_raw("raw CBF", seed, None) for seed in (0, 0, 1))
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
