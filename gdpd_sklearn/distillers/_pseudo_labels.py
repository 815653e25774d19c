"""Pseudo-labels: what the teacher says stands for the label of cases that have none.

Lee, "Pseudo-Label: The simple and efficient semi-supervised learning method for deep neural
networks", ICML workshop 2013; here the labels come from a teacher of complete series, and the
student learns from prefixes.
"""

from __future__ import annotations

from typing import ClassVar

from gdpd_sklearn.distillers._none import NoDistillation

__all__ = ["PseudoLabels"]


class PseudoLabels(NoDistillation):
    """No transfer term, but a teacher for cases without a label.

    Every method that asks a teacher lets it stand in for missing labels; this one does nothing
    else. With all labels given it is the base with a teacher that nobody hears.
    """

    uses_teacher: ClassVar[bool] = True
    uses_logits: ClassVar[bool] = True
    stackable: ClassVar[bool] = True
    closed_form: ClassVar[bool] = True
