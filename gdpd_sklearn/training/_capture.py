"""Steps that are recorded once and replayed: on a GPU one launch in place of hundreds.

A step of small networks is hundreds of kernels of some microseconds each, and to launch one from
Python takes longer than to run it. Batches of an epoch have at most two sizes. So forward and
backward pass are recorded as a CUDA graph for each size, and from then on replayed:

- What changes from step to step stands in buffers that keep their place: the indices of a batch,
  the weights of a stage. Random numbers come from generators that the graph moves on as the calls
  would; so a replay draws what the step itself would have drawn.
- The optimiser stays outside. It is one fused kernel for many tensors, and its schedule moves the
  momentum, which a recorded kernel would have for ever.
- What a loss takes of the progress would stay as it was recorded. So a step that looks at it is
  run as it is, and so is all that cannot be recorded. The history says what was replayed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from gdpd_sklearn.distillers import Progress
from gdpd_sklearn.training._loop import Figures

__all__ = ["CudaRecorder", "Recorder", "Repeated", "Replays", "own_stream", "recorder_for"]

Batch = tuple[Tensor, ...]
Results = list[Tensor | None]


class Recorder(Protocol):
    """What records work on a device, without doing it, and gives what does it."""

    def record(self, work: Callable[[], Results]) -> tuple[Callable[[], None], Results]:
        """Give a function that does the work, and the results that each call of it writes anew.

        Raises
        ------
        RuntimeError
            If the work cannot be recorded.
        """


class CudaRecorder:
    """Records CUDA graphs, which share their memory: they are replayed one after another.

    Parameters
    ----------
    device : torch.device
    generators : sequence of torch.Generator
        All that the work may draw from.
    """

    def __init__(self, device: torch.device, generators: Sequence[torch.Generator]) -> None:
        self._generators = generators
        self._pool = torch.cuda.graph_pool_handle()
        index = torch.cuda.current_device() if device.index is None else device.index
        # which every graph registers by itself
        self._default = torch.cuda.default_generators[index]

    def record(self, work: Callable[[], Results]) -> tuple[Callable[[], None], Results]:
        """Record a graph on the present stream, which must not be the default one."""
        graph = torch.cuda.CUDAGraph()
        all_generators = [self._default, *self._generators]
        before = [generator.clone_state() for generator in all_generators]
        for generator in self._generators:
            graph.register_generator_state(generator)
        # not torch.cuda.graph, which collects all of Python's garbage and gives memory back
        graph.capture_begin(pool=self._pool, capture_error_mode="thread_local")
        try:
            results = work()
        except BaseException:
            with suppress(RuntimeError):  # it says again what is raised already
                graph.capture_end()
            # a recording that breaks off leaves them waiting for its end
            for generator, state in zip(all_generators, before, strict=True):
                generator.graphsafe_set_state(state.graphsafe_get_state())
            raise
        graph.capture_end()
        return graph.replay, results


def recorder_for(device: torch.device, generators: Sequence[torch.Generator]) -> Recorder | None:
    """Give what records on a device, if it has such a thing."""
    return CudaRecorder(device, generators) if device.type == "cuda" else None


@dataclass
class _Recorded:
    """A replay, with what it reads and writes."""

    batch: Tensor
    replay: Callable[[], None]
    gradients: Results
    figures: Figures


class Replays:
    """Gradients of a batch as the work gives them, replayed where that can be.

    Parameters
    ----------
    work : callable
        Batch and progress to figures; leaves gradients in ``parameters``.
    parameters : sequence of Tensor
    recorder : Recorder

    Attributes
    ----------
    share : float
        Of the steps since the last look at it, how many were replayed.
    """

    def __init__(
        self,
        work: Callable[[Batch, Progress], Figures],
        parameters: Sequence[Tensor],
        recorder: Recorder,
    ) -> None:
        self._work = work
        self._parameters = parameters
        self._recorder = recorder
        self._met: set[tuple[int, ...]] = set()
        self._recorded: dict[tuple[int, ...], _Recorded] = {}
        self._present: _Recorded | None = None
        self._fails = False
        self._n_steps = self._n_replayed = 0

    @property
    def share(self) -> float:
        """Give the share, and begin to count anew."""
        share = self._n_replayed / max(1, self._n_steps)
        self._n_steps = self._n_replayed = 0
        return share

    def __call__(self, batch: Batch, progress: Progress) -> Figures:
        """Take a batch: figures of shape (P,), and gradients in the parameters."""
        self._n_steps += 1
        sizes = tuple(len(indices) for indices in batch)
        if sizes not in self._met or self._fails:
            # the first time libraries make what they need, which cannot be recorded
            self._met.add(sizes)
            self._present = None
            return self._work(batch, progress)
        if sizes not in self._recorded:
            recorded = self._record(batch, progress)
            if recorded is None:
                self._fails, self._present = True, None
                return self._work(batch, progress)
            self._recorded[sizes] = recorded
        self._n_replayed += 1
        return self._replay(self._recorded[sizes], batch)

    def _record(self, batch: Batch, progress: Progress) -> _Recorded | None:
        watched = _WatchedProgress(*progress)
        place = torch.stack(batch)
        figures: Figures = {}

        def work() -> Results:
            figures.update(self._work(place.unbind(), watched))
            return [*figures.values(), *(parameter.grad for parameter in self._parameters)]

        try:
            replay, results = self._recorder.record(work)
        except RuntimeError:
            return None
        if watched.looks:
            return None
        gradients = results[len(figures) :]
        written = _by_name(figures, results)
        self._present = None
        return _Recorded(place, replay, gradients, written)

    def _replay(self, recorded: _Recorded, batch: Batch) -> Figures:
        torch.stack(batch, out=recorded.batch)
        recorded.replay()
        if recorded is not self._present:
            for parameter, gradient in zip(self._parameters, recorded.gradients, strict=True):
                parameter.grad = gradient
            self._present = recorded
        return {name: figure.clone() for name, figure in recorded.figures.items()}


class Repeated:
    """Figures of work that takes nothing, replayed where that can be.

    Parameters
    ----------
    work : callable
        Gives figures of shape (P,).
    recorder : Recorder
    """

    def __init__(self, work: Callable[[], Figures], recorder: Recorder) -> None:
        self._work = work
        self._recorder = recorder
        self._n_calls = 0
        self._recorded: tuple[Callable[[], None], Figures] | None = None

    def __call__(self) -> Figures:
        """Do the work."""
        self._n_calls += 1
        if self._n_calls == 2:  # the first time libraries make what they need
            self._recorded = self._record()
        if self._recorded is None:
            return self._work()
        replay, figures = self._recorded
        replay()
        return {name: figure.clone() for name, figure in figures.items()}

    def _record(self) -> tuple[Callable[[], None], Figures] | None:
        figures: Figures = {}

        def work() -> Results:
            figures.update(self._work())
            return list(figures.values())

        try:
            replay, results = self._recorder.record(work)
        except RuntimeError:
            return None
        return replay, _by_name(figures, results)


def _by_name(names: Iterable[str], results: Results) -> Figures:
    """Name the first results."""
    pairs = zip(names, results, strict=False)
    return {name: figure for name, figure in pairs if figure is not None}


class _WatchedProgress(Progress):
    """Notes whether anyone looks at it."""

    looks = False

    def __getattribute__(self, name: str) -> Any:
        if name in ("epoch", "n_epochs"):
            object.__setattr__(self, "looks", True)
        return super().__getattribute__(name)


@contextmanager
def own_stream(device: torch.device) -> Iterator[None]:
    """Work on a stream of this thread's own within the block: the default one cannot be recorded.

    On other devices than CUDA nothing happens.
    """
    if device.type != "cuda":
        yield
        return
    stream, outside = _stream_of(device), torch.cuda.current_stream(device)
    stream.wait_stream(outside)
    try:
        with torch.cuda.stream(stream):
            yield
    finally:
        # what was made here is used outside, and its memory goes back to this stream
        stream.synchronize()


_STREAMS = threading.local()


def _stream_of(device: torch.device) -> torch.cuda.Stream:
    """Give this thread's stream: always the same, as each has memory and workspaces of its own."""
    made = vars(_STREAMS)
    if str(device) not in made:
        made[str(device)] = torch.cuda.Stream(device)
    stream: torch.cuda.Stream = made[str(device)]
    return stream
