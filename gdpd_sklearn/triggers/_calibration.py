"""Probabilities made honest: one temperature, and a vote that keeps its confidence."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gdpd_sklearn._checks import check_codes, check_real, check_weights
from gdpd_sklearn.triggers._features import Floats, Ints

__all__ = ["apply_temperature", "fit_temperature", "pool_votes"]

# a softmax that is off by more than this is not repaired by a temperature
BOUND = 5.0
FLOOR = 1e-12


def fit_temperature(
    probabilities: ArrayLike,
    y: ArrayLike,
    prior_weight: float = 2.0,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Find the temperature that makes held-out probabilities most likely, shrunk towards 1.

    Minimises :math:`-\sum_i \log \mathrm{softmax}(\log p_i / T)_{y_i} + w (\log T)^2` over T in
    [1/5, 5]. Several classification points share one temperature; each case then counts once,
    not once a point, for its points are far from independent. With no case the answer would be 1,
    with few it stays near; with many the second term does not matter.

    Parameters
    ----------
    probabilities : array-like of shape (N, K) or (P, N, K)
        Held-out class probabilities, at one point or pooled over P points.
    y : array-like of int, shape (N,)
        Class codes 0..K-1.
    prior_weight : float, default=2.0
        The w above; 0 for plain maximum likelihood within the bound.
    sample_weight : array-like of shape (N,), optional
        What each case counts; only ratios matter.

    Returns
    -------
    float
        T > 1 softens, T < 1 sharpens.

    Raises
    ------
    ValueError
        If shapes, codes or weights do not fit.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger: On calibration of modern neural networks. ICML 2017,
    Section 4.2, Eq. 9.

    Examples
    --------
    >>> from gdpd_sklearn.triggers import fit_temperature
    >>> p = [[0.99, 0.01]] * 40
    >>> fit_temperature(p, [0] * 28 + [1] * 12) > 2
    True
    """
    weight = check_real("prior_weight", prior_weight, 0.0)
    logits, codes = _checked_logits(probabilities, y)
    by_case = check_weights(sample_weight, len(codes))
    own = logits[:, np.arange(len(codes)), codes]
    # the likelihood is smooth and one-dimensional: steps of 0.8 % are finer than its noise
    logs = np.linspace(-np.log(BOUND), np.log(BOUND), 401)
    losses = []
    for log_temperature in logs:
        of_cases = _negative_log_likelihood(logits, own, np.exp(-log_temperature))
        negative = of_cases.sum() if by_case is None else of_cases @ (by_case / by_case.mean())
        losses.append(negative + weight * log_temperature**2)
    return float(np.exp(logs[int(np.argmin(losses))]))


def _negative_log_likelihood(logits: Floats, own: Floats, inverse: float) -> Floats:
    """Give each case's (N,), mean over points: logits (P, N, K), those of its class (P, N)."""
    scaled = logits * inverse
    top = scaled.max(axis=-1)
    normalizer = top + np.log(np.exp(scaled - top[..., None]).sum(axis=-1))
    of_cases: Floats = (normalizer - own * inverse).mean(axis=0)
    return of_cases


def _checked_logits(probabilities: ArrayLike, y: ArrayLike) -> tuple[Floats, Ints]:
    """Give logarithms of shape (P, N, K) and codes of shape (N,)."""
    stack = np.asarray(probabilities, dtype=np.float64)
    if stack.ndim not in (2, 3) or 0 in stack.shape:
        raise ValueError(
            f"probabilities of shape {stack.shape} must have the shape (n_cases, n_classes) or "
            f"(n_points, n_cases, n_classes), none of them 0."
        )
    n_classes = stack.shape[-1]
    codes = check_codes(y, stack.shape[-2], n_classes)
    return np.log(np.maximum(stack, FLOOR)).reshape(-1, len(codes), n_classes), codes


def apply_temperature(
    probabilities: ArrayLike, temperature: float, tilt: ArrayLike | None = None
) -> Floats:
    """Soften (T > 1) or sharpen (T < 1) probabilities; the most probable class stays.

    Unless it is tilted: then one class or another gains.

    Parameters
    ----------
    probabilities : array-like of shape (..., K)
        Class probabilities.
    temperature : float
        Above 0.
    tilt : array-like of shape (K,), optional
        Added to the logarithms, for or against a class.

    Returns
    -------
    ndarray of shape (..., K)
        ``softmax(log p / T + tilt)``; rows sum to 1.

    Raises
    ------
    ValueError
        If ``temperature`` is not a positive number.

    Examples
    --------
    >>> from gdpd_sklearn.triggers import apply_temperature
    >>> apply_temperature([0.8, 0.2], 2.0).round(3).tolist()
    [0.667, 0.333]
    """
    scale = check_real("temperature", temperature, 0.0, open_minimum=True)
    scaled = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), FLOOR)) / scale
    return _softmax(scaled if tilt is None else scaled + np.asarray(tilt))


def pool_votes(votes: ArrayLike) -> Floats:
    """Geometric mean of the probabilities of several classifiers, scaled to sum to 1.

    The arithmetic mean of classifiers that are each calibrated is less confident than they are
    (Rahaman & Thiery 2021): a rule that was learned on one classifier a case then waits too long
    on the vote. The mean of the logits, which this is, loses less of the confidence.

    Parameters
    ----------
    votes : array-like of shape (n_classifiers, ..., K)
        Class probabilities.

    Returns
    -------
    ndarray of shape (..., K)

    References
    ----------
    Rahaman, Thiery: Uncertainty quantification and deep ensembles. NeurIPS 2021.

    Examples
    --------
    >>> from gdpd_sklearn.triggers import pool_votes
    >>> pool_votes([[0.9, 0.1], [0.5, 0.5]]).round(3).tolist()
    [0.75, 0.25]
    """
    logs = np.log(np.maximum(np.asarray(votes, dtype=np.float64), FLOOR)).mean(axis=0)
    return _softmax(logs)


def _softmax(logits: Floats) -> Floats:
    """Give ``scipy.special.softmax`` to the last bit, in half of its time.

    A push of one series asks for two of these: what scipy spends on its array interface shows.
    """
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
