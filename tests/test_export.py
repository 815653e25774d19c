"""ONNX graphs against the classifiers that they were written from."""

import importlib.util
import json
import os
import warnings
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from corruption import N_CORRUPTIONS, corrupted
from sklearn.exceptions import NotFittedError
from synthetic import EARLY, TINY, make_series
from torch import nn

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier, __version__
from gdpd_sklearn.data import PrefixView
from gdpd_sklearn.export import check_onnx, to_onnx
from gdpd_sklearn.networks import ARCHITECTURES, PrefixModel


def run(file, X):
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    # where an offset is taken off first, series are read in double precision
    wanted = np.float64 if session.get_inputs()[0].type == "tensor(double)" else np.float32
    return session.run(["probabilities", "codes"], {"series": X.astype(wanted)})


def fitted(architecture, n_channels, scaling, length=11, n_timepoints=20, seed=0):
    """Make a classifier with random weights and batch norms that have seen something."""
    X, y = make_series(12, n_channels, n_timepoints, n_classes=3, seed=seed)
    clf = GDPDClassifier(**TINY).fit(X, y)
    view = PrefixView.fit(100 * X + 7, [length], 16, scaling)
    network = architecture.build(n_channels, 16, 3, seed=seed)
    network.train()
    with torch.no_grad():
        network(view(torch.as_tensor(100 * X + 7, dtype=torch.float32)))
        network.head.weight *= 20  # probabilities far from 1/3
    clf.model_ = PrefixModel([network], view, architecture)
    clf.prefix_length_ = length
    return clf, 100 * X + 7


@pytest.mark.parametrize("n_channels", [1, 3])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_agrees_with_predict_proba(tmp_path, name, n_channels):
    clf, X = fitted(ARCHITECTURES[name](), n_channels, "standard")
    (file,) = to_onnx(clf, tmp_path / "model.onnx")
    for cases in (X[:1], X, X[:5, :, :11], X[:5, :, :13]):
        expected = clf.predict_proba(cases)
        assert np.ptp(expected) > 0.02
        probabilities, codes = run(file, cases)
        np.testing.assert_allclose(probabilities, expected, atol=1e-5)
        assert np.array_equal(clf.classes_[codes], clf.predict(cases))


@pytest.mark.parametrize("scaling", ["standard", "prefix", "none"])
@pytest.mark.parametrize("opset", [13, 17, 20])
def test_every_scaling_and_opset_agrees(tmp_path, scaling, opset):
    clf, X = fitted(ARCHITECTURES["lite"](), 2, scaling)
    X[0, :, 3:] = X[0, :, 3:4]
    X[1] = 5.0  # constant: nothing to divide by
    (file,) = to_onnx(clf, tmp_path / "model.onnx", opset=opset)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # aeon's, of the constant case
        expected = clf.predict_proba(X)
    np.testing.assert_allclose(run(file, X)[0], expected, atol=1e-5)
    assert {o.version for o in onnx.load(file).opset_import if o.domain == ""} == {opset}


@pytest.mark.parametrize("name", ["rocket", "lstm1-8", "fcn"])
def test_a_series_with_a_gap_has_no_answer(tmp_path, name):
    X, y = make_series()
    clf = GDPDClassifier(**{**TINY, "student": name, "distiller": "none"}).fit(X, y)
    (file,) = to_onnx(clf, tmp_path / "model.onnx")
    expected, _ = run(file, X)
    X[2, 0, 3] = X[3, 0, 15] = np.nan  # the latter behind the prefix
    probabilities, _ = run(file, X)
    assert np.isnan(probabilities[2]).all()
    others = np.arange(len(X)) != 2
    np.testing.assert_array_equal(probabilities[others], expected[others])


def test_what_follows_the_prefix_is_not_looked_at_and_less_is_refused(tmp_path):
    clf, X = fitted(ARCHITECTURES["fcn"](), 1, "standard")
    (file,) = to_onnx(clf, tmp_path / "model.onnx")
    other = X.copy()
    other[:, :, 11:] = np.nan
    assert np.array_equal(run(file, other)[0], run(file, X)[0])
    with pytest.raises(Exception, match=r"[Oo]ut of (data )?bounds|indices"):
        run(file, X[:, :, :10])


def test_metadata_tells_classes_and_prefix(tmp_path):
    X, y = make_series(n_channels=2)
    clf = GDPDClassifier(**TINY).fit(X, np.array(["no", "yes"])[y])
    (file,) = to_onnx(clf, str(tmp_path / "model.onnx"))
    found = {p.key: p.value for p in onnx.load(file).metadata_props}
    assert json.loads(found["classes"]) == ["no", "yes"]
    assert found["prefix_length"] == str(clf.prefix_length_) == "10"
    assert found["n_channels"] == "2"
    assert found["gdpd_sklearn"] == __version__


@pytest.mark.parametrize(
    "setting", [{"shared": True}, {"shared": False, "scaling": "prefix"}, {"refit": True}]
)
def test_an_early_classifier_gives_a_graph_for_each_point(tmp_path, setting):
    X, y = make_series(24, 2)
    clf = GDPDEarlyClassifier(**{**EARLY, **setting}).fit(X, y)
    clf.engine_ = replace(clf.engine_, temperature=0.4, tilt=(0.0, 0.7))
    before = clf.engine_.probabilities_at(X, 1)
    files = to_onnx(clf, tmp_path / "new" / "folder")
    assert [file.name for file in files] == [
        "prefix_05.onnx", "prefix_10.onnx", "prefix_15.onnx", "prefix_20.onnx",
    ]  # fmt: skip
    for point, file in enumerate(files):
        expected = clf.engine_.probabilities_at(X, point)
        probabilities, codes = run(file, X)
        np.testing.assert_allclose(probabilities, expected, atol=1e-5)
        assert np.array_equal(codes, expected.argmax(1))
        with pytest.raises(Exception, match=r"[Oo]ut of (data )?bounds|indices"):
            run(file, X[:, :, : clf.classification_points_[point] - 1])
    # the classifier itself still computes as before, in double precision
    assert np.array_equal(clf.engine_.probabilities_at(X, 1), before)


@pytest.mark.parametrize("n_channels", [1, 3])
def test_an_early_classifier_of_random_kernels_gives_a_graph_for_each_point(tmp_path, n_channels):
    X, y = make_series(24, n_channels, 30, n_classes=3)
    X = 100 * X + 7000  # so far from 0 that the way of rounding shows
    setting = {**EARLY, "student": "rocket", "distiller": "none", "shared": False}
    clf = GDPDEarlyClassifier(**setting, scaling="standard").fit(X, y)
    new = 100 * make_series(200, n_channels, 30, n_classes=3, seed=1)[0] + 7000
    new += np.random.default_rng(0).normal(0, 80, size=new.shape)
    files = to_onnx(clf, tmp_path)
    assert len(files) == len(clf.classification_points_) == 4
    for point, file in enumerate(files):
        expected = clf.engine_.probabilities_at(new, point)
        assert np.ptp(expected) > 0.3
        probabilities, codes = run(file, new)
        np.testing.assert_allclose(probabilities, expected, atol=1e-5)
        assert (codes == expected.argmax(1)).mean() > 0.99


def test_a_module_of_the_users_is_exported(tmp_path):
    def backbone(n_channels, n_timepoints):
        return nn.Sequential(nn.Conv1d(n_channels, 4, 3), nn.ReLU(), nn.MaxPool1d(2))

    X, y = make_series()
    clf = GDPDClassifier(**{**TINY, "student": backbone}).fit(X, y)
    (file,) = to_onnx(clf, tmp_path / "model.onnx")
    np.testing.assert_allclose(run(file, X)[0], clf.predict_proba(X), atol=1e-5)


def test_refusals_name_what_is_wrong(tmp_path, monkeypatch):
    path = tmp_path / "model.onnx"
    with pytest.raises(TypeError, match="classifier='fcn' must be a fitted GDPDClassifier"):
        to_onnx("fcn", path)
    with pytest.raises(NotFittedError, match="GDPDClassifier"):
        to_onnx(GDPDClassifier(), path)
    with pytest.raises(NotFittedError, match="GDPDEarlyClassifier"):
        to_onnx(GDPDEarlyClassifier(), path)
    clf, _ = fitted(ARCHITECTURES["lstm1-8"](), 1, "none")
    with pytest.raises(ValueError, match=r"opset=7 must be one of \[13, "):
        to_onnx(clf, path, opset=7)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install gdpd_sklearn\[onnx\]"):
        to_onnx(clf, path)
    assert not path.exists()


def test_labels_that_json_lacks_are_text(tmp_path):
    X, y = make_series()
    labels = {
        "datetime64[D]": np.array(["2020-01-01", "2021-01-01"], "datetime64[D]"),
        "datetime64[ns]": np.array(["2020-01-01", "2021-01-01"], "datetime64[ns]"),
    }
    for unit, dates in labels.items():
        clf = GDPDClassifier(**TINY).fit(X, dates[y])
        (file,) = to_onnx(clf, tmp_path / f"{unit}.onnx")
        found = {p.key: p.value for p in onnx.load(file).metadata_props}
        assert [each[:10] for each in json.loads(found["classes"])] == ["2020-01-01", "2021-01-01"]
        assert np.array_equal(np.array(json.loads(found["classes"]), dates.dtype), dates)


# -- whole files


@pytest.fixture(scope="module")
def early():
    X, y = make_series(24, 2)
    return GDPDEarlyClassifier(**EARLY).fit(X, y), X


def test_a_full_disk_leaves_the_old_graphs(tmp_path, monkeypatch, early):
    clf, X = early
    folder = tmp_path / "folder"
    files = to_onnx(clf, folder)
    before = {file: file.read_bytes() for file in files}
    other = GDPDEarlyClassifier(**{**EARLY, "random_state": 1}).fit(*make_series(24, 2, seed=3))
    written, fsync = [], os.fsync

    def full_after_two(descriptor):
        written.append(descriptor)
        if len(written) > 2:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full_after_two)
    with pytest.raises(OSError, match=r"No space left on device.*prefix_15\.onnx"):
        to_onnx(other, folder)
    assert {file: file.read_bytes() for file in folder.iterdir()} == before
    run(files[-1], X)


def test_a_damaged_graph_is_told(tmp_path, early):
    clf, _ = early
    file = to_onnx(clf, tmp_path)[0]
    check_onnx(file)
    data = file.read_bytes()
    for changed in corrupted(data, N_CORRUPTIONS, seed=0):
        file.write_bytes(changed)
        with pytest.raises(ValueError, match=r"^path=.*prefix_05\.onnx' is damaged"):
            check_onnx(file)
    with pytest.raises(TypeError, match="path=None"):
        check_onnx(None)
    with pytest.raises(TypeError, match="path=None"):
        to_onnx(clf, None)
