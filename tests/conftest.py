import os

# Small tensors gain nothing from threads, and test processes run side by side. Set before torch is
# imported; what the tests promise does not depend on it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import torch


@pytest.fixture(autouse=True)
def _one_thread():
    """Undo what numba does: aeon's classifiers leave the process with all cores' threads."""
    torch.set_num_threads(1)
