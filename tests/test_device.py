"""Devices: resolved when used."""

import pytest
import torch

from gdpd_sklearn._device import resolve_device, sized_for


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_takes_the_best_there_is(monkeypatch, cuda, mps, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert resolve_device("auto") == torch.device(expected)


def test_sizes_are_a_cores_on_a_cpu_alone():
    assert sized_for(torch.device("cpu"), cpu=3, gpu=9) == 3
    assert sized_for(torch.device("cuda:1"), cpu=3, gpu=9) == 9


def test_names_and_devices_pass():
    assert resolve_device("cpu") == torch.device("cpu")
    assert resolve_device(torch.device("cpu")) == torch.device("cpu")


def test_the_index_of_a_device_is_kept(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolve_device("cuda:1") == torch.device("cuda", 1)


@pytest.mark.parametrize("device", ["cuda", "cuda:0", "mps"])
def test_an_absent_device_is_a_clear_error(monkeypatch, device):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ValueError, match=f"device='{device}' is not available.*'cpu'"):
        resolve_device(device)


@pytest.mark.parametrize("device", ["gpu", "", "cpu:x", None, 1.5, 2**100])
def test_what_torch_does_not_know_is_a_clear_error(device):
    with pytest.raises(ValueError, match=r"device=.* is no torch device; use 'auto'"):
        resolve_device(device)
