"""Training: the trainer, which moves weights by gradient."""

from gdpd_sklearn.training._history import Columns, as_columns, as_frame
from gdpd_sklearn.training._step import Source
from gdpd_sklearn.training._trainer import Run, train

__all__ = ["Columns", "Run", "Source", "as_columns", "as_frame", "train"]
