import os

# Small tensors gain nothing from threads, and test processes run side by side. Set before torch is
# imported, and for worker processes whatever the machine is set to: their sums depend on it.
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import pytest
import torch


def pytest_collection_modifyitems(items):
    """Leave tests of a GPU to machines that have one."""
    if torch.cuda.is_available():
        return
    for item in items:
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.skip(reason="no CUDA device; see python -m benchmarks.gpu"))


@pytest.fixture(autouse=True)
def _one_thread():
    """Undo what numba does: aeon's classifiers leave the process with all cores' threads."""
    torch.set_num_threads(1)


@pytest.fixture
def global_states():
    """Compare the global random states before and after a block."""

    def states():
        kind, keys, *rest = np.random.get_state()  # noqa: NPY002
        return (kind, keys.tolist(), rest, torch.get_rng_state().tolist())

    before = states()
    yield
    assert states() == before
