"""Switches of the process are set while fits are under way, and found as they were."""

import os
import threading

import pytest
import torch

from gdpd_sklearn._determinism import same_twice


def switches():
    return (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
        torch.utils.deterministic.fill_uninitialized_memory,
        torch.backends.cudnn.deterministic,
        torch.backends.cudnn.benchmark,
    )


@pytest.fixture(autouse=True)
def _as_found(monkeypatch):
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    before = switches()
    yield
    torch.use_deterministic_algorithms(before[0], warn_only=before[1])
    torch.utils.deterministic.fill_uninitialized_memory = before[2]
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = before[3:]


def test_set_within_and_restored_after():
    torch.backends.cudnn.benchmark = True
    before = switches()
    with same_twice("cuda"):
        assert switches() == (True, True, False, True, False)
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
        with same_twice("cuda:0"):
            pass
        assert switches() == (True, True, False, True, False)
    assert switches() == before


def test_restored_after_an_error():
    before = switches()
    with pytest.raises(ValueError, match="lost"), same_twice("cuda"):
        raise ValueError("lost")
    assert switches() == before


def test_a_process_that_wants_errors_keeps_them():
    torch.use_deterministic_algorithms(True)
    with same_twice("cuda"):
        assert switches()[:2] == (True, False)
    assert switches()[:2] == (True, False)


def test_a_setting_of_the_users_stays(monkeypatch):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    with same_twice("cuda"):
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"


def test_other_devices_change_nothing():
    before = switches()
    with same_twice("cpu"):
        assert switches() == before
    assert "CUBLAS_WORKSPACE_CONFIG" not in os.environ


def test_the_last_of_several_threads_restores():
    before = switches()
    first_is_in, second_is_in, first_is_out = (threading.Event() for _ in range(3))
    seen = []

    def first():
        with same_twice("cuda"):
            first_is_in.set()
            second_is_in.wait(5)
        first_is_out.set()

    def second():
        first_is_in.wait(5)
        with same_twice("cuda"):
            second_is_in.set()
            first_is_out.wait(5)
            seen.append(switches())

    threads = [threading.Thread(target=each) for each in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [(True, True, False, True, False)]
    assert switches() == before
