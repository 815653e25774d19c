"""Workers may be killed: everything is done all the same, here and on a Dask cluster."""

import os
import signal
import threading
import time

import joblib
import numpy as np
import pytest
from distributed import Client, LocalCluster
from joblib.externals.loky.process_executor import TerminatedWorkerError
from sklearn.model_selection import GridSearchCV
from synthetic import TINY, make_series

from benchmarks._cells import load_cells, run_cells
from benchmarks._engine import BACKENDS, run_unordered
from gdpd_sklearn import GDPDClassifier


@pytest.fixture(scope="module")
def cluster():
    """Two workers, which take a few seconds to start."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_item_is_given_once_with_its_error_though_a_worker_is_killed(tmp_path, backend):
    flag = tmp_path / "killed"

    def touch(item):
        if item == 2:
            raise KeyError("two")
        if item >= 4 and not flag.exists():
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        (tmp_path / str(item)).touch()

    outcomes = list(run_unordered(touch, range(8), 2, backend))
    assert flag.exists()
    assert sorted(item for item, _ in outcomes) == list(range(8))
    ((item, error),) = ((item, error) for item, error in outcomes if error is not None)
    assert item == 2
    assert isinstance(error, KeyError)
    flag.unlink()
    assert sorted(int(path.name) for path in tmp_path.iterdir()) == [0, 1, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_item_that_kills_every_worker_fails_alone(tmp_path, backend, request, monkeypatch):
    def touch(item):
        if item == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        (tmp_path / str(item)).touch()

    scheduler = None
    if backend == "dask":
        cluster = request.getfixturevalue("cluster")
        scheduler = cluster.scheduler_address
        # a new worker takes seconds: the first that is lost convicts all cells that were on it
        monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    outcomes = list(run_unordered(touch, range(4), 2, backend, scheduler))
    assert sorted(item for item, _ in outcomes) == list(range(4))
    assert [item for item, error in outcomes if error is not None] == [0]
    assert sorted(int(path.name) for path in tmp_path.iterdir()) == [1, 2, 3]


def test_a_cell_whose_worker_was_killed_is_written_with_that_error(tmp_path, monkeypatch):
    def killed(run, cells, n_jobs, backend, scheduler):
        for cell in cells:
            if cell["x"] == 0:
                yield cell, TerminatedWorkerError("killed again and again")
            else:
                run(cell)
                yield cell, None

    monkeypatch.setattr("benchmarks._cells.run_unordered", killed)
    cells = [{"x": x} for x in range(3)]
    assert run_cells(lambda cell: {"square": cell["x"] ** 2}, cells, tmp_path, 2) == 1
    rows, (problem,) = load_cells(tmp_path)
    assert sorted(row["square"] for row in rows) == [1, 4]
    assert "{'x': 0}: TerminatedWorkerError: killed again and again" in problem


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


@pytest.mark.slow
def test_grid_search_on_a_cluster_survives_a_killed_worker(cluster):
    X, y = make_series(24)
    grid = {"distiller__weight": [0.1, 1.0, 10.0]}
    search = GridSearchCV(GDPDClassifier(**TINY, distiller="gdpd"), grid, cv=2, refit=False)
    expected = search.fit(X, y).cv_results_["mean_test_score"]
    with Client(cluster) as client:
        client.wait_for_workers(2, timeout=60)
        # on all workers: joblib would leave the only copy with one of them
        with joblib.parallel_config("dask", scatter=[X, y]):
            assert {len(holders) for holders in client.who_has().values()} == {2}
            killer = threading.Thread(target=kill_one_that_works, args=(client,))
            killer.start()
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
