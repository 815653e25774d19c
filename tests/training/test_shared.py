"""One causal student for all prefixes."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from gdpd_sklearn._seeding import stream_seed
from gdpd_sklearn.data import stratified_holdout
from gdpd_sklearn.distillers import NoDistillation
from gdpd_sklearn.networks import LSTM, CausalFCN

LENGTHS = (3, 10, 20)
CAUSAL = [LSTM(1, 4), CausalFCN((4, 5), (4, 3))]


@pytest.fixture(params=CAUSAL, ids=lambda a: type(a).__name__)
def student(request):
    return request.param


def test_its_loss_is_the_mean_over_the_prefixes(fit, data):
    X, y = data
    result = fit(
        LENGTHS, student=LSTM(1, 4), shared=True, n_epochs=1, batch_size=64,
        validation_fraction=0.0,
    )  # fmt: skip
    # the network before its first step, asked prefix by prefix
    network = LSTM(1, 4).build(2, 20, 2, stream_seed(stream_seed(0, "student"), "weights 0"))
    scaled = (X - X.mean((0, 2))[:, None]) / X.std((0, 2))[:, None]
    x, target = torch.as_tensor(scaled, dtype=torch.float32), torch.as_tensor(y)
    losses = [cross_entropy(network(x[..., :n]).logits, target).item() for n in LENGTHS]
    assert result.history["task_loss"].tolist() == pytest.approx([np.mean(losses)], rel=1e-4)


def test_it_learns_every_prefix_that_can_be_learned(fit, data, student, distiller):
    X, y = data
    result = fit(
        LENGTHS, student=student, distiller=distiller, shared=True, n_epochs=28,
        learning_rate=0.03, validation_fraction=0.0,
    )  # fmt: skip
    assert len(result.model.networks) == 1
    for point in (1, 2):
        assert (result.model.predict_proba(X, point).argmax(1) == y).mean() > 0.9


def test_the_same_root_gives_the_same_fit(fit, data, student, distiller):
    changes = {"student": student, "distiller": distiller, "shared": True}
    one, same = (fit(LENGTHS, **changes).model.predict_proba_all(data[0]) for _ in range(2))
    np.testing.assert_array_equal(one, same)


def test_validation_cases_never_reach_training(fit, data, student, teacher, distiller):
    X, y = data
    _, validation = stratified_holdout(y, 0.25, stream_seed(0, "split"))
    poisoned = X.copy()
    poisoned[validation] = 1e6
    changes = {"student": student, "distiller": distiller, "teacher": teacher, "shared": True}
    clean, fouled = fit(LENGTHS, **changes), fit(LENGTHS, X=poisoned, **changes)
    losses = [c for c in clean.history if c in ("task_loss", "transfer_loss", "prior_loss")]
    np.testing.assert_array_equal(clean.history[losses], fouled.history[losses])
    assert not np.allclose(clean.history["validation_loss"], fouled.history["validation_loss"])


def test_the_validation_loss_is_the_mean_over_the_prefixes(fit, data, student):
    X, y = data
    result = fit(LENGTHS, student=student, distiller=NoDistillation(), shared=True)
    held = result.validation
    proba = result.model.predict_proba_all(X[held])
    loss = -np.log(proba[:, np.arange(len(held)), y[held]]).mean()
    assert loss == pytest.approx(result.history["validation_loss"].min(), rel=1e-4)


def test_history_has_one_row_per_epoch(fit, student):
    history = fit(LENGTHS, student=student, shared=True).history
    assert history["epoch"].tolist() == [0, 1, 2, 3]


def test_an_exact_model_is_the_same_in_any_batch(fit, data, student):
    X, _ = data
    model = fit(LENGTHS, student=student, shared=True, exact=True).model
    together = model.predict_proba_all(X)
    alone = np.concatenate([model.predict_proba_all(case[None]) for case in X], axis=1)
    np.testing.assert_array_equal(alone, together)
    single = fit(LENGTHS, student=student, shared=True).model
    np.testing.assert_allclose(single.predict_proba_all(X), together, atol=1e-5)
