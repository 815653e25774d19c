"""Odd values and arrays, and what may come of them: a clear refusal or finite numbers."""

import datetime
import os
import re
import signal
import warnings
from collections import Counter
from contextlib import contextmanager
from fractions import Fraction

import numpy as np
import pandas as pd
import scipy.sparse
import torch

EFFORT = float(os.environ.get("GDPD_FUZZ", "1"))
"""How many times as many trials as in the checks."""

OUTCOMES: Counter[str] = Counter()
"""How trials ended so far; the command line of `tests/fuzz` prints it."""

# CPU time, so that a busy machine is no hang
_LONGEST = 20.0


class Odd:
    """An object that nothing knows."""

    def __repr__(self):
        return "Odd()"


VALUES = [
    None, True, False, np.True_, 0, 1, -1, 2, 3, 7, 10**6, 10**9, 10**12, 2**100, -(2**63), 0.0,
    -0.0, 0.5, 1.0, 1.5, -0.5, 1e-300, 1e-30, 1e-12, 1e12, 1e30, 1e38, 1e300, -1e300, np.nan,
    np.inf, -np.inf, np.int64(2), np.int32(3), np.uint8(4), np.float32(0.25), np.float64(0.75),
    np.float16(0.5), Fraction(1, 2), 1j, "", "auto", "none", "abc", "1", "true", b"bytes", [], (),
    {}, [1], (0.5, 1.0), (2, 3), [1, "a"], {"a": 1}, {0: 1.0}, {1, 2}, np.array([1, 2]),
    np.array(3), np.array(["a", "b"]), pd.Series([1, 2]), Odd(), Odd, print, len, range(3),
    lambda: None, lambda a, b: None, datetime.date(2020, 1, 1), np.datetime64("2020"),
    torch.tensor(1.0), torch.nn.Identity(), np.random.default_rng(0), Ellipsis,
]  # fmt: skip


def some(items, n, seed):
    """Draw ``n`` items, more with more effort, all at the most."""
    rng = np.random.default_rng(seed)
    n = min(len(items), max(1, round(n * EFFORT)))
    return [items[i] for i in sorted(rng.choice(len(items), n, replace=False))]


@contextmanager
def bounded(what):
    """Fail where something takes longer than anything here may."""

    def hang(*_):
        raise AssertionError(f"{what} takes more than {_LONGEST} s")

    before = signal.signal(signal.SIGPROF, hang)
    signal.setitimer(signal.ITIMER_PROF, _LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def trial(what, call, named, allowed=(ValueError, TypeError)):
    """Make a call; give None, or what is wrong with it.

    Wrong are an error of another kind, one that names nothing of ``named`` (a regular expression),
    and an answer that is not finite.
    """
    wrong, ended = _trial(what, call, named, allowed)
    OUTCOMES["wrong" if wrong else ended] += 1
    return wrong


def _trial(what, call, named, allowed):
    """Give what is wrong, or None, and how the trial ended."""
    with bounded(what), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            answer = call()
        except allowed as error:
            if type(error).__name__ != "DivergedError" and not re.search(named, str(error)):
                wrong = f"{what}: {type(error).__name__} names no {named}: {str(error)[:200]}"
                return wrong, ""
            return None, "refused by name"
        except Exception as error:
            return f"{what}: {type(error).__name__}: {str(error)[:200]}", ""
    for each in answer if isinstance(answer, tuple | list) else [answer]:
        numbers = isinstance(each, np.ndarray | float) and np.asarray(each).dtype.kind == "f"
        if numbers and not np.isfinite(each).all():
            return f"{what}: accepted, and the answer is not finite", ""
    return None, "answered with finite numbers"


def spoil(X, value, at=(0, 0, 2)):
    """Put one value into a copy of series."""
    X = np.array(X, dtype=np.float64)
    X[at] = value
    return X


def odd_series(X):
    """Name to a collection that is like ``X`` (n, C, L), or not at all."""
    rng = np.random.default_rng(0)
    masked = np.ma.masked_array(X, np.zeros(X.shape, bool))
    masked[0, 0, 1] = np.ma.masked
    values = {f"holds {v:g}": spoil(X, v) for v in (
        np.nan, np.inf, -np.inf, -3.4e38, 3.4e38, 1e39, 1e300, 9e37, 1e30, 1e20, 1e-300
    )}  # fmt: skip
    last = {f"ends with {v:g}": spoil(X, v, (0, 0, -1)) for v in (np.nan, np.inf, 1e39, 1e20)}
    types = {
        f"of type {np.dtype(t)}": (X * 10).astype(t)
        for t in (">f8", ">f4", "f2", "f4", "g", "i1", "u2", ">i4", "i8", "?", "c16", "O", "U5")
    }  # fmt: skip
    scales = {
        f"times {s:g}": X * s for s in (1e-320, 1e-300, 1e-45, 1e-20, 1e20, 1e37, 1e38, 1e300)
    }
    offsets = {f"plus {s:g}": X + s for s in (1e5, 1e9, -1e15, 1e18, 1e38)}
    shapes = {
        "no cases": X[:0], "no channels": X[:, :0], "no points": X[..., :0], "one case": X[:1],
        "one point": X[..., :1], "flat": X[:, 0], "a case": X[0], "a row": X[0, 0], "4-D": X[None],
        "0-D": np.array(1.0), "longer": np.tile(X, 3), "channels": np.tile(X, (1, 3, 1)),
    }  # fmt: skip
    others = {
        "None": None, "a number": 3, "text": "abc", "bytes": b"abc", "a dict": {"a": 1},
        "a set": {1}, "an object": Odd(), "a class": Odd, "empty list": [], "empty tuple": (),
        "numbers": [1.0, 2.0], "nested lists": X.tolist(), "list": list(X), "tuple": tuple(X),
        "list with None": [X[0], None], "None first": [None, X[0]], "list of text": ["a", "b"],
        "unequal": [X[0], X[1][:, :5]], "unequal lists": [X[0].tolist(), X[1][:, :5].tolist()],
        "list of rows": [x[0] for x in X], "list of empty": [X[0][:, :0], X[1]], "masked": masked,
        "unmasked": np.ma.masked_array(X), "matrix": np.matrix(X[:, 0]),
        "sparse": scipy.sparse.csr_matrix(X[:, 0]),
        "frame": pd.DataFrame(X[:, 0]), "frame of text": pd.DataFrame([["a", "b"]]),
        "nullable": pd.DataFrame(X[:, 0]).astype("Float64"), "series": pd.Series(X[:, 0, 0]),
        "tensor": torch.from_numpy(X), "generator": (x for x in X), "dates": X.astype("M8[s]"),
        "constant": np.ones_like(X), "zeros": np.zeros_like(X), "noise": rng.normal(size=X.shape),
        "Fortran": np.asfortranarray(X), "reversed": X[:, :, ::-1], "memory": memoryview(X),
        "list of frames": [pd.DataFrame(x) for x in X], "structured": np.zeros(3, [("a", "f8")]),
    }  # fmt: skip
    return {**values, **last, **types, **scales, **offsets, **shapes, **others}


def odd_labels(y):
    """Name to labels that are like ``y`` (n,), or not at all."""
    text = np.array(["no", "yes"])[y]
    return {
        "text": text, "digits": y.astype(str), "floats": y.astype(float), "bools": y == 1,
        "halves": y / 2, "NaN": np.where(np.arange(len(y)) == 0, np.nan, y), "None": None,
        "with None": np.where(np.arange(len(y)) == 0, None, y.astype(object)), "list": y.tolist(),
        "one class": np.zeros_like(y), "all different": np.arange(len(y)), "short": y[:-1],
        "long": np.append(y, 0), "empty": y[:0], "2-D": y[:, None], "one-hot": np.eye(2)[y],
        "a number": 1, "a word": "abc", "a dict": {0: 1}, "mixed": ["a", 1] * (len(y) // 2),
        "bytes": text.astype("S"), "dates": y.astype("M8[D]"), "complex": y.astype(complex),
        "object text": text.astype(object), "Int64": pd.Series(y, dtype="Int64"),
        "category": pd.Series(text, dtype="category"), "infinite": np.where(y == 1, np.inf, 0.0),
        "tensor": torch.from_numpy(y), "frame": pd.DataFrame({"y": y}), "huge": y * 10**15,
    }  # fmt: skip
