import os

# Small tensors gain nothing from threads, and test processes run side by side. Set before torch is
# imported; what the tests promise does not depend on it.
os.environ.setdefault("OMP_NUM_THREADS", "1")
