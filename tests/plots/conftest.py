import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from synthetic import TINY, make_series

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.networks import Rocket

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def kernels():
    """An early classifier of random kernels, with six channels and twelve classes."""
    X, y = make_series(60, n_channels=6, n_classes=12)
    clf = GDPDEarlyClassifier(
        6, student=Rocket(700), trigger="probability_threshold", random_state=0
    ).fit(X, y.astype(str))
    return clf, X, y.astype(str)


@pytest.fixture(scope="session")
def trained():
    X, y = make_series(24, n_channels=2)
    clf = GDPDEarlyClassifier(**TINY, n_folds=2, classification_points=2, distiller="kd")
    return clf.fit(X, y), X, y
