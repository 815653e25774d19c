"""The bank: stacked, looped, and plain single modules give the same numbers."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from gdpd_sklearn.networks import ARCHITECTURES, LSTM, Bank, KeptStates, stack_outputs


def small(architecture):
    """Make it narrow; an LSTM's width stays, which decides how members are joined."""
    names = {"width", "n_filters"} & architecture.get_params().keys()
    return architecture.set_params(**dict.fromkeys(names, 4))


# all that say that they can be stacked, each once, and the ways in which LSTMs are joined
STACKABLE = {
    **{repr(build()): small(build()) for build in ARCHITECTURES.values() if build().stackable},
    "all lstms joined in one": LSTM(2, 5),
    "lstms joined two by two, and one alone": LSTM(1, 17),
    "lstms one by one": LSTM(2, 41),
}
P, B, C, T, K = 3, 5, 2, 14, 3

# double precision: gradients that are zero but for rounding (biases before a batch norm) would
# otherwise be blown up by Adam


@pytest.fixture(params=STACKABLE)
def networks(request):
    return [STACKABLE[request.param].build(C, T, K, seed).double() for seed in range(P)]


@pytest.fixture
def x():
    return torch.randn(P, B, C, T, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def y():
    return torch.tensor([0, 1, 2, 0, 1])


def _run(module, x):
    return module(x)


def _loss(module, x, y):
    return cross_entropy(module(x).logits, y)


def _assert_same_state(modules, others):
    for module, other in zip(modules, others, strict=True):
        state, expected = module.state_dict(), other.state_dict()
        assert state.keys() == expected.keys()
        for name in state:
            torch.testing.assert_close(state[name], expected[name], rtol=1e-8, atol=1e-9, msg=name)


@pytest.mark.parametrize("training", [True, False])
def test_outputs_equal_single_modules(networks, x, training):
    single = [copy.deepcopy(network).train(training) for network in networks]
    expected = [network(each) for network, each in zip(single, x, strict=True)]
    for stacked in (False, True):
        bank = Bank(copy.deepcopy(networks), stacked)
        assert bank.stacked is stacked
        bank.train(training)
        found = bank(_run, (x,))
        for name in ("feature_map", "pooled", "logits"):
            want = torch.stack([getattr(output, name) for output in expected])
            torch.testing.assert_close(getattr(found, name), want, rtol=1e-9, atol=1e-9)
        _assert_same_state(bank.members(), single)  # running statistics among them


@pytest.mark.parametrize("stacked", [False, True])
def test_gradients_and_their_norms_equal_single_modules(networks, x, y, stacked):
    single = copy.deepcopy(networks)
    for network, each in zip(single, x, strict=True):
        _loss(network, each, y).backward()
    bank = Bank(networks, stacked)
    bank(_loss, (x,), (y,)).sum().backward()
    for i, network in enumerate(single):
        mine = bank.trainable if stacked else networks[i].parameters()
        for found, p in zip(mine, network.parameters(), strict=True):
            if p.grad is None:  # a layer that the forward pass leaves out
                assert found.grad is None
            else:
                grad = found.grad[i] if stacked else found.grad
                torch.testing.assert_close(grad, p.grad, rtol=1e-8, atol=1e-10)
    norms = [
        torch.cat([p.grad.flatten() for p in n.parameters() if p.grad is not None]).norm()
        for n in single
    ]
    torch.testing.assert_close(bank.gradient_norms(), torch.stack(norms), rtol=1e-9, atol=0.0)


@pytest.mark.parametrize("stacked", [False, True])
def test_training_equals_single_modules(networks, x, y, stacked):
    single = copy.deepcopy(networks)
    optimizers = [torch.optim.AdamW(n.parameters(), lr=0.01, weight_decay=0.1) for n in single]
    for _ in range(3):
        for network, optimizer, each in zip(single, optimizers, x, strict=True):
            optimizer.zero_grad()
            _loss(network, each, y).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 0.5)
            optimizer.step()

    bank = Bank(networks, stacked)
    optimizer = torch.optim.AdamW(bank.trainable, lr=0.01, weight_decay=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        bank(_loss, (x,), (y,)).sum().backward()
        bank.clip_gradients(0.5)
        optimizer.step()
    _assert_same_state(bank.members(), single)


@pytest.mark.parametrize("stacked", [False, True])
def test_clipping_is_per_member_and_leaves_short_gradients(stacked):
    bank = Bank([nn.Linear(2, 1) for _ in range(3)], stacked)
    scale = torch.tensor([0.001, 1.0, 1000.0])[:, None, None]
    bank(lambda m, s: (m.weight * s).sum(), (scale,)).sum().backward()
    before = bank.gradient_norms()
    bank.clip_gradients(1.0)
    after = bank.gradient_norms()
    torch.testing.assert_close(before, 2**0.5 * scale.flatten())
    torch.testing.assert_close(after, before.clamp(max=1.0), rtol=1e-4, atol=0.0)


@pytest.mark.parametrize("stacked", [False, True])
def test_the_state_of_a_member_is_a_copy_of_its_present_weights(networks, x, y, stacked):
    bank = Bank(networks, stacked)
    with torch.no_grad():
        for p in bank.trainable:
            p.add_(1.0)
    present = [copy.deepcopy(member.state_dict()) for member in bank.members()]
    states = [(bank.state_of(p, ""), bank.state_of(p, "head.")) for p in range(P)]
    # one step further, the copies stay
    optimizer = torch.optim.SGD(bank.trainable, lr=0.1)
    bank(_loss, (x,), (y,)).sum().backward()
    optimizer.step()
    for expected, (whole, head) in zip(present, states, strict=True):
        assert whole.keys() == expected.keys()
        assert all(torch.equal(whole[name], tensor) for name, tensor in expected.items())
        assert head.keys() == {"weight", "bias"}
        assert torch.equal(head["weight"], expected["head.weight"])


@pytest.mark.parametrize("stacked", [False, True])
def test_kept_states_are_those_of_the_last_time(networks, stacked):
    bank = Bank(networks, stacked)
    kept, last = KeptStates(bank, "head."), {}
    for members in ([0, 1, 2], [1], [0, 2]):
        with torch.no_grad():
            for p in bank.trainable:
                p.add_(1.0)
        states = dict(zip(members, kept.take(members), strict=True))
        last |= states
        for p, state in states.items():
            torch.testing.assert_close(state, bank.state_of(p, "head."), rtol=0, atol=0)
    # a member that is taken again leaves the others as they were
    now = bank.state_of(1, "head.")["weight"]
    torch.testing.assert_close(last[1]["weight"], now - 1.0)
    torch.testing.assert_close(last[0]["weight"], bank.state_of(0, "head.")["weight"])


@pytest.mark.parametrize("stacked", [False, True])
def test_members_are_plain_modules_with_the_present_weights(networks, x, stacked):
    bank = Bank(networks, stacked)
    with torch.no_grad():
        for p in bank.trainable:
            p.mul_(0.5)
    bank.train(False)
    expected = bank(_run, (x,)).logits
    members = bank.members()
    assert len(bank) == len(members) == P
    for i, member in enumerate(members):
        assert type(member) is type(networks[0])
        torch.testing.assert_close(member.eval()(x[i]).logits, expected[i])


def test_a_bank_of_one_is_not_stacked():
    bank = Bank([nn.Linear(2, 1)], stacked=True)
    assert not bank.stacked
    x = torch.randn(1, 4, 2)
    assert bank(_run, (x,)).shape == (1, 4, 1)


@pytest.mark.parametrize("stacked", [False, True])
def test_frozen_parts_are_not_optimised(stacked):
    members = [nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)) for _ in range(2)]
    for member in members:
        member[0].requires_grad_(False)
    trainable = Bank(members, stacked).trainable
    assert sum(p.numel() for p in trainable) == 2 * (3 + 1)


@pytest.mark.parametrize("stacked", [False, True])
def test_nested_arguments_are_taken_apart(stacked):
    bank = Bank([nn.Linear(2, 1) for _ in range(2)], stacked)
    x = torch.randn(2, 4, 2)
    extra = (torch.tensor([1.0, 2.0]), (torch.tensor([10.0, 20.0]),))
    one, two = bank(lambda m, x, e, s: (m(x) + e[0] * s, e[1][0]), (x, extra), (3.0,))
    expected = torch.stack([m(x[i]) + (i + 1) * 3.0 for i, m in enumerate(bank.members())])
    torch.testing.assert_close(one, expected)
    assert two.tolist() == [10.0, 20.0]


@pytest.mark.parametrize("n", [1, 3])
def test_outputs_are_stacked_in_their_own_shape(n):
    outputs = [(torch.full((2,), float(i)), {"a": torch.tensor(i)}) for i in range(n)]
    first, second = stack_outputs(outputs)
    assert first.shape == (n, 2)
    assert second["a"].tolist() == list(range(n))
