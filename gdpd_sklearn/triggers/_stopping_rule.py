"""Stopping rules SR1 and SR2 of Mori et al. (2017): a hyperplane in confidence and time."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_choice, check_int, check_real
from gdpd_sklearn.triggers._base import Trigger
from gdpd_sklearn.triggers._features import Floats, confidence, margin
from gdpd_sklearn.triggers._held_out import HeldOut, central, first_safe

__all__ = ["StoppingRule"]


class StoppingRule(Trigger):
    r"""Stop when a weighted sum of confidence and elapsed time is positive.

    SR1: stop if :math:`γ_1 p_{1:K} + γ_2 (p_{1:K} - p_{2:K}) + γ_3\, t/L > 0`.
    SR2: stop if :math:`γ_1 p_1 + … + γ_K p_K + γ_{K+1}\, t/L > 0`, with one weight a class.

    The weights lie in [-1, 1] and are chosen on the held-out cases: over a full grid where that
    has at least five steps a weight, else over as many random vectors (the paper uses a genetic
    algorithm). Scaling all weights changes nothing, so vectors are compared by direction. Among
    those near to the best the one in their midst is taken: a lucky corner does not last on new
    cases.

    =========================  ===========================================
    paper                      here
    =========================  ===========================================
    :math:`p_{1:K}`            ``confidence``, the largest probability
    :math:`p_{1:K} - p_{2:K}`  ``margin``
    :math:`t/L`                ``fractions_``
    :math:`γ`                  ``weights_``
    =========================  ===========================================

    Parameters
    ----------
    rule : {"SR1", "SR2"}, default="SR1"
        Which of the two.
    n_candidates : int, default=1331
        How many weight vectors are tried (11 steps in each of three dimensions).
    tolerance : float, default=0.01
        Candidates so near to the best objective count as equally good.
    random_state : int, default=0
        Seed of the random vectors (SR2 with four classes or more).

    Attributes
    ----------
    weights_ : ndarray of shape (3,) or (K + 1,)
        The chosen γ, of length 1.

    References
    ----------
    Mori, Mendiburu, Dasgupta, Lozano: Early classification of time series by simultaneously
    optimizing the accuracy and earliness. IEEE Transactions on Neural Networks and Learning
    Systems 29(10), 2018 (online 2017), Section III, stopping rules SR1 and SR2.

    Examples
    --------
    >>> import numpy as np
    >>> from gdpd_sklearn.triggers import StoppingRule
    >>> p = np.array([[[0.5, 0.5], [0.5, 0.5]], [[0.9, 0.1], [0.1, 0.9]], [[0.9, 0.1], [0, 1]]])
    >>> StoppingRule().fit(p, [0, 1], [0.2, 0.4, 1.0]).stop_points(p).tolist()
    [1, 1]
    """

    def __init__(
        self,
        rule: str = "SR1",
        n_candidates: int = 1331,
        tolerance: float = 0.01,
        random_state: int = 0,
    ) -> None:
        self.rule = rule
        self.n_candidates = n_candidates
        self.tolerance = tolerance
        self.random_state = random_state

    def _terms(self, probabilities: Floats) -> Floats:
        """Stack what the weights apply to: (p + 1, n, K) -> (p + 1, n, 3 or K + 1)."""
        seen = self.fractions_[: len(probabilities), None, None]
        time = np.broadcast_to(seen, (*probabilities.shape[:2], 1))
        if self.rule == "SR2":
            return np.concatenate([probabilities, time], axis=-1)
        two = np.stack([confidence(probabilities), margin(probabilities)], axis=-1)
        return np.concatenate([two, time], axis=-1)

    def check_parameters(self) -> None:
        """Refuse an unknown rule, no candidates, a negative tolerance or seed."""
        check_choice("rule", self.rule, ("SR1", "SR2"))
        check_int("n_candidates", self.n_candidates, 1, 10**6)
        check_real("tolerance", self.tolerance, 0.0)
        check_int("random_state", self.random_state, 0, 2**32 - 1)

    def _candidates(self, n_terms: int) -> Floats:
        steps = round(self.n_candidates ** (1 / n_terms))
        if steps >= 5:
            grid = np.array(list(itertools.product(np.linspace(-1, 1, steps), repeat=n_terms)))
        else:
            grid = np.random.default_rng(self.random_state).uniform(
                -1, 1, size=(self.n_candidates, n_terms)
            )
        # the all-zero vector never stops, and has no direction
        lengths = np.sqrt((grid**2).sum(axis=1, keepdims=True))
        grid = (grid / np.where(lengths > 0, lengths, 1.0))[lengths[:, 0] > 0]
        return np.unique(np.round(grid, 12), axis=0)

    def _fit(self, held_out: HeldOut) -> None:
        terms = self._terms(held_out.probabilities)
        candidates = self._candidates(terms.shape[-1])
        values = np.array(
            [held_out.value(first_safe(_weigh(terms, weights))) for weights in candidates]
        )
        self.weights_ = candidates[central(values, candidates, self.tolerance)]

    def _safe(self, probabilities: Floats) -> NDArray[np.bool_]:
        return _weigh(self._terms(probabilities), self.weights_)


def _weigh(terms: Floats, weights: Floats) -> NDArray[np.bool_]:
    return np.asarray((terms * weights).sum(axis=-1) > 0)
