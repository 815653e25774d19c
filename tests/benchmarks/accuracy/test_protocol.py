"""What chooses a weight: validation in the honest protocol, whatever the test says."""

import itertools

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy._protocol import choose

SETTINGS = {
    "benchmark": "accuracy", "set": "A", "earliness": 0.5, "teacher": "fcn", "student": "fcn",
    "distiller": "gdpd", "options": {}, "channels": None, "setting": "paper", "n_epochs": None,
    "validation_fraction": 0.2,
}  # fmt: skip


def make_row(weight, seed, validation, test, loss=0.5, warmup=None, **changes):
    return {
        **SETTINGS, "weight": weight, "warmup": warmup, "seed": seed, "auc_prc": test,
        "validation_auc_prc": validation, "validation_loss": loss, **changes,
    }  # fmt: skip


def weights(rows, by="validation"):
    return sorted(choose(pd.DataFrame(rows), by)["weight"].unique())


def test_means_over_seeds_decide():
    rows = [
        make_row(0.1, 0, 0.9, 0.1), make_row(0.1, 1, 0.5, 0.2),
        make_row(1.0, 0, 0.8, 0.3), make_row(1.0, 1, 0.7, 0.2),
    ]  # fmt: skip
    assert weights(rows) == [1.0]
    assert choose(pd.DataFrame(rows), "validation")["seed"].tolist() == [0, 1]
    rows[1]["auc_prc"] = 0.9
    assert weights(rows, "test") == [0.1]


def test_ties_go_to_less_loss_then_to_the_smaller_weight():
    rows = [make_row(1.0, 0, 0.8, 0, loss=0.4), make_row(0.1, 0, 0.8, 1, loss=0.5)]
    assert weights(rows) == [1.0]
    rows[0]["validation_loss"] = 0.5
    assert weights(rows) == [0.1]


def test_honest_choice_reads_no_column_of_the_test():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        [
            make_row(w, seed, rng.random(), rng.random(), warmup=warmup, set=name)
            for w, seed, warmup, name in itertools.product((0.1, 1, 10), range(3), (0.5, 0.6), "AB")
        ]
    )
    honest = choose(rows, "validation")
    assert len(honest) == 6
    poisoned = rows.assign(auc_prc=rng.permutation(rows["auc_prc"].to_numpy()))
    assert choose(poisoned, "validation").index.equals(honest.index)
    assert choose(poisoned.drop(columns="auc_prc"), "validation").index.equals(honest.index)
    assert not choose(poisoned, "test").index.equals(choose(rows, "test").index)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("set", "B"), ("earliness", 0.2), ("teacher", "lstm"), ("student", "lstm"),
        ("distiller", "kd"), ("options", {"training__batch_size": 8}), ("channels", 2),
        ("setting", "default"), ("n_epochs", 7),
    ],
)  # fmt: skip
def test_choices_are_made_apart(name, other):
    rows = [make_row(0.1, 0, 0.9, 0), make_row(1.0, 0, 0.8, 0)]
    rows += [make_row(0.1, 0, 0.1, 0, **{name: other}), make_row(1.0, 0, 0.2, 0, **{name: other})]
    chosen = choose(pd.DataFrame(rows), "validation")
    assert chosen.index.tolist() == [0, 3]


def test_one_candidate_needs_no_validation_part():
    rows = [make_row(None, seed, None, 0.5) for seed in range(3)]
    assert len(choose(pd.DataFrame(rows), "validation")) == 3


def test_several_without_validation_part_are_refused():
    rows = [make_row(w, 0, None, 0.5, loss=None) for w in (0.1, 1.0)]
    with pytest.raises(ValueError, match=r"'distiller': 'gdpd'.*--validation-fraction"):
        choose(pd.DataFrame(rows), "validation")
    with pytest.raises(ValueError, match=r"by='luck' must be one of \['validation', 'test'\]"):
        choose(pd.DataFrame(rows), "luck")


def test_candidates_that_lack_seeds_do_not_compete():
    rows = [make_row(0.1, 0, 0.99, 0)] + [make_row(1.0, seed, 0.6, 0) for seed in range(2)]
    assert weights(rows) == [1.0]
