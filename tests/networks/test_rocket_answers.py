"""Answers in numpy are those of the model."""

import numpy as np
import pytest
import torch
from plain_rocket import walks

from gdpd_sklearn.data import PrefixView
from gdpd_sklearn.networks import CausalFCN, PrefixModel, Rocket, RocketAnswers

LENGTHS = (4, 11, 30)


def make_model(x, scaling="standard", exact=True, heads=True):
    """Make a model whose heads are of many sizes, so that probabilities differ."""
    rocket = Rocket(1000)
    view = PrefixView.fit(x, LENGTHS, x.shape[2], scaling, stretched=False)
    network = rocket.build(x.shape[1], x.shape[2], 3, seed=0)
    rocket.prepare(network, view.scale(torch.as_tensor(x)), seed=0)
    if heads:
        network.answer_at(LENGTHS)
    torch.nn.init.normal_(network.head.weight, generator=torch.Generator().manual_seed(0))
    return PrefixModel([network], view, rocket, exact)


@pytest.fixture(params=[1, 3], ids="{} channels".format)
def x(request):
    return 40 + 9 * walks(8, request.param, 30).numpy()


@pytest.mark.parametrize("scaling", ["standard", "none"])
def test_probabilities_of_an_exact_model_to_the_last_bit(x, scaling):
    model = make_model(x, scaling)
    answers = RocketAnswers.of([model])
    expected = model.predict_proba_all(x)
    assert np.ptp(expected) > 0.5
    for point in range(len(LENGTHS)):
        np.testing.assert_array_equal(answers.predict_proba(x, point), expected[point])
        np.testing.assert_array_equal(model.predict_proba(x, point), expected[point])
    for case, series in enumerate(x):
        state, read = None, 0
        for point, length in enumerate(LENGTHS):
            state = answers.absorb(series[:, read:length], state)
            read = length
            found = answers.probabilities(state, point)
            np.testing.assert_array_equal(found, expected[point, case])


@pytest.mark.parametrize("scaling", ["standard", "none"])
def test_probabilities_of_a_model_in_single_precision_but_for_rounding(x, scaling):
    model = make_model(x, scaling, exact=False)
    found = RocketAnswers.of([model]).predict_proba(x, 1)
    np.testing.assert_allclose(found, model.predict_proba(x, 1), atol=1e-5)


def test_weights_are_those_of_the_time_of_asking(x):
    model = make_model(x)
    answers = RocketAnswers.of([model])
    before = answers.predict_proba(x, 2)
    with torch.no_grad():
        for tensor in (model[0].head.weight, model[0].head.bias, model.view.mean):
            tensor += 1.0
    np.testing.assert_array_equal(answers.predict_proba(x, 2), before)


def test_one_head_for_all_prefixes(x):
    model = make_model(x, heads=False)
    answers = RocketAnswers.of([model])
    for point, expected in enumerate(model.predict_proba_all(x)):
        np.testing.assert_array_equal(answers.predict_proba(x, point), expected)


def test_only_one_model_of_random_kernels_can_be_made_of(x):
    model = make_model(x)
    assert RocketAnswers.of([model]) is not None
    assert RocketAnswers.of([model, model]) is None
    assert RocketAnswers.of(["model"]) is None
    assert RocketAnswers.of([make_model(x).to("meta")]) is None
    model = make_model(x)
    stretched = PrefixView.fit(x, LENGTHS, 30, "none")
    assert RocketAnswers.of([PrefixModel([model[0]] * 3, stretched, Rocket(1000))]) is None
    causal = CausalFCN((3,), (2,))
    view = PrefixView.fit(x, LENGTHS, 30, "none", stretched=False)
    network = causal.build(x.shape[1], 30, 3, seed=0)
    assert RocketAnswers.of([PrefixModel([network], view, causal, exact=True)]) is None


@pytest.mark.parametrize("spans", [[range(3)], [range(1), range(1, 3)], [range(2), range(2, 3)]])
def test_answers_on_the_way_are_those_at_the_points(x, spans):
    answers = RocketAnswers.of([make_model(x)])
    for series in x:
        state, read, found = None, 0, []
        for span in spans:
            until = LENGTHS[span[-1]]
            several, state = answers.absorb_through(series[:, read:until], state, span)
            found.append(several)
            read = until
        expected = np.concatenate([answers.predict_proba(series[None], p) for p in range(3)])
        np.testing.assert_array_equal(np.concatenate(found), expected)
