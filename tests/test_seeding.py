"""Seeds: reproducible, separate, and without a trace in global states."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from gdpd_sklearn._seeding import isolated_torch_seed, root_seed, stream_seed, torch_generator


@pytest.fixture
def global_states():
    """Compare the global random states before and after a block."""

    def states():
        kind, keys, *rest = np.random.get_state()  # noqa: NPY002
        return (kind, keys.tolist(), rest, torch.get_rng_state().tolist())

    before = states()
    yield
    assert states() == before


def test_an_int_always_gives_the_same_root():
    assert root_seed(7) == root_seed(7)
    assert root_seed(7) != root_seed(8)


def test_a_random_state_is_advanced():
    state = np.random.RandomState(7)
    first, second = root_seed(state), root_seed(state)
    assert first == root_seed(7)
    assert first != second


@pytest.mark.usefixtures("global_states")
def test_none_differs_each_time_and_leaves_the_global_state():
    assert len({root_seed(None) for _ in range(5)}) == 5


def test_a_wrong_random_state_is_refused():
    with pytest.raises(ValueError, match="seed"):
        root_seed("seven")


def test_streams_depend_on_root_and_name_alone():
    seeds = {(root, name): stream_seed(root, name) for root in range(5) for name in "abcde"}
    assert len(set(seeds.values())) == 25
    assert all(stream_seed(root, name) == seed for (root, name), seed in seeds.items())


def test_stream_seeds_are_the_same_in_every_version():
    # files and papers refer to seeds: a changed derivation would change published results
    assert stream_seed(0, "teacher") == 3356666429


@pytest.mark.usefixtures("global_states")
def test_a_generator_is_its_own():
    one, two = torch_generator(3), torch_generator(3)
    draws = torch.rand(4, generator=one)
    assert torch.equal(draws, torch.rand(4, generator=two))
    assert not torch.equal(draws, torch.rand(4, generator=one))


@pytest.mark.usefixtures("global_states")
def test_the_seeded_block_is_repeatable_and_undone():
    def draw(seed):
        with isolated_torch_seed(seed):
            return torch.rand(4)

    assert torch.equal(draw(1), draw(1))
    assert not torch.equal(draw(1), draw(2))


@pytest.mark.usefixtures("global_states")
def test_the_block_is_undone_after_an_error():
    def fail():
        with isolated_torch_seed(1):
            raise KeyError(torch.rand(4))

    with pytest.raises(KeyError):
        fail()


@pytest.mark.usefixtures("global_states")
def test_a_second_thread_does_not_enter_before_the_first_has_left():
    first_inside, second_inside = threading.Event(), threading.Event()

    def first():
        with isolated_torch_seed(1):
            first_inside.set()
            second_inside.wait(0.3)  # long enough for the second, were it let in
            return torch.rand(4)

    def second():
        first_inside.wait(30)
        with isolated_torch_seed(2):
            second_inside.set()
            return torch.rand(4)

    with ThreadPoolExecutor(2) as threads:
        drawn = [threads.submit(first), threads.submit(second)]
    for seed, future in enumerate(drawn, 1):
        assert torch.equal(future.result(), torch.rand(4, generator=torch_generator(seed)))
