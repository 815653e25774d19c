"""Left-out answers are those of as many fits."""

import numpy as np
import pytest
from aeon.transformations.collection.convolution_based import MiniRocket
from scipy.special import softmax
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler
from synthetic import make_series

from benchmarks.early.contestants._minirocket_left_out import MiniRocketLeftOut
from gdpd_sklearn.triggers import fit_temperature


@pytest.mark.parametrize("n_classes", [2, 3])
def test_each_case_is_answered_by_a_ridge_that_never_saw_it(n_classes):
    X, y = make_series(15, 1, 14, n_classes=n_classes)
    contestant = MiniRocketLeftOut(n_kernels=84).fit(X, y, (9, 14), 0)
    answers = []
    for point, m in enumerate((9, 14)):
        kernels = MiniRocket(n_kernels=84, random_state=0)
        features = StandardScaler().fit_transform(kernels.fit_transform(X[..., :m]))
        targets = np.where(y[:, None] == np.arange(n_classes), 1.0, -1.0)
        penalty = contestant.models_[point][2].alpha_
        margins = [
            Ridge(penalty)
            .fit(np.delete(features, i, axis=0), np.delete(targets, i, axis=0))
            .predict(features[i : i + 1])[0]
            for i in range(15)
        ]
        answers.append(softmax(margins, axis=1))
    temperature = fit_temperature(answers, y)
    assert contestant.temperature_ == pytest.approx(temperature, rel=0.01)
    logits = np.log(answers) / contestant.temperature_
    expected = softmax(logits, axis=-1)
    np.testing.assert_allclose(contestant.held_out_.probabilities, expected, atol=1e-4)
    np.testing.assert_array_equal(contestant.held_out_.codes, y)
