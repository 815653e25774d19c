"""Classifiers beside students: fitted on prefixes alone, ranked in the same tables."""

import json

import numpy as np
import pandas as pd
import pytest
from aeon.transformations.collection.convolution_based import MiniRocket
from made_up_cells import write_cell
from scipy.special import softmax
from sklearn.linear_model import RidgeClassifierCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from synthetic import make_series

from benchmarks._cells import cell_path, load_cells
from benchmarks._data import load_split
from benchmarks.accuracy.__main__ import main
from benchmarks.accuracy._classifiers import CLASSIFIERS, RidgeOnFeatures, build_classifier
from benchmarks.accuracy._grid import Grid
from gdpd_sklearn.metrics import auc_prc


class Nearest:
    """A user's own: the nearest neighbour, by the values of all channels."""

    def __init__(self):
        self.model = KNeighborsClassifier(1)

    def fit(self, X, y):
        self.model.fit(X.reshape(len(X), -1), y)
        return self

    def predict_proba(self, X):
        return self.model.predict_proba(X.reshape(len(X), -1))


OWN = f"{__name__}:Nearest"


# numba takes most of a minute for Hydra's kernels
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if "Hydra" in name else ()) for name in CLASSIFIERS],
)
@pytest.mark.parametrize("n_channels, length, n_classes", [(1, 4, 2), (3, 12, 3)])
def test_every_classifier_learns_from_short_prefixes(name, n_channels, length, n_classes):
    X, y = make_series(18, n_channels, 12, n_classes=n_classes)
    labels = np.array(["a", "b", "c"])[y]
    answers = [
        build_classifier(name, seed).fit(X[..., :length], labels).predict_proba(X[..., :length])
        for seed in (3, 3)
    ]
    assert answers[0].shape == (18, n_classes)
    np.testing.assert_allclose(answers[0].sum(axis=1), 1.0)
    np.testing.assert_array_equal(*answers)
    assert (answers[0].argmax(axis=1) == y).mean() > 0.8


@pytest.mark.parametrize("n_classes", [2, 3])
def test_ridge_on_features_is_scikit_learns_on_aeons(n_classes):
    X, y = make_series(18, 1, 12, n_classes=n_classes)
    kernels = MiniRocket(n_kernels=84, random_state=5)
    scaler = StandardScaler()
    features = scaler.fit_transform(kernels.fit_transform(X))
    ridge = RidgeClassifierCV(alphas=np.logspace(-3, 3, 10)).fit(features, y)
    values = ridge.decision_function(features)
    expected = softmax(values if n_classes > 2 else np.stack([-values, values], 1), axis=1)
    found = RidgeOnFeatures([MiniRocket(n_kernels=84)], random_state=5).fit(X, y)
    np.testing.assert_allclose(found.predict_proba(X), expected, rtol=1e-4)
    np.testing.assert_array_equal(found.predict(X), ridge.predict(features))


def test_unknown_and_incomplete_ones_are_named():
    with pytest.raises(ValueError, match=r"classifiers: 'MiniRokcet' is unknown.*'MiniRocket'"):
        Grid(sets=("A",), classifiers=("MiniRokcet",))
    with pytest.raises(ValueError, match="'fractions:Fraction' has no fit and no predict_proba"):
        Grid(sets=("A",), classifiers=("fractions:Fraction",))


def test_a_cell_is_a_fit_on_the_prefix_and_the_channels_seen(archive, tmp_path):
    out = tmp_path / "out"
    command = ["run", "--sets", "Moves", "--classifiers", OWN, "--earliness", "0.5", "--seeds", "1",
               "--channels", "2", "--n-jobs", "1", "--tsml", "--longer", "--data-dir",
               str(archive), "--out", str(out)]  # fmt: skip
    assert main(command) == 0
    (row,), problems = load_cells(out)
    assert not problems
    X, y = load_split("Moves", "train", str(archive))
    X_test, y_test = load_split("Moves", "test", str(archive))
    answers = Nearest().fit(X[:, :2, :6], y).predict_proba(X_test[:, :2, :6])
    assert row["auc_prc"] == pytest.approx(auc_prc(y_test, answers))
    assert row["accuracy"] == (np.unique(y)[answers.argmax(1)] == y_test).mean()
    cell = {key: row[key] for key in ("benchmark", "set", "earliness", "classifier", "channels",
                                      "seed")}  # fmt: skip
    assert set(json.loads(cell_path(out / "cost", cell).read_text())) == {"fit_seconds"}
    assert not list((out / "teachers").iterdir())
    (written,) = (out / "tsml").glob("*/Predictions/Moves/testResample0.csv")
    assert ":" not in written.relative_to(out).as_posix()
    before = {path: path.stat().st_mtime_ns for path in out.glob("*.json")}
    assert main(command) == 0
    assert before == {path: path.stat().st_mtime_ns for path in out.glob("*.json")}


def test_the_test_split_is_not_learned_from(archive, tmp_path, monkeypatch):
    from benchmarks.accuracy import _compute

    fitted = []

    class Spy(Nearest):
        def fit(self, X, y):
            fitted.append(X.copy())
            return super().fit(X, y)

    monkeypatch.setattr(_compute, "build_classifier", lambda name, seed: Spy())
    laboratory = _compute.Laboratory(tmp_path, str(archive))
    laboratory.prepare()
    (cell,) = Grid(sets=("Waves",), distillers=(), classifiers=("QUANT",), n_seeds=1).cells()
    laboratory.compute(cell)
    X, _ = load_split("Waves", "train", str(archive))
    np.testing.assert_array_equal(fitted, [X[..., :6]])


def test_they_rank_beside_students_of_each_kind(tmp_path, capsys):
    kinds = (("lstm1-8", "lstm1-8"), ("fcn", "lstm1-8"))
    (tmp_path / "alone").mkdir()
    for name in ("Waves", "Moves"):
        for classifier, area in ((OWN, 0.9), ("QUANT", 0.6)):
            cell = {"benchmark": "accuracy", "set": name, "earliness": 0.5, "channels": None,
                    "classifier": classifier, "seed": 0}  # fmt: skip
            figures = {"auc_prc": area, "class_auc_prc": {"a": area}, "accuracy": area}
            for folder in (tmp_path, tmp_path / "alone"):
                path = cell_path(folder, cell)
                path.write_text(json.dumps({"cell": cell, "figures": figures}))
        for teacher, student in kinds:
            for method, area in (("none", 0.7), ("kd", 0.8)):
                write_cell(tmp_path, {"auc_prc": area}, set=name, distiller=method,
                           teacher=teacher, student=student)  # fmt: skip
    assert main(["report", str(tmp_path / "alone")]) == 0
    assert "**Averages: all sets, classifiers alone**" in capsys.readouterr().out
    assert main(["report", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert "classifiers alone" not in text
    assert text.startswith("# Accuracy of students of prefixes\n\n12 cells of")
    averages = pd.read_csv(tmp_path / "report" / "table_5_averages.csv")
    assert averages["block"].nunique() == 2
    for _, block in averages.groupby("block"):
        ranks = dict(zip(block["method"], block["rank"], strict=True))
        assert ranks == {OWN: 1, "kd": 2, "none": 3, "QUANT": 4}
        assert block["sets"].tolist() == [2] * 4
