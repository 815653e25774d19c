"""Fitted classifiers as ONNX graphs, to run where there is no Python or no torch.

onnx is needed (``pip install gdpd_sklearn[onnx]``). A graph takes raw series; cutting, stretching
and scaling are part of it.

=============  =======  ============================================================
name           type     what
=============  =======  ============================================================
series         float32  input (n, C, m), n and m free; m from the prefix length on, and
                        what follows the prefix is not looked at; float64 where the
                        series of fit lie so far from 0 that single precision loses them
probabilities  float32  output (n, K)
codes          int64    output (n,), the most probable class as an index of ``classes``
=============  =======  ============================================================

Graphs compute in single precision once an offset is taken off, early classifiers too: probabilities
agree with ``predict_proba`` within 1e-5. Features of random kernels are the same to the last bit.

Metadata of a model: ``classes`` (a JSON list; dates as ISO 8601 has them), ``prefix_length`` (time
points), ``n_channels``, ``gdpd_sklearn`` (the version), ``format`` and ``digest`` (SHA-256 of the
file with these 64 digits replaced by zeros), which :func:`check_onnx` looks at. Runtimes do not.
"""

from __future__ import annotations

import copy
import datetime
import importlib.util
import io
import json
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gdpd_sklearn._checks import check_choice
from gdpd_sklearn._isolation import plain_torch
from gdpd_sklearn._version import __version__
from gdpd_sklearn.data import PrefixView
from gdpd_sklearn.estimators import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.networks import PrefixModel, RocketNetwork
from gdpd_sklearn.persistence import FORMAT, check_path, check_stamp, replacing, stamped
from gdpd_sklearn.triggers import PROBABILITY_FLOOR

__all__ = ["check_onnx", "to_onnx"]

# from the first with Pad and ReduceSum as used here to the last that the exporter writes
_OPSETS = tuple(range(13, 21))
# the entry "digest" of the metadata as protobuf writes it: key, length of the value, value
_DIGEST = re.compile(rb"\n\x06digest\x12@([0-9a-f]{64})")


@plain_torch()
def to_onnx(
    classifier: GDPDClassifier | GDPDEarlyClassifier, path: str | Path, opset: int = 17
) -> list[Path]:
    """Write a fitted classifier as ONNX: one graph for each prefix length.

    A graph holds all that ``predict_proba`` does to raw series, and for an early classifier the
    vote of the folds and the temperature. :mod:`gdpd_sklearn.export` lists inputs and outputs.

    Parameters
    ----------
    classifier : GDPDClassifier or GDPDEarlyClassifier
        Fitted.
    path : str or Path
        The file to write; of an early classifier the folder, made where there is none. It gets a
        file for each classification point, such as ``prefix_18.onnx`` for 18 time points. The
        stopping rule stays outside: ``trigger_.should_stop`` needs numpy alone.
    opset : int, default=17
        Operator set of ONNX, 13 to 20.

    Returns
    -------
    list of Path
        The files, in order of prefix length.

    Raises
    ------
    ImportError
        If onnx is not installed.
    TypeError
        If ``classifier`` is of another class.
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    ValueError
        If ``opset`` is none of those supported.
    OSError
        If a file cannot be written. Files that are there stay as they are until all new ones are
        complete.

    Examples
    --------
    >>> from aeon.datasets import load_gunpoint
    >>> from gdpd_sklearn import GDPDClassifier
    >>> from gdpd_sklearn.export import to_onnx
    >>> clf = GDPDClassifier(prefix_length=0.5).fit(*load_gunpoint(split="train"))
    >>> to_onnx(clf, "gunpoint.onnx")  # doctest: +SKIP
    """
    _check_exportable(classifier, opset)
    classes = classifier.classes_
    if classes.dtype.kind == "M":
        # as a list, those of nanoseconds would be whole numbers
        classes = np.datetime_as_string(classes)
    graphs = _graphs(classifier, check_path(path))
    with replacing() as put:
        for file, graph in graphs.items():
            put(file, _as_bytes(graph, classes.tolist(), opset))
    return list(graphs)


def _graphs(classifier: GDPDClassifier | GDPDEarlyClassifier, path: Path) -> dict[Path, _Graph]:
    """Make the graph of every file."""
    if isinstance(classifier, GDPDClassifier):
        return {path: _Graph([classifier.model_], 0)}
    path.mkdir(parents=True, exist_ok=True)
    return _early_graphs(classifier, path)


def check_onnx(path: str | Path) -> None:
    """Refuse a graph that is not as :func:`to_onnx` wrote it.

    Raises
    ------
    ValueError
        If the file is damaged, or not from :func:`to_onnx`.
    """
    check_stamp(check_path(path).read_bytes(), _DIGEST, f"path={str(path)!r}")


def _check_exportable(classifier: Any, opset: int) -> None:
    if importlib.util.find_spec("onnx") is None:
        raise ImportError("to_onnx needs onnx; install it by: pip install gdpd_sklearn[onnx]")
    if not isinstance(classifier, GDPDClassifier | GDPDEarlyClassifier):
        raise TypeError(
            f"classifier={classifier!r} must be a fitted GDPDClassifier or GDPDEarlyClassifier."
        )
    classifier._check_is_fitted()
    check_choice("opset", opset, _OPSETS)


def _early_graphs(classifier: GDPDEarlyClassifier, folder: Path) -> dict[Path, _Graph]:
    width = len(str(classifier.n_timepoints_))
    return {
        folder / f"prefix_{length:0{width}d}.onnx": _Graph(
            classifier.models_, point, classifier.engine_.temperature, classifier.engine_.tilt
        )
        for point, length in enumerate(classifier.classification_points_)
    }


class _Graph(nn.Module):
    """Raw series → probabilities of one prefix length and the most probable class."""

    def __init__(
        self,
        models: Sequence[PrefixModel],
        point: int,
        temperature: float | None = None,
        tilt: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        # copies: the fitted models stay in the precision they compute in
        self.views: Any = nn.ModuleList(copy.deepcopy(model.view) for model in models)
        self.networks = nn.ModuleList(copy.deepcopy(model[point]) for model in models)
        self.point = point
        self.temperature = temperature
        self.tilt: Tensor | None
        self.register_buffer("tilt", None if tilt is None else torch.tensor(tilt))
        self.length = models[0].lengths[point]
        self.n_channels = models[0].n_channels
        self.steps: Tensor
        self.register_buffer("steps", torch.arange(self.length))
        # where a large offset has to be taken off first, single precision would lose the series
        self.dtype = torch.float64 if any(v.is_far for v in self.views) else torch.float32
        self.float().eval()
        for view, model in zip(self.views, models, strict=True):
            if isinstance(model[point], RocketNetwork):
                # features are comparisons: to be the same, series are scaled as the model does it
                view.to(model.dtype)

    def forward(self, series: Tensor) -> tuple[Tensor, Tensor]:
        # gathered, not sliced: a slice of too short a series would pass
        series = series.index_select(-1, self.steps)
        votes = [
            network(_seen(view, series, self.point)).logits.softmax(-1)
            for view, network in zip(self.views, self.networks, strict=True)
        ]
        probabilities = votes[0]
        if self.temperature is not None:
            # as triggers.pool_votes and triggers.apply_temperature have it
            probabilities = (
                torch.stack(votes).clamp_min(PROBABILITY_FLOOR).log().mean(0).softmax(-1)
            )
            logs = probabilities.clamp_min(PROBABILITY_FLOOR).log()
            logs = logs / self.temperature
            probabilities = (logs if self.tilt is None else logs + self.tilt).softmax(-1)
        # a graph fills no gap, and must not answer as if it did: 0 times NaN is NaN
        gaps = (0.0 * series).sum((1, 2)).float()
        return probabilities + gaps[:, None], probabilities.argmax(-1)


def _seen(view: nn.Module, series: Tensor, point: int) -> Tensor:
    """View series in the precision of the view, and round to single: (n, C, m) → (n, C, T)."""
    assert isinstance(view, PrefixView)
    seen: Tensor = view(view.less_origin(series).to(view.mean.dtype), point)
    return seen.float()


def _as_bytes(graph: _Graph, classes: list[Any], opset: int) -> bytes:
    """Give the file of a graph, with its metadata."""
    import onnx

    exported = io.BytesIO()
    with warnings.catch_warnings():
        # of its own retirement, and of shapes that are constants indeed. The exporter in its place
        # unrolls an LSTM into hundreds of operators and needs half a minute for a graph.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph,
            (torch.zeros(2, graph.n_channels, graph.length + 1, dtype=graph.dtype),),
            exported,  # type: ignore[arg-type]  # a file, as the documentation has it
            input_names=["series"],
            output_names=["probabilities", "codes"],
            dynamic_axes={
                "series": {0: "n_cases", 2: "n_timepoints"},
                "probabilities": {0: "n_cases"},
                "codes": {0: "n_cases"},
            },
            opset_version=opset,
            dynamo=False,
        )
    model = onnx.load_from_string(exported.getvalue())
    onnx.helper.set_model_props(
        model,
        {
            "classes": json.dumps(classes, default=_as_text),
            "prefix_length": str(graph.length),
            "n_channels": str(graph.n_channels),
            "gdpd_sklearn": __version__,
            "format": str(FORMAT),
            "digest": "0" * 64,
        },
    )
    onnx.checker.check_model(model)
    return stamped(model.SerializeToString(), _DIGEST)


def _as_text(label: Any) -> str:
    """Write a label for which JSON has no form of its own."""
    return label.isoformat() if isinstance(label, datetime.date) else str(label)
