"""Teachers: trained, remembered, handed in."""

import numpy as np
import pytest
import torch
from joblib import Memory
from small_fits import PLAN

from gdpd_sklearn.distillers import GDPD, KD
from gdpd_sklearn.fitting import FitTask, _teacher_of
from gdpd_sklearn.fitting import fit as fit_tasks
from gdpd_sklearn.fitting._teacher import TeacherOrder, fit_teacher, fit_teachers
from gdpd_sklearn.networks import FCN


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path, verbose=0)


@pytest.fixture
def n_remembered(tmp_path):
    return lambda: len(list(tmp_path.rglob("output.pkl")))


def _weights(teacher):
    return torch.cat([p.detach().flatten() for p in teacher.model.networks.parameters()])


def test_outputs_are_those_of_the_network_on_complete_series(teacher, data):
    x = torch.as_tensor(data[0], dtype=torch.float32)
    with torch.no_grad():
        expected = teacher.model[0](teacher.model.view(x))
    with_maps = teacher.outputs(x, feature_maps=True)
    for found, want in zip(with_maps, expected, strict=True):
        torch.testing.assert_close(found, want)
        assert not found.requires_grad
        assert not found.is_inference()
    without = teacher.outputs(x, feature_maps=False)
    assert without.feature_map.shape == (24, 6, 1)
    torch.testing.assert_close(without.feature_map[..., 0], expected.pooled)


def test_teachers_side_by_side_are_those_alone(data):
    X, y = data
    order = TeacherOrder(
        X[:20], y[:20], X[20:], y[20:], (0, 1), FCN((40,), (3,)), PLAN, 20, "standard", None, None,
        None, 1, "cpu", 0,
    )  # fmt: skip
    orders = [order, order._replace(seed=2), order._replace(X=X[2:22], y=y[2:22])]
    together = fit_teachers(orders)
    for found, each in zip(together, orders, strict=True):
        (alone,) = fit_teachers([each])
        assert torch.equal(_weights(found), _weights(alone))  # such a wide one is looped
        assert (found.score, found.classes) == (alone.score, (0, 1))
        assert torch.equal(_weights(found), _weights(fit_teacher(*each)))
    assert len({_weights(teacher).sum().item() for teacher in together}) == 3


def test_it_learns_and_knows_its_score(fit, data):
    X, y = data
    result = fit((5,), distiller=KD(), n_epochs=25)
    held = result.validation
    predicted = result.teacher.model.predict_proba(X[held]).argmax(1)
    assert result.teacher.score == (predicted == y[held]).mean()
    assert result.teacher.score > 0.9
    assert result.teacher.classes == (0, 1)
    assert result.teacher.model.lengths == (20,)


def test_its_best_epoch_is_that_of_the_held_out_cases(fit, data):
    X, y = data
    result = fit((5,), distiller=KD(), n_epochs=8, learning_rate=0.3, schedule="constant")
    held, teacher = result.validation, result.teacher
    proba = teacher.model.predict_proba(X[held])
    loss = -np.log(proba[np.arange(len(held)), y[held]]).mean()
    assert loss == pytest.approx(teacher.history["validation_loss"].min(), rel=1e-3, abs=1e-6)


def test_without_validation_there_is_no_score(teacher):
    assert teacher.score is None


def test_one_teacher_serves_several_distillers_and_students(fit, memory, n_remembered):
    first = fit(distiller=KD(weight=1.0), memory=memory).teacher
    assert n_remembered() == 1
    others = [
        fit(distiller=KD(weight=10.0), memory=memory),
        fit(distiller=GDPD(), memory=memory),
        fit(distiller=KD(), memory=memory, student=FCN((3,), (3,))),
        fit(distiller=KD(), memory=memory, lengths=(7,)),
        fit(distiller=KD(), memory=memory, verbose=1),
    ]
    assert n_remembered() == 1
    assert all(torch.equal(_weights(first), _weights(each.teacher)) for each in others)


@pytest.mark.parametrize(
    "change",
    [
        {"root": 1},
        {"teacher": FCN((5,), (3,))},
        {"n_epochs": 3},
        {"validation_fraction": 0.5},
        {"scaling": "prefix"},
        {"class_weight": np.array([1.0, 2.0])},
        {"teacher_input_length": 10},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_teacher_is_trained_where_it_would_differ(fit, memory, n_remembered, change):
    fit((5,), distiller=KD(), memory=memory)
    fit((5,), distiller=KD(), memory=memory, **change)
    assert n_remembered() == 2


def test_another_teacher_is_trained_for_other_data(fit, data, memory, n_remembered):
    fit((5,), distiller=KD(), memory=memory)
    fit((5,), distiller=KD(), memory=memory, X=data[0] + 1e-3)
    assert n_remembered() == 2


def test_a_remembered_teacher_is_not_changed_by_its_students(fit, data, memory):
    X, _ = data
    first = fit(distiller=GDPD(), memory=memory)
    second = fit(distiller=GDPD(), memory=memory)
    np.testing.assert_array_equal(first.model.predict_proba(X, 1), second.model.predict_proba(X, 1))


def test_memory_does_not_change_the_result(fit, data, memory):
    X, _ = data
    with_memory, without = fit(distiller=KD(), memory=memory), fit(distiller=KD())
    np.testing.assert_array_equal(
        with_memory.model.predict_proba(X), without.model.predict_proba(X)
    )


def test_a_fitted_teacher_is_used_as_it_is(fit, teacher, distiller, monkeypatch):
    forbidden = lambda *a, **k: pytest.fail("trained a teacher")  # noqa: E731
    monkeypatch.setattr(_teacher_of, "fit_teacher", forbidden)
    before = {name: t.clone() for name, t in teacher.model.networks.state_dict().items()}
    result = fit(distiller=distiller, teacher=teacher)
    assert result.teacher is (teacher if distiller.uses_teacher else None)
    for name, tensor in teacher.model.networks.state_dict().items():
        assert torch.equal(tensor, before[name]), name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y: (X[:, :1], y, (0, 1)), "channels 2, but X, y have channels 1"),
        (lambda X, y: (X[..., :15], y, (0, 1)), "time points 20, but X, y have time points 15"),
        (lambda X, y: (X, y, ("a", "b")), r"classes \(0, 1\), but X, y have classes \('a', 'b'\)"),
        (lambda X, y: (X, np.arange(24) % 3, (0, 1, 2)), r"classes \(0, 1\).*\(0, 1, 2\)"),
    ],
    ids=["channels", "length", "labels", "number of classes"],
)
def test_a_teacher_of_other_series_is_a_clear_error(data, settings, teacher, change, message):
    X, y, classes = change(*data)
    with pytest.raises(ValueError, match=f"^teacher was fitted on series with {message}"):
        fit_tasks([FitTask(X, y, classes, (5,), settings(distiller=KD(), teacher=teacher), 0)])


def test_classes_from_numpy_are_the_same_classes(data, settings, teacher):
    X, y = data
    classes = tuple(np.unique(y))
    fit_tasks([FitTask(X, y, classes, (5,), settings(distiller=KD(), teacher=teacher), 0)])
