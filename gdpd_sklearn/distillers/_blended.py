"""Any methods on blends of training cases instead of the cases themselves.

A teacher that fits its training cases says little more of them than their labels do. Of blends of
two of them, ``share · x + (1 − share) · x'``, it says what it would say of new series, and it can
be asked about as many as one likes. The teacher reads the complete blend, the student its prefix:
mixup (Zhang et al. 2018) whose labels come from the teacher, in other words function matching
(Beyer et al. 2022, "Knowledge distillation: a good teacher is patient and consistent").
"""

from __future__ import annotations

from typing import ClassVar

from gdpd_sklearn.distillers._sum import Sum

__all__ = ["Blended"]


class Blended(Sum):
    """Let methods transfer on blends of training cases; the task term keeps the cases.

    Parameters
    ----------
    *parts : Distiller
        One method, such as ``KD()``, or several at once, as in :class:`Sum`.

    Notes
    -----
    - Each batch draws one share, the larger part of a Beta(½, ½) draw, and blends each case with
      another one of the batch. ``batch.target`` is the class of the larger share;
      ``batch.task_loss`` weighs the losses against both classes by their shares.
    - The student reads cases and blends in one pass of twice the batch.
    - The teacher is asked anew in every step. A prior learns the teacher's features of the
      training cases, as without blends.

    Examples
    --------
    >>> from gdpd_sklearn.distillers import GDPD, KD, Blended
    >>> Blended(KD(), GDPD()).set_params(kd__temperature=4.0)
    Blended(KD(temperature=4.0), GDPD())
    """

    blends: ClassVar[bool] = True

    def check_parameters(self) -> None:
        """Raise a ValueError unless the parts fit together and one of them asks a teacher."""
        super().check_parameters()
        if not self.uses_teacher:
            raise ValueError(
                f"{self!r} needs a part that asks a teacher; a student alone has nothing to "
                f"transfer about blends."
            )
