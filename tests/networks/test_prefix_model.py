"""The fitted model: prediction, pickles and weights files."""

import io
import json
import pickle

import joblib
import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
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
    with pytest.raises(TypeError, match=r"architecture=Custom.*joblib\.dump"):
        model.save(tmp_path / "model.safetensors")
    assert not (tmp_path / "model.safetensors").exists()


class Stranger(FCN):
    """An architecture that the package does not have."""


def test_a_users_architecture_is_found_by_name(X, tmp_path):
    path = tmp_path / "model.safetensors"
    model = build(Stranger((4,), (3,)), X)
    model.save(path)
    loaded = PrefixModel.load(path, {"Stranger": Stranger})
    np.testing.assert_array_equal(_all_proba(loaded, X), _all_proba(model, X))


# -- files that cannot be read -------------------------------------------------------------------


@pytest.fixture
def path(model, tmp_path):
    model.save(tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def _rewrite(path, metadata=None, drop=()):
    """Write the file again with other metadata or without some tensors."""
    with safe_open(path, framework="pt") as file:
        old = file.metadata()
        tensors = {k: file.get_tensor(k) for k in file.keys() if k not in drop}  # noqa: SIM118
    save_file(tensors, path, {**old, **(metadata or {})})


def test_a_missing_file_is_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        PrefixModel.load(tmp_path / "none.safetensors")


@pytest.mark.parametrize("content", [b"", b"not weights", b"\x80\x04K\x01.", bytes(1000)])
def test_another_kind_of_file(tmp_path, content):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"path=.*model.safetensors.* is no safetensors file"):
        PrefixModel.load(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_file(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=r"path=.* is damaged"):
        PrefixModel.load(path)


def test_weights_of_somebody_else(tmp_path):
    save_file({"w": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match=r"not a file written by PrefixModel\.save"):
        PrefixModel.load(tmp_path / "other.safetensors")


@pytest.mark.parametrize("found", ["one", ""])
def test_a_format_that_is_no_number(path, found):
    _rewrite(path, {"format": found})
    with pytest.raises(ValueError, match=r"not a file written by PrefixModel\.save"):
        PrefixModel.load(path)


def test_a_newer_format(path):
    _rewrite(path, {"format": "2", "architecture": "NotYetInvented"})
    with pytest.raises(ValueError, match=r"format 2.*reads up to 1.*newer version"):
        PrefixModel.load(path)


def test_an_unknown_architecture_lists_the_known(path):
    _rewrite(path, {"architecture": "Unheard"})
    with pytest.raises(ValueError, match=r"'Unheard'; known are \[.*'FCN'.*'LSTM'"):
        PrefixModel.load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"drop": ("view.mean",)},
        {"drop": ("networks.1.head.bias",)},
        {"metadata": {"parameters": "{"}},
        {"metadata": {"parameters": '{"n_layers": 2}'}},
        {"metadata": {"parameters": '{"widths": [4, 7], "kernel_sizes": [4, 3]}'}},
        {"metadata": {"view": '{"lengths": [3, 9]}'}},
        {"metadata": {"n_classes": "5"}},
    ],
    ids=str,
)
def test_weights_and_description_that_do_not_fit(path, change):
    _rewrite(path, **change)
    with pytest.raises(ValueError, match=r"^path=.* is damaged"):
        PrefixModel.load(path)


def test_the_file_holds_no_code(path):
    _rewrite(path, {"architecture": "BaseEstimator"})
    with pytest.raises(ValueError, match="known are"):
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
