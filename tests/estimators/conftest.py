import pytest
from early_cases import KINDS, never, whimsical
from synthetic import EARLY, make_series

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.networks import Architecture


@pytest.fixture
def series():
    return make_series()


@pytest.fixture(
    scope="session",
    params=[(kind, n_channels) for kind in KINDS for n_channels in (1, 3)],
    ids=lambda param: f"{param[0]}, {param[1]} channels",
)
def case(request):
    """A fitted early classifier of each kind, and series to decide."""
    kind, n_channels = request.param
    X, y = make_series(n_channels=n_channels)
    clf = GDPDEarlyClassifier(**{**EARLY, **KINDS[kind]}, trigger=whimsical).fit(X, y)
    return clf, *make_series(30, n_channels, seed=1)


@pytest.fixture(scope="session")
def clf():
    """An early classifier; tests may predict with it, and fit it no more."""
    return GDPDEarlyClassifier(**EARLY, trigger=whimsical).fit(*make_series())


@pytest.fixture(scope="session")
def undecided():
    """An early classifier that waits as long as it may; to predict with, as above."""
    return GDPDEarlyClassifier(**EARLY, trigger=never).fit(*make_series())


@pytest.fixture
def forbid_training(monkeypatch):
    """Call it, and from then on no network can be made."""

    def forbidden(*args, **kwargs):
        raise AssertionError("a student or teacher was trained")

    return lambda: monkeypatch.setattr(Architecture, "build", forbidden)
