import pytest
from synthetic import make_series


@pytest.fixture
def series():
    return make_series()
