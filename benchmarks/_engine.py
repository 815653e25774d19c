"""Where cells are computed: worker processes of this machine, or a Dask cluster.

Both go on when a worker is killed. joblib's own pool does not, it is broken then and raises: what
is not done goes into a new one. With Dask the cells are futures of ``distributed``'s client, and
not a ``Parallel`` under ``joblib.parallel_config("dask")``: the scheduler hands the cells of a lost
worker to others in either case, but a cell that loses several workers fails alone here, there all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

__all__ = ["BACKENDS", "run_unordered"]

BACKENDS = ("loky", "dask")

# How long a scheduler may take to answer.
_PATIENCE = "15s"

Outcome = tuple[Any, BaseException | None]


def run_unordered(
    function: Callable[[Any], None],
    items: Sequence[Any],
    n_jobs: int,
    backend: str = "loky",
    scheduler: str | None = None,
) -> Iterator[Outcome]:
    """Call a function on every item, side by side; give each item as it is done, with its error.

    Parameters
    ----------
    function : callable
        Called in another process; what it computes it writes to a file.
    items : sequence
    n_jobs : int
        Workers on this machine.
    backend : {"loky", "dask"}
    scheduler : str, optional
        Address of a Dask scheduler such as ``"tcp://host:8786"``; without, a cluster of ``n_jobs``
        processes is started on this machine.

    Yields
    ------
    item, error
        The error is None, or an exception: also where the item's worker was killed again and again.

    Raises
    ------
    ImportError
        If ``distributed`` is not installed.
    ConnectionError
        If no scheduler answers.
    """
    if backend == "dask":
        return _run_dask(function, items, n_jobs, scheduler)
    if backend == "loky":
        return _run_loky(function, items, n_jobs)
    raise ValueError(f"backend={backend!r} must be one of {list(BACKENDS)}.")


def _run_loky(
    function: Callable[[Any], None], items: Sequence[Any], n_jobs: int
) -> Iterator[Outcome]:
    waiting = dict(enumerate(items))
    alone = False
    while waiting:
        # a pool that broke before anything was done may hold an item that kills its worker:
        # the next one runs alone, to convict or to clear it
        batch = dict([next(iter(waiting.items()))]) if alone else dict(waiting)
        before = len(waiting)
        jobs = (delayed(_attempt)(function, number, item) for number, item in batch.items())
        try:
            for number, error in Parallel(n_jobs=n_jobs, return_as="generator_unordered")(jobs):
                yield waiting.pop(number), error
        except TerminatedWorkerError as error:
            if alone:
                yield waiting.pop(next(iter(batch))), error
        alone = len(waiting) == before


def _attempt(
    function: Callable[[Any], None], number: int, item: Any
) -> tuple[int, Exception | None]:
    try:
        function(item)
    except Exception as error:
        return number, error
    return number, None


def _run_dask(
    function: Callable[[Any], None], items: Sequence[Any], n_jobs: int, scheduler: str | None
) -> Iterator[Outcome]:
    try:
        from distributed import Client, KilledWorker, LocalCluster, as_completed
    except ImportError as error:
        raise ImportError(
            "backend='dask' needs distributed: pip install 'gdpd_sklearn[distributed]'."
        ) from error
    with ExitStack() as stack:
        cluster = scheduler
        if cluster is None:
            cluster = stack.enter_context(
                LocalCluster(n_workers=n_jobs, threads_per_worker=1, dashboard_address=None)
            )
        try:
            client = stack.enter_context(Client(cluster, timeout=_PATIENCE))
        except (OSError, ValueError) as error:
            raise ConnectionError(
                f"scheduler={scheduler!r}: no Dask scheduler answers there ({error})."
            ) from error
        futures = {client.submit(function, item, pure=False): item for item in items}
        suspects = []
        for future in as_completed(list(futures)):
            item, failure = futures.pop(future), future.exception()
            if isinstance(failure, KilledWorker):
                suspects.append(item)
            else:
                yield item, failure
        # an item that waited on the lost workers is blamed as the one that killed them: each runs
        # alone, which convicts or clears it
        for item in suspects:
            yield item, client.submit(function, item, pure=False).exception()
