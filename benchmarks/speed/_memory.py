"""Peak memory of tensors, counted allocation by allocation."""

from __future__ import annotations

import gc
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from torch.profiler import ProfilerActivity, profile, record_function

__all__ = ["peak_bytes"]

_MARK = "measured epoch"

# the profiler writes a line to stderr at every start and stop otherwise
os.environ.setdefault("KINETO_LOG_LEVEL", "99")


def peak_bytes(train: Callable[[Callable[[int], None]], None]) -> int:
    """Most bytes that tensors occupy at once in the second epoch of a training of two.

    The profiler reports every allocation of torch's CPU allocator, so that the figure is exact and
    the same in every run; the size of the process would depend on what ran in it before. Weights,
    gradients, optimiser state and activations count; tensors made before the call do not, nor
    does scratch memory inside of oneDNN and MKL, which these ask of the system themselves.

    Parameters
    ----------
    train : callable
        It calls its argument with the epoch's number when an epoch begins.
    """

    def on_epoch(epoch: int) -> None:
        if epoch == 1:
            with record_function(_MARK):
                pass

    gc.collect()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        train(on_epoch)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.json"
        profiler.export_chrome_trace(str(path))
        events = json.loads(path.read_text())["traceEvents"]
    start = next(event["ts"] for event in events if event.get("name") == _MARK)
    changes = sorted(
        (event["ts"], event["args"]["Total Allocated"], event["args"]["Bytes"])
        for event in events
        if event.get("name") == "[memory]"
    )
    # the allocator's total goes on from one profile to the next
    _, total, change = changes[0]
    return int(max(total for ts, total, _ in changes if ts >= start) - (total - change))
