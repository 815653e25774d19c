"""The command of a GPU runs where there is none, in sizes whose figures mean nothing."""

import numpy as np
import pytest
import torch

from benchmarks.gpu import __main__ as gpu
from benchmarks.gpu import _same, _steps
from benchmarks.gpu._clock import spend

CPU = torch.device("cpu")


def cells(table):
    rows = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_two_fits_and_a_file_are_the_same_on_a_cpu():
    head, _, *rows = cells(_same.same_table(CPU, quick=True))
    assert len(head) == 5
    assert [row[0] for row in rows] == ["`rocket`", "`fcn`"]
    assert all(row[1:] == ["0"] * 4 for row in rows)


def test_differences_are_told():
    one = np.array([[0.25, 0.75]])
    assert _same._distance(one, one.copy()) == "0"
    assert _same._distance(one, one + 1e-3) == "1.0e-03"


def test_steps_are_timed(monkeypatch):
    monkeypatch.setattr(_steps, "QUICK", _steps.QUICK[:1])
    head, _, row = cells(_steps.step_table(CPU, quick=True))
    assert len(head) == len(row) == 8
    assert row[0] == "4 × fcn, none"
    assert all(float(cell.removesuffix(" ms")) > 0 for cell in row[1:3])


def test_time_and_result_of_work():
    spent = spend(lambda: sum(range(10)), CPU)
    assert spent.result == 45
    assert spent.seconds >= 0
    assert np.isnan(spent.mib)


def test_the_command_says_that_there_is_no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr("sys.argv", ["gpu", "--quick"])
    with pytest.raises(ValueError, match="device='cuda' is not available on this machine"):
        gpu.main()


def test_the_command_prints_what_is_asked_for(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["gpu", "--quick", "--device", "cpu", "--only", "made up"])
    monkeypatch.setattr(
        gpu, "ROOMS", {"made up": lambda device, *, quick: f"{device}, {quick}", "not": None}
    )
    gpu.main()
    printed = capsys.readouterr().out
    assert printed.startswith("Machine: ")
    assert "\ncpu, True\n" in printed
    assert "(made up: 0 s)" in printed
