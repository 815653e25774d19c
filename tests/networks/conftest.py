import pytest
from plain_rocket import SIZES, walks

from gdpd_sklearn.networks import RocketFeatures


@pytest.fixture(params=SIZES, ids=str)
def fitted_rocket(request):
    """A module of random kernels, and the series whose biases it has."""
    x = walks(5, *request.param)
    return RocketFeatures.fit(x, seed=3, n_features=1000), x
