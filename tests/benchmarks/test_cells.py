"""Cells are computed once, survive a kill, and damaged ones are named."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks._cells import cell_path, load_cells, missing_cells, run_cells

ROOT = Path(__file__).parents[2]


def square(cell):
    if cell["x"] == 3:
        raise ValueError("three is not allowed")
    (Path(cell["log"]) / f"{cell['x']}-{time.monotonic_ns()}").touch()
    return {"square": cell["x"] ** 2}


def cells_of(log):
    return [{"x": x, "log": str(log)} for x in range(5)]


@pytest.fixture
def log(tmp_path):
    (tmp_path / "log").mkdir()
    return tmp_path / "log"


def test_cells_are_computed_once_and_failures_recorded(tmp_path, log):
    for _ in range(2):
        run_cells(square, cells_of(log), tmp_path / "out", n_jobs=1)
    assert len(list(log.iterdir())) == 4
    rows, problems = load_cells(tmp_path / "out")
    assert sorted(row["square"] for row in rows) == [0, 1, 4, 16]
    assert len(problems) == 1
    assert "three is not allowed" in problems[0]


def test_failed_cells_are_tried_again_on_request(tmp_path, log):
    out = tmp_path / "out"
    run_cells(square, cells_of(log), out, n_jobs=1)
    run_cells(lambda cell: {"square": 9}, cells_of(log), out, n_jobs=1, retry_failed=True)
    rows, problems = load_cells(out)
    assert sorted(row["square"] for row in rows) == [0, 1, 4, 9, 16]
    assert not problems


def test_damaged_files_are_named_and_the_rest_goes_on(tmp_path, log):
    out = tmp_path / "out"
    run_cells(square, cells_of(log)[:3], out, n_jobs=1)
    cell_path(out, cells_of(log)[0]).write_text('{"cell": ')
    (out / "foreign.json").write_text("[1, 2]")
    rows, problems = load_cells(out)
    assert len(rows) == 2
    assert len(problems) == 2
    assert any("foreign.json" in problem for problem in problems)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_cells(tmp_path / "nowhere")


def test_damaged_results_are_computed_again_on_request(tmp_path, log):
    out, cells = tmp_path / "out", cells_of(log)[:3]
    run_cells(square, cells, out, n_jobs=1)
    whole = cell_path(out, cells[1]).read_bytes()
    cell_path(out, cells[1]).write_bytes(whole[:20])
    run_cells(square, cells, out, n_jobs=1)
    assert len(load_cells(out)[1]) == 1
    assert run_cells(square, cells, out, n_jobs=1, retry_failed=True) == 0
    assert cell_path(out, cells[1]).read_bytes() == whole


def test_results_that_lack_what_is_wanted_are_computed_again(tmp_path, log):
    out, cells = tmp_path / "out", cells_of(log)[:3]
    run_cells(square, cells, out, n_jobs=1)

    def is_complete(path, result):
        return result["figures"]["square"] != 4

    assert missing_cells(cells, out) == []
    assert missing_cells(cells, out, is_complete=is_complete) == [cells[2]]
    run_cells(square, cells, out, n_jobs=1, is_complete=is_complete)
    assert len(list(log.iterdir())) == 4


SLOW = """
import sys, time
from pathlib import Path
from benchmarks._cells import run_cells
def slow(cell):
    time.sleep(0.1)
    return {"x": cell["x"]}
run_cells(slow, [{"x": x} for x in range(25)], Path(sys.argv[1]), n_jobs=1)
"""


def test_kill_minus_nine_loses_only_the_running_cell(tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-c", SLOW, str(out)]
    running = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(list(out.glob("*.json"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    done = {path: path.stat().st_mtime_ns for path in out.glob("*.json")}
    assert 3 <= len(done) < 25
    assert all("figures" in json.loads(path.read_text()) for path in done)
    run_cells(lambda cell: {"x": cell["x"]}, [{"x": x} for x in range(25)], out, n_jobs=1)
    rows, problems = load_cells(out)
    assert sorted(row["x"] for row in rows) == list(range(25))
    assert not problems
    assert all(path.stat().st_mtime_ns == when for path, when in done.items())


MAIN = """
import sys
from pathlib import Path

import torch

from benchmarks._cells import run_cells


def compute(cell):
    return {"n_threads": torch.get_num_threads()}


if __name__ == "__main__":
    torch.set_num_threads(2)
    run_cells(compute, [{"x": 1}, {"x": 2}], Path(sys.argv[1]), n_jobs=2)
"""


@pytest.mark.slow  # three processes import torch
def test_a_main_module_computes_its_cells_in_workers_on_one_thread(tmp_path):
    script, out = tmp_path / "script.py", tmp_path / "out"
    script.write_text(MAIN)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, script, out], check=True, cwd=ROOT, env=environment)
    rows, problems = load_cells(out)
    assert not problems
    assert [row["n_threads"] for row in rows] == [1, 1]
