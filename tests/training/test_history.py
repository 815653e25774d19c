"""Tables of what happened."""

import pytest
import torch

from gdpd_sklearn.training._history import figures_as_numbers, history_frame


def test_figures_come_as_numbers_by_name():
    figures = {
        "task_loss": torch.tensor([1.5, 2.5], requires_grad=True),
        "accuracy": torch.tensor([0.25, 1.0], dtype=torch.float64),
    }
    assert figures_as_numbers(figures) == {"task_loss": [1.5, 2.5], "accuracy": [0.25, 1.0]}


def test_a_row_for_each_epoch_and_length_epoch_by_epoch():
    short = [{"epoch": 0, "task_loss": 3.0}, {"epoch": 1, "task_loss": 2.0}]
    long = [{"epoch": 0, "task_loss": 1.0}]  # stopped after one epoch
    table = history_frame([short, long], [5, 20])
    assert list(table.columns) == ["epoch", "prefix_length", "task_loss"]
    assert table.to_numpy().tolist() == [[0, 5, 3.0], [0, 20, 1.0], [1, 5, 2.0]]


def test_every_student_has_its_length():
    with pytest.raises(ValueError, match="zip"):
        history_frame([[{"epoch": 0}]], [5, 20])
