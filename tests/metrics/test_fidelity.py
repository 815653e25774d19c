import math

import numpy as np
import pytest
from scipy.stats import entropy

from gdpd_sklearn.metrics import predictive_kl, top1_agreement


def two(seed=0):
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(4), size=20), rng.dirichlet(np.ones(4), size=20)


def test_agreement_counts_equal_winners():
    p, q = two()
    same = sum(
        int(max(range(4), key=a.__getitem__) == max(range(4), key=b.__getitem__))
        for a, b in zip(p.tolist(), q.tolist(), strict=True)
    )
    assert top1_agreement(p, q) == same / 20
    assert top1_agreement(p, p) == 1.0


def test_divergence_equals_scipy_and_has_a_direction():
    p, q = two()
    assert predictive_kl(p, q) == pytest.approx(
        np.mean([entropy(a, b) for a, b in zip(p, q, strict=True)])
    )
    assert predictive_kl(p, p) == pytest.approx(0.0, abs=1e-12)
    assert predictive_kl(p, q) != pytest.approx(predictive_kl(q, p))


def test_zeros_stay_finite():
    assert predictive_kl([[0.0, 1.0]], [[0.5, 0.5]]) == pytest.approx(math.log(2))
    assert predictive_kl([[1.0, 0.0]], [[0.0, 1.0]]) == pytest.approx(12 * math.log(10))


@pytest.mark.parametrize("measure", [top1_agreement, predictive_kl])
@pytest.mark.parametrize(
    "p, q, word",
    [
        ([[0.5, 0.5]], [[0.5, 0.3, 0.2]], "one shape"),
        ([0.5, 0.5], [0.5, 0.5], "one shape"),
        ([[0.5, 0.6]], [[0.5, 0.5]], "teacher"),
        ([[0.5, 0.5]], [[1.5, -0.5]], "student"),
        ([[0.5, 0.5]], [[np.nan, 0.5]], "student"),
    ],
)
def test_bad_input_is_named(measure, p, q, word):
    with pytest.raises(ValueError, match=word):
        measure(p, q)
