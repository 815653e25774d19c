"""The study of teachers: who is asked about what, and the table."""

import numpy as np
from synthetic import make_series

from benchmarks._cells import run_cells
from benchmarks.labels._draws import UNLABELLED, Draw
from benchmarks.research import teachers


def test_teachers_are_judged_by_unlabelled_cases_and_see_no_other_label(tmp_path, monkeypatch):
    X, y = make_series(24, 1, 40)
    monkeypatch.setattr(teachers, "load_draw", lambda *_: Draw(X, y, y, X[:0], y[:0]))
    heard = []
    real = teachers._answers

    def spied(features, distances, known, seed):
        heard.append(known)
        said = real(features, distances, known, seed)
        return said | {"random kernels": np.eye(2)[y], "QUANT": np.eye(2)[1 - y]}

    monkeypatch.setattr(teachers, "_answers", spied)
    cells = [{"set": name, "per_class": 3, "draws": 2} for name in ("A", "B")]
    run_cells(lambda cell: teachers.compute(cell, None), cells, tmp_path, 1)
    assert all((known != UNLABELLED).sum() == 6 for known in heard)
    figures = teachers.load_results(tmp_path)
    assert figures["random kernels"].tolist() == [100.0, 100.0]
    assert figures["QUANT"].tolist() == [0.0, 0.0]
    assert (figures["nearest neighbour, MSM"] > 50).all()


def test_the_table_has_differences_to_the_default(tmp_path, capsys):
    figures = {name: 70.0 for name in teachers.TEACHERS}
    for name, gain in (("A", 2.0), ("B", 4.0)):
        run_cells(
            lambda cell, gain=gain: figures | {"Hydra": 70.0 + gain},
            [{"set": name, "per_class": 3, "draws": 1}], tmp_path, 1,
        )  # fmt: skip
    teachers.report(tmp_path)
    assert "| Hydra | 73.0 | +3.0 ± 1.0 |" in capsys.readouterr().out
