"""A solved student, taken apart for training and put together again."""

import copy

import numpy as np
import pytest
import torch

from gdpd_sklearn.data import Cases, PrefixView
from gdpd_sklearn.distillers import NoDistillation
from gdpd_sklearn.networks import Rocket
from gdpd_sklearn.solver import solve, unfold
from gdpd_sklearn.solver._unfold import CoordinateView

LENGTHS, N_CASES, N_CLASSES = (1, 8, 30), 20, 3


def _series(seed, n_cases=N_CASES):
    random = np.random.default_rng(seed)
    y = torch.arange(n_cases) % N_CLASSES
    noise = torch.as_tensor(random.normal(size=(n_cases, 2, 30)), dtype=torch.float32)
    return Cases(noise + 0.7 * y[:, None, None] * torch.linspace(0, 1, 30), y)


def _start(n_coordinates):
    train, validation = _series(0), _series(1, 9)
    view = PrefixView.fit(train.x.numpy(), LENGTHS, 30, "standard", stretched=False)
    solved = solve(
        Rocket(400), NoDistillation(), view, train, None, None, N_CLASSES, 0,
        n_coordinates=n_coordinates,
    )  # fmt: skip
    return view, train, validation, solved, unfold(solved, view, validation, N_CLASSES)


def _logits(network, view, x):
    with torch.no_grad():
        output = network.double().at_steps(view.scale(x).double(), torch.tensor(LENGTHS))
    return output.logits.unflatten(0, (len(LENGTHS), -1))


def _of_students(students, view, cases):
    seen = view.all_points(cases.x)
    with torch.no_grad():
        return torch.stack([s(x).logits for s, x in zip(students, seen, strict=True)]).double()


@pytest.mark.parametrize("n_coordinates", [5, 100])
def test_unfolded_students_say_what_the_network_says(n_coordinates):
    view, train, validation, solved, start = _start(n_coordinates)
    for series, coordinates in ((train, start.train), (validation, start.validation)):
        expected = _logits(solved.network, view, series.x)
        found = _of_students(start.students, start.view, coordinates)
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)
        torch.testing.assert_close(coordinates.y, series.y)


@pytest.mark.parametrize("n_coordinates", [5, 100])
def test_nothing_trained_is_nothing_changed(n_coordinates):
    view, _, validation, solved, start = _start(n_coordinates)
    before = _logits(solved.network, view, validation.x)
    after = _logits(start.fold(start.students).network, view, validation.x)
    torch.testing.assert_close(after, before, rtol=0, atol=1e-4)


@pytest.mark.parametrize("n_coordinates", [5, 100])
def test_trained_students_become_heads_of_the_network(n_coordinates):
    view, _, validation, solved, start = _start(n_coordinates)
    torch.manual_seed(0)
    trained = []
    for student in start.students:
        other = copy.deepcopy(student)
        with torch.no_grad():
            for parameter in other.parameters():
                parameter += 0.05 * torch.randn_like(parameter)
        trained.append(other)
    exact = solved.left_out.clone()
    folded = start.fold(trained)
    found = _logits(folded.network, view, validation.x)
    expected = _of_students(trained, start.view, start.validation)
    torch.testing.assert_close(found, expected, rtol=0, atol=2e-4)
    torch.testing.assert_close(folded.left_out, exact, rtol=0, atol=0)


def test_a_view_of_coordinates_gives_those_of_its_prefix():
    view = CoordinateView(n_points=3, n_coordinates=4)
    x = torch.randn(5, 4, 3)
    seen = view.all_points(x)
    assert seen.shape == (3, 5, 4, 1)
    for point in range(3):
        torch.testing.assert_close(seen[point, ..., 0], x[..., point])
        torch.testing.assert_close(view(x, point), seen[point])
