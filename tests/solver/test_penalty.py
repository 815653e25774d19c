"""The choice of a penalty, against a plain loop."""

import numpy as np
import torch

from gdpd_sklearn.solver._penalty import Answers


def test_the_least_weighted_left_out_error_wins():
    random = np.random.default_rng(0)
    n, r, k = 12, 5, 2
    values = np.linalg.qr(random.normal(size=(n, r)))[0] * [3, 2, 1, 0.5, 0.1]
    values -= values.mean(0)
    eigenvalues, basis = np.linalg.eigh(values.T @ values)
    coordinates = values @ basis
    targets = random.normal(size=(n, k)) + 3 * values[:, :1]
    centre = targets.mean(0)
    right = coordinates.T @ (targets - centre)
    weight = np.ones(n)
    penalties = [1e-3, 0.1, 1.0, 30.0]
    errors, margins = [], []
    for penalty in penalties:
        left_out = np.empty((n, k))
        for case in range(n):
            rest = np.arange(n) != case
            x, y = coordinates[rest], targets[rest]
            middle = x.mean(0)
            centred = x - middle
            head = np.linalg.solve(
                centred.T @ centred + penalty * np.eye(r), centred.T @ (y - y.mean(0))
            )
            left_out[case] = (coordinates[case] - middle) @ head + y.mean(0)
        margins.append(left_out)
        errors.append(((targets - left_out) ** 2).mean())
    answers = Answers(*(torch.as_tensor(a) for a in (coordinates, eigenvalues, right, centre)))
    number, left_out = answers.least_error(
        torch.as_tensor(targets), torch.as_tensor(weight), torch.as_tensor(weight / n),
        torch.tensor(penalties, dtype=torch.float64),
    )  # fmt: skip
    assert number == int(np.argmin(errors))
    np.testing.assert_allclose(left_out.numpy(), margins[number], atol=1e-9)
