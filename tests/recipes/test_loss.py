"""The supervised loss against plain loops."""

import numpy as np
import pytest
import torch

from gdpd_sklearn.recipes import supervised_loss

LOGITS = torch.tensor([[1.0, -0.5, 0.2], [0.1, 0.4, 2.0], [-1.0, 0.0, 0.3], [0.5, 0.5, 0.5]])


def by_hand(logits, target, weight):
    total = weights = 0.0
    for row, code in zip(logits.numpy().astype(float), target.tolist(), strict=True):
        total += weight[code] * (np.log(np.exp(row).sum()) - row[code])
        weights += weight[code]
    return total / weights


@pytest.mark.parametrize("weight", [None, (1.0, 2.0, 0.5), (0.0, 2.0, 0.5), (0.0, 0.0, 3.0)])
def test_is_the_mean_weighted_by_class(weight):
    target = torch.tensor([0, 2, 1, 2])
    loss = supervised_loss(None if weight is None else torch.tensor(weight))
    expected = by_hand(LOGITS, target, weight or (1.0, 1.0, 1.0))
    assert float(loss(LOGITS, target)) == pytest.approx(expected, rel=1e-6)


def test_a_batch_in_which_no_case_counts_teaches_nothing():
    logits = LOGITS.clone().requires_grad_()
    loss = supervised_loss(torch.tensor([0.0, 1.0, 1.0]))(logits, torch.zeros(4, dtype=torch.long))
    loss.backward()
    assert loss.item() == 0.0
    assert not logits.grad.any()


@pytest.mark.parametrize("by_class", [None, (1.0, 2.0, 0.5), (0.0, 2.0, 0.5)])
def test_weights_of_cases_multiply_their_losses(by_class):
    target, weight = torch.tensor([0, 2, 1, 2]), torch.tensor([0.5, 3.0, 0.0, 0.5])
    loss = supervised_loss(None if by_class is None else torch.tensor(by_class))
    classes = by_class or (1.0, 1.0, 1.0)
    total = 0.0
    for row, code, each in zip(LOGITS.numpy().astype(float), target, weight, strict=True):
        total += each * classes[code] * (np.log(np.exp(row).sum()) - row[code])
    expected = total / sum(classes[code] for code in target)
    assert float(loss(LOGITS, target, weight)) == pytest.approx(float(expected), rel=1e-6)
