"""The test split chooses nothing: what is fitted and chosen is the same whatever it holds."""

import joblib
import numpy as np
import pandas as pd
import pytest
from synthetic import write_split

import benchmarks.accuracy._compute as compute_module
import benchmarks.accuracy._teachers as teachers_module
from benchmarks._cells import load_cells
from benchmarks._data import load_split
from benchmarks.accuracy._compute import Laboratory
from benchmarks.accuracy._figures import validation_figures
from benchmarks.accuracy._grid import Grid
from benchmarks.accuracy._protocol import choose
from benchmarks.accuracy._run import run


@pytest.fixture
def poisoned(archive, tmp_path):
    """The same training split; test labels permuted, test series noise."""
    folder = tmp_path / "poisoned"
    X, y = load_split("Waves", "train", str(archive))
    write_split(folder, "Waves", "TRAIN", X, y)
    rng = np.random.default_rng(0)
    write_split(folder, "Waves", "TEST", 100 * rng.normal(size=X.shape), rng.permutation(y))
    return folder


def test_a_poisoned_test_split_changes_nothing_that_is_fitted_or_chosen(
    archive, poisoned, tmp_path, monkeypatch
):
    cells = Grid(
        sets=("Waves",), distillers=("none", "gdpd"), weights=(0.1, 10.0),
        warmups=(0.25, 0.75), validation_fraction=0.25, n_epochs=4, n_seeds=2,
        pairs=(("lstm1-8", "lstm1-8"),),
    ).cells()  # fmt: skip
    fitted, rows = {}, {}
    for name, folder in (("clean", archive), ("poisoned", poisoned)):
        students = fitted.setdefault(name, [])

        def record(student, X, y, students=students):
            students.append(joblib.hash((student.model_.__getstate__(), student.history_)))
            return validation_figures(student, X, y)

        monkeypatch.setattr(compute_module, "validation_figures", record)
        run(cells, Laboratory(tmp_path / name, str(folder)))
        found, problems = load_cells(tmp_path / name)
        assert not problems
        rows[name] = pd.DataFrame(found)
    assert len(fitted["clean"]) == len(cells)
    assert len(set(fitted["clean"])) > len(cells) / 2  # settings do matter
    assert fitted["clean"] == fitted["poisoned"]

    clean, other = rows["clean"], rows["poisoned"]
    assert not np.allclose(clean["auc_prc"], other["auc_prc"])
    for name in ("validation_auc_prc", "validation_loss"):
        np.testing.assert_array_equal(clean[name], other[name])
    chosen = [choose(r, "validation").index.tolist() for r in (clean, other)]
    assert chosen[0] == chosen[1]
    assert len(chosen[0]) == 2 * 2  # a choice for each method, in both seeds
    teachers = [sorted((tmp_path / name / "teachers").glob("*.joblib")) for name in rows]
    for one, two in zip(*teachers, strict=True):
        assert joblib.hash(joblib.load(one)[0].model.__getstate__()) == joblib.hash(
            joblib.load(two)[0].model.__getstate__()
        )


def test_the_test_split_is_opened_after_the_last_fit(archive, tmp_path, trained, monkeypatch):
    def load(name, split, data_dir):
        trained.append(split)
        return load_split(name, split, data_dir)

    monkeypatch.setattr(compute_module, "load_split", load)
    monkeypatch.setattr(teachers_module, "load_split", load)
    (cell,) = Grid(sets=("Waves",), distillers=("kd",), n_epochs=2, n_seeds=1).cells()
    run([cell], Laboratory(tmp_path / "out", str(archive)))
    assert trained == ["train", "fit_teacher", "train", "fit", "test"]
