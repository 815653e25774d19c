"""Torch as a fit expects it, and as it was found."""

import inspect
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from synthetic import EARLY, TINY, make_series
from torch import nn
from torch.nn import init

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier, _isolation
from gdpd_sklearn._isolation import isolated_torch_seed, plain_torch
from gdpd_sklearn._seeding import torch_generator
from gdpd_sklearn.networks import ARCHITECTURES


@contextmanager
def default_dtype(dtype):
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def default_device(device):
    torch.set_default_device(device)
    try:
        yield
    finally:
        torch.set_default_device(None)


SURROUNDINGS = {
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "default float64": lambda: default_dtype(torch.float64),
    "default float16": lambda: default_dtype(torch.float16),
    "default device": lambda: default_device("meta"),
    "device block": lambda: torch.device("meta"),
}


# -- seeds


@pytest.mark.usefixtures("global_states")
def test_the_seeded_block_is_that_of_the_global_generator():
    def draw(seed):
        with isolated_torch_seed(seed):
            return torch.rand(4)

    for seed in (1, 2):
        assert torch.equal(draw(seed), torch.rand(4, generator=torch_generator(seed)))


@pytest.mark.usefixtures("global_states")
@pytest.mark.parametrize("layer", [lambda: nn.Linear(3, 4), lambda: nn.LSTM(2, 5, 2)])
def test_layers_begin_as_after_manual_seed(layer):
    with isolated_torch_seed(5):
        ours = layer().state_dict()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        expected = layer().state_dict()
    for name, tensor in expected.items():
        assert torch.equal(ours[name], tensor)


@pytest.mark.usefixtures("global_states")
def test_the_block_is_undone_after_an_error():
    def fail():
        with isolated_torch_seed(1):
            raise KeyError(torch.rand(4))

    with pytest.raises(KeyError):
        fail()
    assert not torch.overrides._get_current_function_mode_stack()


def test_threads_within_the_block_do_not_share_it():
    inside, drawn = threading.Barrier(2), {}

    def draw(seed):
        with isolated_torch_seed(seed):
            inside.wait(30)
            drawn[seed] = torch.stack([torch.rand(4) for _ in range(50)])

    threads = [threading.Thread(target=draw, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, found in drawn.items():
        assert torch.equal(found.ravel(), torch.rand(200, generator=torch_generator(seed)))


def test_all_that_takes_a_generator_gets_one():
    takes = {
        func
        for func, stand_in in torch.overrides.get_testing_overrides().items()
        if "generator" in inspect.signature(stand_in).parameters
        and not getattr(func, "__name__", "_").startswith("_")
    }
    takes |= {
        func
        for name, func in vars(init).items()
        if name.endswith("_") and not name.startswith("_")
        and "generator" in inspect.signature(func).parameters
    }  # fmt: skip
    missing = {func.__name__ for func in takes - _isolation._RANDOM}
    assert not missing


def test_a_fit_and_a_thread_beside_it_do_not_meet():
    X, y = make_series()
    clf = GDPDClassifier(**TINY)
    alone = clf.fit(X, y).predict_proba(X)
    # a thread of its own seed, as a user's training beside ours
    stop, seen = threading.Event(), []
    before = torch.get_rng_state()
    torch.manual_seed(7)

    def draw():
        while not stop.is_set():
            seen.append(torch.rand(1).item())
            time.sleep(1e-4)  # or nobody else gets far

    beside = threading.Thread(target=draw)
    beside.start()
    try:
        fitted = [GDPDClassifier(**TINY).fit(X, y).predict_proba(X) for _ in range(3)]
    finally:
        stop.set()
        beside.join()
        torch.set_rng_state(before)
    for found in fitted:
        np.testing.assert_array_equal(found, alone)
    expected = torch.stack([torch.rand(1, generator=g) for g in [torch_generator(7)] for _ in seen])
    assert seen == expected.ravel().tolist()


DROPOUTS = [nn.Dropout(0.3), nn.Dropout1d(0.3), nn.Dropout(0.3, inplace=True), nn.Dropout2d(0.3)]


@pytest.mark.usefixtures("global_states")
@pytest.mark.parametrize("layer", DROPOUTS, ids=repr)
def test_dropout_draws_from_the_block(layer):
    x = torch.ones(200, 50, 4) if not isinstance(layer, nn.Dropout2d) else torch.ones(20, 50, 4, 10)
    drawn = []
    for _ in range(2):
        with isolated_torch_seed(3):
            drawn.append(layer.train()(x.clone()))
            assert torch.equal(layer.eval()(x.clone()), x)
    assert torch.equal(*drawn)
    kept = drawn[0] != 0
    assert kept.float().mean().item() == pytest.approx(0.7, abs=0.03)
    torch.testing.assert_close(drawn[0][kept], torch.full_like(drawn[0][kept], 1 / 0.7))
    if not isinstance(layer, nn.Dropout):  # whole channels
        flat = kept.flatten(2)
        assert torch.equal(flat.all(-1), flat.any(-1))


def with_dropout(n_channels, n_timepoints):
    return nn.Sequential(nn.Conv1d(n_channels, 4, 3), nn.ReLU(), nn.Dropout(0.5))


@pytest.mark.usefixtures("global_states")
def test_a_students_dropout_is_of_the_fit():
    X, y = make_series()
    setting = {**TINY, "student": with_dropout, "distiller": "none"}
    one, same = (GDPDClassifier(**setting).fit(X, y).predict_proba(X) for _ in range(2))
    np.testing.assert_array_equal(one, same)


# -- surroundings


@pytest.fixture(scope="module")
def undisturbed():
    X, y = make_series()
    found = {}
    for name, setting in SETTINGS.items():
        early = name != "plain"
        make = GDPDEarlyClassifier if early else GDPDClassifier
        clf = make(**setting).fit(X, y)
        found[name] = make, clf, _answers(clf, X)
    return X, y, found


def _answers(clf, X):
    if isinstance(clf, GDPDClassifier):
        return clf.predict_proba(X)
    stream = clf.stream()
    stream.push_many(dict(enumerate(X)))
    streamed = np.array([stream.decisions[i].probabilities for i in range(len(X))])
    # few are answered in numpy, many by torch
    few, many = (clf.predict_early(cases).probabilities for cases in (X[:3], X))
    return np.concatenate([few, many, streamed])


SETTINGS = {
    "plain": {**TINY, "student": "fcn", "teacher": "lstm1-8", "distiller": "gdpd"},
    "shared": EARLY,
    "separate": {**EARLY, "shared": False, "student": "fcn"},
    "closed form": {**EARLY, "shared": False, "student": None},
}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("surrounding", SURROUNDINGS)
def test_surroundings_change_no_fit_and_no_answer(undisturbed, name, surrounding):
    X, y, found = undisturbed
    make, clf, expected = found[name]
    with SURROUNDINGS[surrounding]():
        answered = _answers(clf, X)
        refitted = make(**SETTINGS[name]).fit(X, y)
        inside = _answers(refitted, X)
    np.testing.assert_array_equal(answered, expected)
    np.testing.assert_array_equal(inside, expected)
    np.testing.assert_array_equal(_answers(refitted, X), expected)


@pytest.mark.parametrize("surrounding", ["inference_mode", "default float64", "default device"])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_surroundings_change_no_network(name, surrounding):
    build = ARCHITECTURES[name]().build
    expected = build(2, 20, 3, seed=0).state_dict()
    with SURROUNDINGS[surrounding]():
        network = build(2, 20, 3, seed=0)
    for key, tensor in network.state_dict().items():
        assert tensor.dtype == expected[key].dtype
        assert torch.equal(tensor, expected[key])
    network(torch.randn(2, 2, 20)).logits.sum()


def test_explicit_types_stay_where_the_default_is_another():
    with default_dtype(torch.float64), plain_torch():
        assert torch.zeros(2).dtype == torch.float32
        assert torch.tensor([0.5]).dtype == torch.float32
        assert (torch.arange(3) / 2).dtype == torch.float32
        assert torch.full((2,), 0.5).dtype == torch.float32
        assert torch.zeros(2, dtype=torch.float64).dtype == torch.float64
        assert torch.zeros(2).double().dtype == torch.float64
        assert torch.as_tensor(np.zeros(2)).dtype == torch.float64
        assert torch.from_numpy(np.zeros(2)).dtype == torch.float64
        assert (torch.zeros(2).double() + 1).dtype == torch.float64
    assert torch.zeros(2).dtype == torch.float32


# -- fork


FORKING = """
import os, sys, warnings
import numpy as np
import torch
warnings.simplefilter("ignore")
torch.set_num_threads(2)
from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.networks import FCN
rng = np.random.default_rng(0)
y = np.arange(40) % 2
X = rng.normal(size=(40, 1, 50)) + y[:, None, None]
small = FCN((16,), (8,))
few = dict(n_epochs=1, teacher=small, student=small, random_state=0)
early = dict(classification_points=2, n_folds=2, random_state=0)
fitted = [
    GDPDClassifier(**few).fit(X, y),
    GDPDEarlyClassifier(**{**early, **few}, shared=False).fit(X, y),
    GDPDEarlyClassifier(**early).fit(X, y),
]
expected = [clf.predict(X) for clf in fitted]
for n in (1, 40):
    if os.fork() == 0:
        same = True
        for clf, one in zip(fitted, expected):
            found = clf.predict(X[:n])
            same &= np.array_equal(np.ravel(found[0] if isinstance(found, tuple) else found),
                                   np.ravel(one[0] if isinstance(one, tuple) else one)[:n])
        fitted[0].fit(X, y)
        os._exit(0 if same else 3)
    _, status = os.wait()
    assert os.waitstatus_to_exitcode(status) == 0, status
print("answered", torch.get_num_threads())
"""


# threads that sleep while they wait: they take nothing from other tests
TWO_THREADS = {"OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork has no such fault")
def test_a_forked_child_answers_where_its_parent_has_answered():
    done = subprocess.run(
        [sys.executable, "-c", FORKING], env={**os.environ, **TWO_THREADS},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["answered", "2"], done.stderr
