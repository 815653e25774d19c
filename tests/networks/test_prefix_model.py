"""The fitted model: prediction, pickles and weights files."""

import io
import json
import pickle
import resource
import time

import joblib
import numpy as np
import pytest
import torch
from corruption import N_CORRUPTIONS, corrupted
from safetensors.numpy import load, save_file
from torch import nn

from gdpd_sklearn.data import SCALINGS, PrefixView
from gdpd_sklearn.networks import (
    ARCHITECTURES,
    FCN,
    Architecture,
    Custom,
    NetworkOutput,
    PrefixModel,
    count_parameters,
)
from gdpd_sklearn.networks._prefix_model import softmax
from gdpd_sklearn.persistence import read_sealed, write_sealed

LENGTHS = (3, 9, 16)
N_CHANNELS, N_CLASSES = 2, 3


def dense(n_channels, n_timepoints):
    return nn.Sequential(nn.Flatten(), nn.Linear(n_channels * n_timepoints, 4))


def build(architecture, X, scaling="standard"):
    """Make a model whose batch norms have seen data."""
    view = PrefixView.fit(X, LENGTHS, 16, scaling)
    networks = [architecture.build(N_CHANNELS, 16, N_CLASSES, seed) for seed in range(3)]
    for point, network in enumerate(networks):
        network.train()
        network(view(torch.as_tensor(X, dtype=torch.float32), point))
    return PrefixModel(networks, view, architecture)


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(3.0, 2.0, size=(7, N_CHANNELS, 16))


@pytest.fixture
def model(X):
    return build(FCN((4, 6), (4, 3)), X)


def _all_proba(model, X):
    return np.stack([model.predict_proba(X, point) for point in range(len(model))])


def test_probabilities_are_the_softmax_of_the_network(model, X):
    for point in range(3):
        with torch.no_grad():
            x = model.view(torch.as_tensor(X, dtype=torch.float32), point)
            logits = model[point](x).logits.double().numpy()
        expected = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        np.testing.assert_allclose(model.predict_proba(X, point), expected, atol=1e-6)
    assert not np.allclose(model.predict_proba(X, 0), model.predict_proba(X, 2), atol=1e-3)


def test_rows_sum_to_one_even_for_extreme_logits(model, X):
    with torch.no_grad():
        model[0].head.weight.mul_(1e6)
    proba = model.predict_proba(X)
    assert proba.dtype == np.float64
    assert np.isfinite(proba).all()
    np.testing.assert_allclose(proba.sum(1), 1.0, rtol=0, atol=1e-15)


def test_the_batch_does_not_matter(model, X):
    together = model.predict_proba(X, 1)
    alone = np.concatenate([model.predict_proba(case[None], 1) for case in X])
    np.testing.assert_allclose(alone, together, atol=1e-6)
    many = model.predict_proba(np.tile(X, (300, 1, 1)), 1)  # more than one chunk
    assert many.shape == (2100, N_CLASSES)
    np.testing.assert_allclose(many, np.tile(together, (300, 1)), atol=1e-6)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_what_follows_the_prefix_is_not_looked_at(X, scaling):
    model = build(FCN((4,), (3,)), X, scaling)
    for point, length in enumerate(LENGTHS):
        poisoned = X.copy()
        poisoned[..., length:] = np.nan
        expected = model.predict_proba(X, point)
        np.testing.assert_array_equal(model.predict_proba(poisoned, point), expected)
        np.testing.assert_array_equal(model.predict_proba(X[..., :length], point), expected)


def test_prediction_changes_nothing(model, X):
    before = {name: t.clone() for name, t in model.networks.state_dict().items()}
    model.predict_proba(X)
    assert not model.networks.training
    for name, tensor in model.networks.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_taking_one_output_leaves_inference_mode(model, X):
    outputs = model.outputs(torch.as_tensor(X, dtype=torch.float32))
    assert isinstance(next(outputs), NetworkOutput)
    assert not torch.is_inference_mode_enabled()


def test_it_knows_its_sizes(model):
    assert (len(model), model.lengths) == (3, LENGTHS)
    assert (model.n_channels, model.n_classes) == (N_CHANNELS, N_CLASSES)


@pytest.mark.parametrize("way", ["pickle", "joblib"])
@pytest.mark.parametrize("architecture", [FCN(), Custom(dense)], ids=["fcn", "custom"])
def test_round_trip_gives_identical_probabilities(architecture, way, X, tmp_path):
    model = build(architecture, X)
    if way == "pickle":
        copied = pickle.loads(pickle.dumps(model))
    else:
        joblib.dump(model, tmp_path / "model.joblib")
        copied = joblib.load(tmp_path / "model.joblib")
    np.testing.assert_array_equal(_all_proba(copied, X), _all_proba(model, X))
    assert copied.lengths == model.lengths
    assert not copied.networks.training


def test_state_is_numpy_and_plain_python(model):
    state = model.__getstate__()
    assert state.keys() == {"format", "architecture", "arrays", "view", "n_classes"}
    assert all(type(array) is np.ndarray for array in state["arrays"].values())
    assert json.loads(json.dumps(state["view"])) == state["view"]


def test_state_is_taken_to_the_cpu_from_elsewhere(model, monkeypatch):
    # without an accelerator at hand, only the call itself can be seen
    moved = set()
    on_cpu = torch.Tensor.cpu
    monkeypatch.setattr(torch.Tensor, "cpu", lambda t: moved.add(t.data_ptr()) or on_cpu(t))
    model.__getstate__()
    assert moved >= {t.data_ptr() for t in model.networks.state_dict().values()}


def test_a_copy_does_not_share_weights(model, X):
    copied = pickle.loads(pickle.dumps(model))
    expected = model.predict_proba(X)
    with torch.no_grad():
        for p in copied.networks.parameters():
            p.zero_()
    np.testing.assert_array_equal(model.predict_proba(X), expected)


def test_a_pickle_holds_nothing_of_the_scaffolding(model, X):
    found = set()

    class Recorder(pickle.Unpickler):
        def find_class(self, module, name):
            found.add(f"{module}.{name}")
            return super().find_class(module, name)

    model.predict_proba(X)
    written = pickle.dumps(model)
    Recorder(io.BytesIO(written)).load()
    ours = {name for name in found if name.startswith("gdpd_sklearn")}
    assert all(name.split(".")[1] in ("networks", "data") for name in ours), ours
    assert not any("optim" in name or "RandomState" in name for name in found), found
    n_bytes = sum(array.nbytes for array in model.__getstate__()["arrays"].values())
    assert len(written) < n_bytes + 10_000


def test_a_pickle_of_a_newer_format_is_a_clear_error(model):
    state = model.__getstate__() | {"format": 99}
    with pytest.raises(ValueError, match=r"format 99.*reads up to 1.*newer version"):
        PrefixModel.__new__(PrefixModel).__setstate__(state)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_weights_file_round_trip(name, X, tmp_path):
    model = build(ARCHITECTURES[name](), X)
    model.save(tmp_path / "model.safetensors")
    loaded = PrefixModel.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(_all_proba(loaded, X), _all_proba(model, X))
    assert loaded.lengths == LENGTHS
    assert loaded.architecture.get_params() == model.architecture.get_params()
    assert count_parameters(loaded.networks) == count_parameters(model.networks)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_weights_file_keeps_the_view(scaling, X, tmp_path):
    model = build(FCN((4,), (3,)), X, scaling)
    model.save(str(tmp_path / "model.safetensors"))
    loaded = PrefixModel.load(str(tmp_path / "model.safetensors"))
    assert loaded.view.scaling == scaling
    np.testing.assert_array_equal(_all_proba(loaded, X), _all_proba(model, X))


def test_loading_leaves_torchs_random_state(model, tmp_path):
    model.save(tmp_path / "model.safetensors")
    before = torch.get_rng_state()
    PrefixModel.load(tmp_path / "model.safetensors")
    assert torch.equal(torch.get_rng_state(), before)


def test_numpy_numbers_in_a_recipe_are_stored(X, tmp_path):
    model = build(ARCHITECTURES["lite"]().set_params(n_filters=np.int64(3)), X)
    model.save(tmp_path / "model.safetensors")
    assert PrefixModel.load(tmp_path / "model.safetensors").architecture.n_filters == 3


@pytest.mark.parametrize(
    "backbone", [dense, nn.Conv1d(N_CHANNELS, 4, 3)], ids=["factory", "module"]
)
def test_code_cannot_go_into_a_weights_file(backbone, X, tmp_path):
    model = build(Custom(backbone), X)
    with pytest.raises(TypeError, match=r"architecture\.backbone=.*joblib\.dump"):
        model.save(tmp_path / "model.safetensors")
    assert not (tmp_path / "model.safetensors").exists()


class Stranger(FCN):
    """An architecture that the package does not have."""


def test_a_users_architecture_is_handed_in(X, tmp_path):
    path = tmp_path / "model.safetensors"
    model = build(Stranger((4,), (3,)), X)
    model.save(path)
    with pytest.raises(ValueError, match=r"path=.* holds the part '.*test_prefix_model\.Stranger'"):
        PrefixModel.load(path)
    loaded = PrefixModel.load(path, [Stranger])
    np.testing.assert_array_equal(_all_proba(loaded, X), _all_proba(model, X))


def test_a_users_architecture_of_one_of_our_names_is_not_taken_for_ours(model, X, tmp_path):
    namesake = type("FCN", (FCN,), {"__module__": "mine"})
    assert namesake in FCN.__subclasses__()
    path = tmp_path / "model.safetensors"
    model.save(path)
    assert type(PrefixModel.load(path).architecture) is FCN
    build(namesake((4,), (3,)), X).save(path)
    with pytest.raises(ValueError, match=r"holds the part 'mine\.FCN'"):
        PrefixModel.load(path)
    assert type(PrefixModel.load(path, [namesake]).architecture) is namesake


# -- files that cannot be read -------------------------------------------------------------------


@pytest.fixture
def path(model, tmp_path):
    model.save(tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def _sealed_anew(path, change=None, arrays=None, drop=()):
    """Write the file as a stranger would who knows how to seal."""
    about, old = read_sealed(path, "PrefixModel")
    for key, value in (change or {}).items():
        *way, last = [key] if key.startswith("networks.") else key.split(".")
        place = about
        for step in way:
            place = place[step]
        place[last] = value
    kept = {key: array for key, array in old.items() if key not in drop}
    write_sealed(path, "PrefixModel", about, kept | (arrays or {}))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_file(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=r"path=.* is damaged"):
        PrefixModel.load(path)


def test_damage_is_refused(path, tmp_path):
    broken = tmp_path / "broken"
    for changed in corrupted(path.read_bytes(), N_CORRUPTIONS, seed=0):
        broken.write_bytes(changed)
        with pytest.raises(ValueError, match=r"^path=.*broken' is"):
            PrefixModel.load(broken)


def test_a_hole_in_the_weights_is_refused(path):
    content = path.read_bytes()
    path.write_bytes(content[:-40] + bytes(40))
    with pytest.raises(ValueError, match=r"path=.* is damaged: its content is not what its digest"):
        PrefixModel.load(path)


def test_weights_of_somebody_else(tmp_path):
    save_file({"w": np.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match=r"path=.* is not a file written by gdpd_sklearn"):
        PrefixModel.load(tmp_path / "other.safetensors")


def test_other_tools_read_the_weights(model, path):
    arrays = load(path.read_bytes())
    for name, tensor in model.networks.state_dict().items():
        np.testing.assert_array_equal(arrays[f"networks.{name}"], tensor.numpy())


VIEW = {"input_length": 16, "scaling": "standard", "stretched": True, "exact": False}
PARAMETERS = "architecture.part.parameters"


def _view(**changed):
    return {"dict": [list(pair) for pair in {"lengths": [3, 9, 16], **VIEW, **changed}.items()]}


@pytest.mark.parametrize(
    "change",
    [
        {"drop": ("view.mean",)},
        {"drop": ("networks.1.head.bias",)},
        {"change": {"architecture": None}},
        {"change": {"architecture": []}},
        {"change": {PARAMETERS: None}},
        {"change": {PARAMETERS: []}},
        {"change": {PARAMETERS: {"members": {"n_layers": 2}}}},
        {"change": {PARAMETERS: {"members": {"widths": {"tuple": [4, 7]}}}}},
        {"change": {"architecture.part.learned": {"members": {"build": 3}}}},
        {"change": {"view": {"dict": []}}},
        {"change": {"view": _view(lengths=[3, 9])}},
        {"change": {"view": _view(lengths=[0, 9, 16])}},
        {"change": {"view": _view(lengths=[-5, 9, 16])}},
        {"change": {"view": _view(lengths=[3, 9, 10**9])}},
        {"change": {"view": _view(lengths=[3, 9, 10**400])}},
        {"change": {"view": _view(lengths="abc")}},
        {"change": {"view": _view(input_length=10**9)}},
        {"change": {"view": _view(input_length=2**22)}},
        {"change": {"view": _view(scaling="x")}},
        {"change": {"view": _view(stretched=None)}},
        {"change": {"view": _view(stretched=False)}},
        {"change": {"view": _view(exact=2)}},
        {"change": {"n_classes": 5}},
        {"change": {"n_classes": "3"}},
        {"change": {"n_classes": 1}},
        {"arrays": {"view.std": np.zeros(N_CHANNELS, np.float32)}},
        {"arrays": {"view.std": np.full(N_CHANNELS, np.nan, np.float32)}},
        {"arrays": {"view.mean": np.float32(1.0)}},
        {"arrays": {"networks.0.head.bias": np.full(N_CLASSES, np.nan, np.float32)}},
        {"arrays": {"networks.0.head.bias": np.zeros(N_CLASSES, np.int32)}},
        {"arrays": {"networks.0.head.bias": np.zeros(N_CLASSES)}},
        {"change": {"networks.0.head.bias": {"array": "nowhere"}}},
    ],
    ids=lambda change: str(change)[:60],
)
def test_what_no_fit_writes_is_refused(path, change):
    _sealed_anew(path, **change)
    with pytest.raises(ValueError, match=r"^path=.*model\.safetensors.*( is damaged| holds)"):
        PrefixModel.load(path)


def test_a_file_with_its_seal_renewed_loads(path, model, X):
    _sealed_anew(path, {"view": _view()})
    np.testing.assert_array_equal(_all_proba(PrefixModel.load(path), X), _all_proba(model, X))


def test_the_classes_of_a_file_are_architectures_alone(path):
    _sealed_anew(path, {"architecture.part.class": "gdpd_sklearn.distillers.GDPD"})
    with pytest.raises(ValueError, match=r"known are \['gdpd_sklearn\.networks\."):
        PrefixModel.load(path)
    assert issubclass(FCN, Architecture)


# numbers ------------------------------------------------------------------------------------------


def test_probabilities_that_are_no_numbers_name_the_case_and_its_value():
    X = np.zeros((3, 1, 5))
    X[1, 0, 2] = -7e37
    logits = np.array([[1.0, 2.0], [np.nan, 0.0], [3.0, 4.0]], dtype=np.float32)
    with pytest.raises(ValueError, match=r"no finite probabilities in case 1, .* value is 7e\+37"):
        softmax(logits, X)
    with pytest.raises(ValueError, match=r"no finite probabilities in case 2"):
        softmax(np.stack([logits[[0, 0, 2]], np.where(logits > 2, np.inf, logits)[[0, 0, 2]]]))
    assert softmax(np.array([[-3e38, 3e38]], dtype=np.float32)).tolist() == [[0.0, 1.0]]


def test_a_model_has_finite_weights_however_it_comes_about(model):
    with torch.no_grad():
        model.networks[0].head.weight[0, 0] = torch.nan
    with pytest.raises(ValueError, match=r"weights .* of a fitted model must be finite"):
        PrefixModel(list(model.networks), model.view, model.architecture)
    with pytest.raises(ValueError, match=r"weights .* of a fitted model must be finite"):
        pickle.loads(pickle.dumps(model))
    model.networks[0].head.weight.data.zero_()
    model.view.std[0] = 0.0
    with pytest.raises(ValueError, match=r"standard deviations above 0"):
        PrefixModel(list(model.networks), model.view, model.architecture)


@pytest.mark.parametrize("name", ["fcn", "lite", "lstm", "resnet", "inception_time", "rocket"])
def test_hyperparameters_of_a_file_cost_no_more_than_the_file_is(name, X, tmp_path):
    model = build(ARCHITECTURES[name](), X)
    path = tmp_path / "model.safetensors"
    model.save(path)
    given = model.architecture.get_params(deep=False)
    limit = 4 * path.stat().st_size + 2**23
    for parameter, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | tuple):
            continue
        huge = 10**9 if isinstance(value, int) else (10**9, *value[1:])
        changed = {**given, parameter: huge}
        changed = {k: {"tuple": list(v)} if type(v) is tuple else v for k, v in changed.items()}
        model.save(path)
        _sealed_anew(path, {PARAMETERS: {"members": changed}})
        before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        try:
            loaded = PrefixModel.load(path)
        except ValueError as error:
            assert str(path) in str(error)  # noqa: PT017
        else:
            # a bound of which the weights do not depend
            np.testing.assert_array_equal(_all_proba(loaded, X), _all_proba(model, X))
        assert time.process_time() - start < 10, parameter
        assert 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) < limit
