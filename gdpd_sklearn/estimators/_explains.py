"""Estimators that say what spoke for their answers."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from gdpd_sklearn.estimators._explanation import (
    Asked,
    Explanation,
    Voters,
    check_method,
    code_of,
    explain,
)

__all__ = ["Explains"]


class Explains:
    """Classifiers whose answers can be taken apart."""

    classes_: NDArray[Any]

    if TYPE_CHECKING:  # of aeon's base class, beside which this one stands

        def _check_is_fitted(self) -> None: ...

    @abstractmethod
    def _asked(self, X: Any) -> tuple[Voters, list[Asked]]:
        """Give what answers, and each series with the point of its answer."""

    def explain(
        self, X: Any, *, against: Any = None, method: str = "auto", width: int | None = None
    ) -> list[Explanation]:
        """Say which part of each series spoke for its label.

        A student of random kernels is linear in shares of time. So what each time, value and kernel
        counts is exact. Of other students windows are hidden one after the other, as if their
        values were missing: what the margin loses is what a window counts.

        Parameters
        ----------
        X : array of shape (n_cases, n_channels, n_timepoints) or list of arrays
            As for ``predict``. An early classifier is asked at the point of its decision, or at the
            last one so far where the rule still waits.
        against : label, optional
            The class that the label is held against. By default the second most probable one; it
            also stands in where ``against`` is the label itself.
        method : {"auto", "exact", "occlusion"}, default="auto"
            ``"auto"`` is exact where the student has random kernels.
        width : int, optional
            Time points that are hidden together; by default a twentieth of the prefix.

        Returns
        -------
        list of Explanation
            One for each series; ``gdpd_sklearn.plots.plot_explanation`` draws one.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the classifier is not fitted.
        ValueError
            If a series has not reached the first classification point, or a parameter is not as
            above.

        Examples
        --------
        >>> from aeon.datasets import load_gunpoint
        >>> from gdpd_sklearn import GDPDClassifier
        >>> X, y = load_gunpoint(split="train")
        >>> clf = GDPDClassifier(random_state=0).fit(X, y)
        >>> (explanation,) = clf.explain(X[:1])
        >>> explanation.values.shape
        (1, 75)
        >>> round(float(explanation.rest + explanation.values.sum() - explanation.margin), 8)
        0.0
        """
        self._check_is_fitted()
        code = code_of(against, self.classes_)
        voters, asked = self._asked(X)
        check_method(method, width, max(each.series.shape[1] for each in asked))
        for case, each in enumerate(asked):
            if each.point < 0:
                raise ValueError(
                    f"X has {each.series.shape[1]} time points in case {case}, less than the first "
                    f"classification point: there is no answer yet."
                )
        return [explain(voters, each, self.classes_, code, method, width) for each in asked]
