"""Kernel sums against scikit-learn's kernel, whatever rows are asked about together."""

import numpy as np
from sklearn.metrics.pairwise import rbf_kernel

from gdpd_sklearn.triggers._kernel import CHUNK, gaussian_kernel, kernel_sum

RNG = np.random.default_rng(0)
X, CENTRES = RNG.normal(size=(CHUNK + 40, 3)), RNG.normal(size=(7, 3))
COEFFICIENTS = RNG.normal(size=7)


def test_kernel_is_that_of_scikit_learn():
    expected = rbf_kernel(X, CENTRES, gamma=0.3)
    np.testing.assert_allclose(gaussian_kernel(X, CENTRES, 0.3), expected, rtol=1e-10)
    np.testing.assert_allclose(
        kernel_sum(X, CENTRES, COEFFICIENTS, 0.3), expected @ COEFFICIENTS, rtol=1e-8
    )


def test_a_sum_does_not_depend_on_its_neighbours():
    whole = kernel_sum(X, CENTRES, COEFFICIENTS, 0.3)
    alone = [kernel_sum(row[None], CENTRES, COEFFICIENTS, 0.3)[0] for row in X]
    assert whole.tolist() == alone
