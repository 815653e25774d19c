"""The early-warning benchmark, on made-up stays; its scores and cuts by plain loops."""

import numpy as np
import pytest
from made_up_stays import make_stays, write_stays

from benchmarks.early_warning.__main__ import main
from benchmarks.early_warning._compute import (
    challenge_score,
    cut_for_score,
    cut_for_sensitivity,
)
from benchmarks.early_warning._contestants import Stays, summaries

RANDOM = np.random.default_rng(0)
DIED = RANDOM.random(60) < 0.3
RISK = np.round(RANDOM.random(60) + 0.4 * DIED, 2)


def test_challenge_score_by_loops():
    alarm = RISK > 0.6
    hits = sum(d and a for d, a in zip(DIED, alarm, strict=True))
    assert challenge_score(DIED, alarm) == min(hits / sum(DIED), hits / sum(alarm))
    assert challenge_score(DIED, np.zeros(60, bool)) == 0.0


def test_cuts_are_the_best_of_all():
    every = np.unique(RISK)
    kept = [cut for cut in every if (RISK[DIED] >= cut).mean() >= 0.8]
    assert cut_for_sensitivity(RISK, DIED, 0.8) == max(kept)
    best = max(challenge_score(DIED, cut <= RISK) for cut in every)
    assert challenge_score(DIED, cut_for_score(RISK, DIED) <= RISK) == best


@pytest.mark.parametrize("hour", [1, 6, 48])
def test_summaries_by_loops(hour):
    filled = RANDOM.normal(size=(5, 3, 48))
    measured = RANDOM.random((5, 3, 48)) < 0.2
    measured[0, 0] = False
    found = summaries(Stays(filled, measured, np.zeros(5, bool)), hour).reshape(5, 7, 3)
    for case in range(5):
        for channel in range(3):
            seen = measured[case, channel, :hour]
            values = filled[case, channel, :hour][seen]
            expected = [np.nan] * 6
            if len(values):
                expected = [
                    values[0], values[-1], min(values), max(values), np.mean(values),
                    values[-1] - values[0],
                ]  # fmt: skip
            np.testing.assert_allclose(found[case, :, channel], [*expected, seen.sum()])


@pytest.mark.filterwarnings("ignore")
def test_a_run_of_all_contestants_reports_hours_and_decisions(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("benchmarks.early_warning._contestants.N_FOLDS", 2)
    write_stays(tmp_path, *make_stays(40))
    main(
        ["run", "--seeds", "1", "--n-jobs", "1", "--data-dir", str(tmp_path),
         "--out", str(tmp_path / "out"), "--sensitivity", "0.6"]
    )  # fmt: skip
    out = capsys.readouterr().out
    assert "left out" not in out
    for name in ("default", "logistic regression", "gradient boosting"):
        assert out.count(f"| {name}") == 5  # a row for each hour, and one of decisions
    assert "by hour 24" in out
