"""Series in a memory-mapped file: the same fit and the same answers as from memory."""

import numpy as np
import pytest
import torch
from synthetic import TINY, make_series

from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.data import MappedSeries, select_cases


def mapped(X, path):
    np.save(path, X)
    return np.load(path, mmap_mode="r")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_reads_like_a_tensor(tmp_path, dtype):
    X = make_series(10, 2)[0].astype(dtype)
    rows = np.array([7, 1, 4, 9])
    series = MappedSeries(mapped(X, tmp_path / "X.npy"), rows)
    expected = torch.as_tensor(X[rows], dtype=torch.float32)
    assert series.shape == expected.shape
    assert len(series) == 4
    for cases in (torch.tensor([2, 0, 2]), slice(1, 3), slice(2, 100)):
        assert torch.equal(series[cases], expected[cases])
    assert np.array_equal(np.concatenate(list(series.chunks(3))), X[rows])


def test_select_cases_copies_arrays_and_leaves_files_alone(tmp_path):
    X = make_series(6)[0]
    rows = np.array([0, 5])
    assert np.array_equal(select_cases(X, rows), X[rows])
    assert isinstance(select_cases(mapped(X, tmp_path / "X.npy"), rows), MappedSeries)


@pytest.mark.parametrize("validation_fraction", [0.0, 0.25])
@pytest.mark.filterwarnings("error")
def test_fits_as_from_memory_without_reading_all(tmp_path, monkeypatch, validation_fraction):
    X, y = make_series(40)
    X = X.astype(np.float32)
    largest = 0
    read = MappedSeries._read

    def watched(self, rows):
        nonlocal largest
        largest = max(largest, len(rows))
        return read(self, rows)

    monkeypatch.setattr(MappedSeries, "_read", watched)
    monkeypatch.setattr("gdpd_sklearn.networks._prefix_model._CHUNK", 8)
    monkeypatch.setattr("gdpd_sklearn.training._forward._CHUNK", 8)
    clf = GDPDClassifier(**TINY, validation_fraction=validation_fraction)
    there = clf.clone().fit(mapped(X, tmp_path / "X.npy"), y)
    assert 0 < largest <= 8  # batch_size and chunks
    here = clf.clone().fit(X, y)
    assert np.array_equal(there.predict_proba(mapped(X, tmp_path / "Z.npy")), here.predict_proba(X))
    assert there.history_.equals(here.history_)


def test_the_teacher_is_remembered_for_a_file_too(tmp_path):
    X, y = make_series(24)
    file = mapped(X.astype(np.float32), tmp_path / "X.npy")
    clf = GDPDClassifier(**{**TINY, "memory": str(tmp_path / "memory")}).fit(file, y)
    stamp = {p: p.stat().st_mtime_ns for p in (tmp_path / "memory").rglob("output.pkl")}
    assert len(stamp) == 1
    again = clf.clone().fit(file, y)
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "memory").rglob("output.pkl")} == stamp
    assert np.array_equal(again.predict_proba(X), clf.predict_proba(X))


def test_validation_in_chunks_is_validation_at_once(monkeypatch):
    X, y = make_series(60)
    for shared in ("lstm1-8", "fcn"):
        clf = GDPDClassifier(**{**TINY, "student": shared}, validation_fraction=0.5)
        whole = clf.clone().fit(X, y).history_
        with monkeypatch.context() as patch:
            patch.setattr("gdpd_sklearn.training._forward._CHUNK", 7)
            parts = clf.clone().fit(X, y).history_
        np.testing.assert_allclose(parts["validation_loss"], whole["validation_loss"], rtol=1e-5)
        assert np.array_equal(parts["validation_accuracy"], whole["validation_accuracy"])
