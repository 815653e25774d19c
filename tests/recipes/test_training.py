"""The training recipe: who has the last word on a number, and what is refused."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from synthetic import make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.networks import FCN, LSTM, Custom
from gdpd_sklearn.recipes import TRAININGS, Training, TrainingPlan


def test_a_recipe_that_says_nothing_leaves_it_to_the_architecture():
    for architecture in (FCN(), LSTM(1, 8)):
        for plan in (Training().student_plan(architecture), Training().teacher_plan(architecture)):
            assert plan == TrainingPlan(
                n_epochs=architecture.n_epochs, learning_rate=architecture.learning_rate,
                batch_size=16, optimizer="adamw", weight_decay=0.01, schedule="one_cycle",
                max_gradient_norm=1.0, patience=None, precision="float32",
            )  # fmt: skip
    assert FCN().n_epochs != LSTM().n_epochs  # else the above shows little


@pytest.mark.parametrize(
    ("recipe", "flat", "student", "teacher"),
    [
        ({}, None, 100, 300),
        ({}, 7, 7, 7),
        ({"n_epochs": 5}, None, 5, 5),
        ({"n_epochs": 5}, 7, 7, 7),
        ({"teacher_n_epochs": 3}, None, 100, 3),
        ({"teacher_n_epochs": 3}, 7, 7, 3),
        ({"n_epochs": 5, "teacher_n_epochs": 3}, 7, 7, 3),
    ],
)
def test_who_decides_on_the_epochs(recipe, flat, student, teacher):
    training = Training(**recipe)
    assert training.student_plan(FCN(), n_epochs=flat).n_epochs == student
    assert training.teacher_plan(LSTM(), n_epochs=flat).n_epochs == teacher


@pytest.mark.parametrize(
    ("recipe", "flat", "student", "teacher"),
    [
        ({}, None, 0.02, 0.02),
        ({}, 0.5, 0.5, 0.02),
        ({"learning_rate": 0.3}, None, 0.3, 0.02),
        ({"learning_rate": 0.3}, 0.5, 0.5, 0.02),
        ({"teacher_learning_rate": 0.7}, 0.5, 0.5, 0.7),
        ({"learning_rate": "published"}, None, 0.001, 0.02),
        ({"learning_rate": "published"}, 0.5, 0.5, 0.02),
        ({"teacher_learning_rate": "published"}, "published", 0.001, 0.001),
    ],
)
def test_who_decides_on_the_rates(recipe, flat, student, teacher):
    own = Custom(lambda n_channels, n_timepoints: None, learning_rate=0.02)
    training = Training(**recipe)
    assert training.student_plan(own, learning_rate=flat).learning_rate == student
    assert training.teacher_plan(own).learning_rate == teacher


def test_patience_is_for_both():
    assert Training().student_plan(FCN(), patience=4).patience == 4
    assert Training().teacher_plan(FCN(), patience=4).patience == 4


def test_the_papers_recipe_is_the_published_setting():
    paper = TRAININGS["paper"]()
    assert paper.validation_fraction == 0.2
    for architecture, rate in ((LSTM(3, 100), 0.01), (FCN(), 0.001)):
        for plan in (paper.student_plan(architecture), paper.teacher_plan(architecture)):
            assert plan == TrainingPlan(
                n_epochs=600, batch_size=64, learning_rate=rate, optimizer="adam",
                weight_decay=1e-5, schedule="halving_epochs", max_gradient_norm=None,
                patience=None, precision="float32",
            )  # fmt: skip


@pytest.mark.parametrize("name", TRAININGS)
def test_every_recipe_is_valid_small_and_copied_by_value(name):
    recipe = TRAININGS[name]()
    recipe.check_parameters()
    assert clone(recipe).get_params() == recipe.get_params()
    assert TRAININGS[name]() is not recipe
    assert set(vars(recipe)) == set(recipe.get_params())  # hyperparameters only


@pytest.mark.parametrize(
    ("parameter", "value", "allowed"),
    [
        ("n_epochs", 0, r"integer in \[1, 1000000\]"),
        ("n_epochs", 2.5, r"integer in \[1, 1000000\]"),
        ("teacher_n_epochs", 0, r"integer in \[1, 1000000\]"),
        ("teacher_n_epochs", True, r"integer in \[1, 1000000\]"),
        ("learning_rate", 0, r"\(0, 1e\+30\]"),
        ("learning_rate", "fast", r"\['published'\]"),
        ("teacher_learning_rate", -1.0, r"\(0, 1e\+30\]"),
        ("teacher_learning_rate", "paper", r"\['published'\]"),
        ("validation_fraction", 1.0, r"\[0, 1\)"),
        ("validation_fraction", None, r"\[0, 1\)"),
        # one of those that TrainingPlan refuses; test_plan.py has the others
        ("batch_size", 1, "integer of at least 2"),
    ],
)
def test_what_is_refused_is_named_with_what_is_allowed(parameter, value, allowed):
    with pytest.raises(ValueError, match=f"^{parameter}=.*{allowed}"):
        Training(**{parameter: value}).check_parameters()


@pytest.mark.parametrize("kind", [GDPDClassifier, GDPDEarlyClassifier])
def test_nested_parameters_reach_a_recipe_given_by_name(kind):
    clf = kind(training="paper").set_params(training__batch_size=8)
    assert clf.training.get_params() == {**TRAININGS["paper"]().get_params(), "batch_size": 8}
    both = kind().set_params(training="paper", training__schedule="constant")
    assert (both.training.n_epochs, both.training.schedule) == (600, "constant")
    with pytest.raises(ValueError, match="Invalid parameter 'batchsize'"):
        kind().set_params(training__batchsize=8)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("papers", r"training='papers' is unknown \(did you mean 'paper'\?\)"),
        (Training, r"training=.*instance of Training"),
        ({"batch_size": 8}, r"training=.*instance of Training"),
    ],
)
@pytest.mark.parametrize("kind", [GDPDClassifier, GDPDEarlyClassifier])
def test_what_is_no_recipe_is_refused(kind, value, message):
    with pytest.raises((ValueError, TypeError), match=message):
        kind(training=value, n_epochs=1).fit(*make_series())


TINY_FCN = FCN((4,), (3,))
SMALL = {"student": TINY_FCN, "teacher": TINY_FCN, "random_state": 0, "device": "cpu"}


def test_a_recipe_does_what_the_flat_parameters_do():
    X, y = make_series()
    flat = GDPDClassifier(**SMALL, n_epochs=3, learning_rate=0.02, validation_fraction=0.25)
    recipe = Training(n_epochs=3, learning_rate=0.02, validation_fraction=0.25)
    within = GDPDClassifier(**SMALL, training=recipe).fit(X, y)
    np.testing.assert_array_equal(within.predict_proba(X), flat.fit(X, y).predict_proba(X))
    assert len(within.history_) == 3
    assert len(within.validation_cases_) == 6
    without = GDPDClassifier(**SMALL, training=recipe, validation_fraction=0.0).fit(X, y)
    assert len(without.validation_cases_) == 0  # the flat parameter goes first, 0 too


@pytest.mark.parametrize(
    "change",
    [
        {"batch_size": 4}, {"optimizer": "adam"}, {"weight_decay": 0.5}, {"schedule": "constant"},
        {"max_gradient_norm": 1e-3}, {"precision": "bfloat16"}, {"teacher_n_epochs": 1},
        {"teacher_learning_rate": 0.3},
    ],
    ids=str,
)  # fmt: skip
def test_every_number_changes_the_fit(change):
    X, y = make_series()
    plain, changed = (
        GDPDClassifier(**SMALL, n_epochs=3, distiller="kd", training=recipe).fit(X, y)
        for recipe in (Training(), Training(**change))
    )
    assert not np.array_equal(plain.predict_proba(X), changed.predict_proba(X))


def test_a_search_over_the_recipe_leaves_the_users_as_it_was():
    X, y = make_series()
    mine = Training(batch_size=8)
    grid = {"training__batch_size": [4, 24]}
    search = GridSearchCV(GDPDClassifier(**SMALL, n_epochs=2, training=mine), grid, cv=2).fit(X, y)
    assert search.best_estimator_.training.batch_size in (4, 24)
    assert mine.get_params() == Training(batch_size=8).get_params()
