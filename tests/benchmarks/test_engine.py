"""Workers may be killed: everything is done all the same, here and on a Dask cluster."""

import os
import signal
import threading
import time

import joblib
import numpy as np
import pytest
from distributed import Client, LocalCluster
from sklearn.model_selection import GridSearchCV
from synthetic import TINY, make_series

from benchmarks._cells import load_cells, run_cells
from benchmarks._engine import run_unordered
from gdpd_sklearn import GDPDClassifier

BACKENDS = ["loky", "dask"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_item_is_given_once_with_its_error(tmp_path, backend):
    def touch(item):
        if item == 2:
            raise KeyError("two")
        (tmp_path / str(item)).touch()

    outcomes = dict(run_unordered(touch, range(6), 2, backend))
    assert sorted(outcomes) == list(range(6))
    assert [item for item, error in outcomes.items() if error is not None] == [2]
    assert isinstance(outcomes[2], KeyError)
    assert sorted(int(path.name) for path in tmp_path.iterdir()) == [0, 1, 3, 4, 5]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_killed_worker_loses_no_cell(tmp_path, backend):
    flag = tmp_path / "killed"

    def work(cell):
        if cell["x"] >= 2 and not flag.exists():
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return {"square": cell["x"] ** 2}

    failed = run_cells(work, [{"x": x} for x in range(8)], tmp_path / "out", 2, backend=backend)
    assert flag.exists()
    assert failed == 0
    rows, problems = load_cells(tmp_path / "out")
    assert sorted(row["square"] for row in rows) == [x**2 for x in range(8)]
    assert not problems


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_cell_that_kills_every_worker_fails_alone(tmp_path, backend):
    def work(cell):
        if cell["x"] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return {"square": cell["x"] ** 2}

    failed = run_cells(work, [{"x": x} for x in range(4)], tmp_path, 2, backend=backend)
    rows, problems = load_cells(tmp_path)
    assert failed == len(problems) == 1
    assert sorted(row["square"] for row in rows) == [1, 4, 9]


def test_workers_without_the_folder_are_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks._cells._run_cell", lambda compute, folder, cell: None)
    with pytest.raises(RuntimeError, match="folder must be one that all workers share"):
        run_cells(len, [{"x": 1}], tmp_path, 1)


def test_wrong_engines_are_named(monkeypatch):
    with pytest.raises(ValueError, match=r"backend='ray' must be one of \['loky', 'dask'\]"):
        run_unordered(print, [1], 1, "ray")
    monkeypatch.setattr("benchmarks._engine._PATIENCE", "0.5s")
    with pytest.raises(ConnectionError, match=r"scheduler='127\.0\.0\.1:1'"):
        list(run_unordered(print, [1], 1, "dask", "127.0.0.1:1"))


def test_grid_search_on_a_cluster_survives_a_killed_worker():
    X, y = make_series(24)
    search = GridSearchCV(
        GDPDClassifier(**TINY, distiller="gdpd"),
        {"distiller__weight": [0.1, 1.0, 10.0], "n_epochs": [8, 12]},
        cv=3,
    )
    expected = search.fit(X, y).cv_results_["mean_test_score"]
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster) as client:
        killer = threading.Thread(target=kill_one_that_works, args=(client,))
        killer.start()
        # on all workers: joblib would leave the only copy with one of them
        with joblib.parallel_config("dask", scatter=[X, y]):
            search.fit(X, y)
        killer.join()
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], expected)


def kill_one_that_works(client):
    pids = client.run(os.getpid)
    while True:
        busy = [worker for worker, tasks in client.processing().items() if tasks]
        if busy:
            os.kill(pids[busy[0]], signal.SIGKILL)
            return
        time.sleep(0.01)
