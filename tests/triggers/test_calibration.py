"""Temperature, and votes that are pooled."""

import numpy as np
import pytest

from gdpd_sklearn.triggers import apply_temperature, fit_temperature, pool_votes


@pytest.mark.parametrize("true_temperature", [0.5, 1.0, 2.5])
def test_temperature_is_recovered(true_temperature):
    rng = np.random.default_rng(0)
    honest = rng.dirichlet(np.ones(3), size=6000)
    y = np.array([rng.choice(3, p=row) for row in honest])
    # sharpened by the temperature: softening with the same one brings the honest rows back
    said = apply_temperature(honest, 1 / true_temperature)
    assert fit_temperature(said, y) == pytest.approx(true_temperature, rel=0.06)
    assert apply_temperature(said, true_temperature) == pytest.approx(honest, abs=1e-6)


def test_temperature_of_identical_rows_has_a_closed_form():
    # most likely where the probability equals the share of right answers
    p, y = np.full((1000, 2), [0.95, 0.05]), np.array([0] * 800 + [1] * 200)
    expected = np.log(0.95 / 0.05) / np.log(0.8 / 0.2)
    assert fit_temperature(p, y, prior_weight=0.0) == pytest.approx(expected, rel=0.01)


def test_few_cases_stay_near_one_and_bounds_hold():
    right = np.full((4, 2), [0.7, 0.3])
    assert fit_temperature(right, np.zeros(4, int), prior_weight=0.0) == pytest.approx(0.2)
    assert 0.5 < fit_temperature(right, np.zeros(4, int)) < 1
    assert fit_temperature(np.full((500, 2), [0.999, 0.001]), np.ones(500, int)) <= 5.0 + 1e-9


def test_points_are_pooled_without_counting_a_case_twice():
    rng = np.random.default_rng(1)
    p, y = rng.dirichlet([2, 1], size=30), rng.integers(2, size=30)
    assert fit_temperature(np.stack([p] * 7), y) == fit_temperature(p, y)


def test_temperature_keeps_the_winner_and_survives_zeros():
    p = np.array([[1.0, 0.0, 0.0], [0.2, 0.5, 0.3]])
    for temperature in (0.2, 1.0, 5.0):
        soft = apply_temperature(p, temperature)
        assert soft.sum(axis=1) == pytest.approx([1, 1])
        assert soft.argmax(axis=1).tolist() == [0, 1]
    assert np.isfinite(fit_temperature(p, np.array([1, 1])))


def test_pooled_votes_are_the_softmax_of_the_mean_logits():
    rng = np.random.default_rng(0)
    logits = 3 * rng.normal(size=(4, 5, 30, 3))
    votes = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    mean = np.exp(logits.mean(axis=0))
    expected = mean / mean.sum(axis=-1, keepdims=True)
    assert pool_votes(votes) == pytest.approx(expected)
    assert pool_votes(votes[:1]) == pytest.approx(votes[0])
    # temperature before or after pooling is the same, so the order needs no thought
    after = apply_temperature(expected, 1.7)
    assert pool_votes(apply_temperature(votes, 1.7)) == pytest.approx(after)


def test_pooled_votes_keep_the_confidence_of_equals_and_survive_zeros():
    assert pool_votes([[0.9, 0.1]] * 3)[0] == pytest.approx(0.9)
    assert pool_votes([[1.0, 0.0], [0.0, 1.0]]) == pytest.approx([0.5, 0.5])
    doubted = pool_votes([[0.99, 0.01], [0.7, 0.3]])
    assert np.mean([0.99, 0.7]) < doubted[0] < 0.99


@pytest.mark.parametrize(
    "call, word",
    [
        (lambda: fit_temperature(np.ones(3), np.zeros(3, int)), "shape"),
        (lambda: fit_temperature(np.ones((3, 2)) / 2, np.zeros(2, int)), "one class code"),
        (lambda: fit_temperature(np.ones((2, 2)) / 2, np.array([0, 2])), r"0\.\.1"),
        (lambda: fit_temperature(np.ones((2, 2)) / 2, np.array([0, 1]), -1.0), "prior_weight"),
        (lambda: apply_temperature([0.5, 0.5], 0.0), "temperature=0.0"),
        (lambda: apply_temperature([0.5, 0.5], None), "temperature=None"),
    ],
)
def test_bad_input_is_named(call, word):
    with pytest.raises(ValueError, match=word):
        call()


def test_weights_count_cases_as_often():
    rng = np.random.default_rng(1)
    p, y = rng.dirichlet([2, 1], size=(3, 30)), rng.integers(2, size=30)
    copies = rng.integers(0, 4, size=30)
    often = np.repeat(np.arange(30), copies)
    weighed = fit_temperature(p, y, prior_weight=0.0, sample_weight=copies)
    assert weighed == fit_temperature(p[:, often], y[often], prior_weight=0.0)
    assert fit_temperature(p, y, sample_weight=np.full(30, 7.0)) == fit_temperature(p, y)
    with pytest.raises(ValueError, match="sample_weight"):
        fit_temperature(p, y, sample_weight=[1.0])
