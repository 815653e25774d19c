"""Where a fitted estimator answers: on the CPU, or large batches on a GPU."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Self

from gdpd_sklearn._device import resolve_device
from gdpd_sklearn.networks import PrefixModel

__all__ = ["AnswersOn"]


class AnswersOn:
    """Estimators whose fitted networks can be moved."""

    if TYPE_CHECKING:  # of aeon's base class, beside which this one stands

        def _check_is_fitted(self) -> None: ...

    @abstractmethod
    def _networks_in_use(self) -> list[PrefixModel]:
        """Give the models that answer, ready to be moved."""

    def answer_on(self, device: str) -> Self:
        """Let the fitted networks answer on a device from now on, in place.

        Wherever an estimator was fitted, it answers on the CPU. That is quickest for a few series,
        and up to 16 stay there in any case where they have a form in numpy. Many thousands are
        quicker on a GPU. Files and pickles hold the same as before, and open on the CPU.

        Parameters
        ----------
        device : str
            ``"cuda"``, ``"cuda:0"``, ``"mps"`` or ``"cpu"``; ``"auto"`` takes what there is.

        Returns
        -------
        self

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If this machine has no such device, or the networks need double precision, as those of
            early classifiers do, and the device has none.

        Examples
        --------
        >>> from aeon.datasets import load_gunpoint
        >>> from gdpd_sklearn import GDPDClassifier
        >>> X, y = load_gunpoint(split="train")
        >>> clf = GDPDClassifier(n_epochs=5, random_state=0).fit(X, y)
        >>> probabilities = clf.answer_on("cpu").predict_proba(X)
        """
        self._check_is_fitted()
        resolved = resolve_device(device)
        models = self._networks_in_use()
        if resolved.type == "mps" and any(model.exact for model in models):
            raise ValueError(
                f"device={device!r} has no double precision, in which these networks answer; use "
                f"'cpu' or 'cuda'."
            )
        for model in models:
            model.to(resolved)
        return self
