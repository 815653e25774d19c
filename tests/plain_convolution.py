"""A convolution that keeps the length, by a plain loop."""

import numpy as np


def same(x, kernel, dilation=1):
    """Correlate a series with a kernel; the zeros of an odd overhang stand on the right."""
    span = dilation * (len(kernel) - 1)
    padded = np.concatenate([np.zeros(span // 2), x, np.zeros(span - span // 2)])
    return np.array(
        [sum(w * padded[t + dilation * k] for k, w in enumerate(kernel)) for t in range(len(x))]
    )
