"""What all methods share: stages, warm-ups, and the sizes of what they compare."""

import pytest
import torch

from gdpd_sklearn.distillers import FeatureShape, Progress, Stage, shape_of, shape_of_output
from gdpd_sklearn.distillers._base import check_warmup
from gdpd_sklearn.networks import FCN


@pytest.mark.parametrize(
    ("warmup", "n_epochs", "first"),
    [
        (0, 10, 0),
        (3, 10, 3),
        (0.0, 10, 0),
        (0.5, 10, 5),
        (0.25, 10, 2),
        (0.35, 10, 4),
        (12, 10, 10),
    ],
)
def test_the_first_epoch_behind_a_warm_up(warmup, n_epochs, first):
    reached = [Progress(epoch, n_epochs).reached(warmup) for epoch in range(n_epochs)]
    assert reached == [False] * first + [True] * (n_epochs - first)


@pytest.mark.parametrize("warmup", [0, 7, 0.0, 0.99])
def test_a_warm_up_is_a_share_or_a_number(warmup):
    check_warmup(warmup)


@pytest.mark.parametrize("warmup", [-1, 1.0, -0.1, True, "half", None, float("nan")])
def test_any_other_warm_up_is_refused(warmup):
    with pytest.raises(ValueError, match="warmup="):
        check_warmup(warmup)


def test_weights_do_not_change_the_kind_of_a_stage():
    assert Stage(task=0.0, transfer=3.0).kind == Stage(transfer=0.1).kind == (True, True, True)
    assert Stage(transfer=0.0).kind == (False, True, True)
    assert Stage(trains_prior=False, selects=False).kind == (True, False, False)


def test_sizes_are_those_of_an_output():
    network = FCN((5, 7), (3, 3)).build(2, 11, 3, seed=0)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    assert shape_of(network, 2, 11) == FeatureShape(n_features=7, n_steps=11, n_classes=3)
    assert network.training
    # neither weights nor the statistics of the batch norms have moved
    assert all(torch.equal(before[name], each) for name, each in network.state_dict().items())
    output = network(torch.randn(4, 2, 9))
    assert shape_of_output(output) == FeatureShape(7, 9, 3)
