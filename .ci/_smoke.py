"""What a wheel can do by itself: fit, predict, stream, save, load; types ship with it."""

import tempfile
from importlib.metadata import requires, version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

import gdpd_sklearn
from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier

assert version("gdpd_sklearn") == gdpd_sklearn.__version__
assert "site-packages" in gdpd_sklearn.__file__, gdpd_sklearn.__file__
assert files("gdpd_sklearn").joinpath("py.typed").is_file()
assert any("aeon<1.7" in each for each in requires("gdpd_sklearn") or [])


def answered(clf: Any, X: np.ndarray) -> tuple[Any, ...]:
    """Give what a classifier says, in arrays."""
    return clf.predict_early(X) if hasattr(clf, "predict_early") else (clf.predict_proba(X),)


rng = np.random.default_rng(0)
y = np.arange(40) % 2
X = rng.normal(size=(40, 1, 30)) + np.where(y == 1, 1.0, -1.0)[:, None, None] * np.linspace(
    0, 2, 30
)
with tempfile.TemporaryDirectory() as folder:
    for clf in (
        GDPDClassifier(prefix_length=0.5, random_state=0),
        GDPDClassifier(
            prefix_length=0.5, student="fcn", teacher="fcn", distiller="gdpd", n_epochs=4,
            random_state=0,
        ),
        GDPDEarlyClassifier(random_state=0),
    ):  # fmt: skip
        clf.fit(X, y)
        path = Path(folder) / "clf.safetensors"
        clf.save(path)
        again = type(clf).load(path)
        for answers in zip(*(answered(each, X) for each in (clf, again)), strict=True):
            np.testing.assert_array_equal(*answers)
stream = clf.stream()
pushed = [stream.push("a", point) for point in X[0].T]
assert any(pushed)
print(f"gdpd_sklearn {gdpd_sklearn.__version__} fits, saves, loads and streams")
