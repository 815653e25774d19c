"""How faithfully a student repeats its teacher."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["predictive_kl", "top1_agreement"]


def _check_pair(
    teacher: ArrayLike, student: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    p, q = np.asarray(teacher, dtype=np.float64), np.asarray(student, dtype=np.float64)
    if p.ndim != 2 or p.shape != q.shape or 0 in p.shape:
        raise ValueError(
            f"teacher and student must be (n, K) probabilities of one shape; got {p.shape} and "
            f"{q.shape}."
        )
    for name, value in (("teacher", p), ("student", q)):
        if not (value >= 0).all() or not np.allclose(value.sum(axis=1), 1.0, atol=1e-4):
            raise ValueError(f"{name} must hold probabilities: rows >= 0 that sum to 1.")
    return p, q


def top1_agreement(teacher: ArrayLike, student: ArrayLike) -> float:
    """Share of cases for which both find the same class most probable.

    Parameters
    ----------
    teacher, student : array-like of shape (n, K)
        Class probabilities of the same cases; rows sum to 1.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        If shapes differ or a row is no distribution.

    References
    ----------
    Stanton et al.: Does knowledge distillation really work? NeurIPS 2021, Section 3, Eq. 4.

    Examples
    --------
    >>> from gdpd_sklearn.metrics import top1_agreement
    >>> top1_agreement([[0.9, 0.1], [0.4, 0.6]], [[0.6, 0.4], [0.7, 0.3]])
    0.5
    """
    p, q = _check_pair(teacher, student)
    return float(np.mean(p.argmax(axis=1) == q.argmax(axis=1)))


def predictive_kl(teacher: ArrayLike, student: ArrayLike, epsilon: float = 1e-12) -> float:
    """Mean Kullback–Leibler divergence KL(teacher ‖ student) in nats; 0 for a perfect copy.

    Parameters
    ----------
    teacher, student : array-like of shape (n, K)
        Class probabilities of the same cases; rows sum to 1.
    epsilon : float, default=1e-12
        Floor of the student's probabilities, which keeps the divergence finite.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If shapes differ or a row is no distribution.

    References
    ----------
    Stanton et al.: Does knowledge distillation really work? NeurIPS 2021, Section 3, Eq. 5.

    Examples
    --------
    >>> from gdpd_sklearn.metrics import predictive_kl
    >>> round(predictive_kl([[1.0, 0.0]], [[0.5, 0.5]]), 4)
    0.6931
    """
    p, q = _check_pair(teacher, student)
    # 0 · log 0 is 0: the inner value 1 there makes the product vanish without a warning
    log_ratio = np.log(np.where(p > 0, p, 1.0)) - np.log(np.maximum(q, epsilon))
    return float(np.mean(np.sum(p * log_ratio, axis=1)))
