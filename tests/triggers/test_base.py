"""What every rule owes, checked over the whole dict."""

import inspect
import pickle
from pathlib import Path

import numpy as np
import pytest
from held_out_cases import noisy
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from gdpd_sklearn.metrics import DecisionCost, harmonic_mean
from gdpd_sklearn.triggers import TRIGGERS, CallableTrigger, Trigger, resolve_trigger

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "early.md"


def informative(seed, n_cases, n_classes=3, n_points=12):
    """Make cases whose evidence begins at a time of their own, and confidence tells of it."""
    rng = np.random.default_rng(seed)
    y = rng.integers(n_classes, size=n_cases)
    fractions = np.arange(1, n_points + 1) / n_points
    onset = rng.uniform(0.05, 0.5, size=n_cases)
    logits = 0.5 * rng.normal(size=(n_points, n_cases, n_classes))
    evidence = 6 * np.clip((fractions[:, None] - onset) / 0.1, 0, 1)
    logits[:, np.arange(n_cases), y] += evidence
    powers = np.exp(logits)
    return powers / powers.sum(axis=-1, keepdims=True), y, fractions


def harmonic(points, probabilities, y, fractions):
    right = [int(np.argmax(probabilities[p, i]) == y[i]) for i, p in enumerate(points)]
    return harmonic_mean(float(np.mean(right)), float(np.mean(fractions[points])))


@pytest.fixture(params=sorted(TRIGGERS))
def rule(request):
    return TRIGGERS[request.param]()


@pytest.fixture(scope="module")
def held_out():
    return informative(0, 40)


def test_parameters_are_hyperparameters_only(rule):
    for name, value in rule.get_params().items():
        assert value is None or isinstance(value, (str, int, float, bool, tuple)), name


def test_clone_set_params_and_repeat(rule, held_out):
    rule.fit(*held_out)
    twin = clone(rule)
    assert not [name for name in vars(twin) if name.endswith("_")]
    assert twin.set_params(**rule.get_params()).get_params() == rule.get_params()
    p = informative(1, 30)[0]
    before = rule.get_params()
    assert (twin.fit(*held_out).stop_points(p) == rule.stop_points(p)).all()
    assert rule.get_params() == before


def test_pickle(rule, held_out):
    p = informative(1, 30)[0]
    copy = pickle.loads(pickle.dumps(rule.fit(*held_out)))
    assert (copy.stop_points(p) == rule.stop_points(p)).all()
    pickle.dumps(rule.fit(*held_out, DecisionCost(delay=lambda f: f**2)))


def test_fitted_state_is_plain(rule, held_out):
    def plain(value):
        if isinstance(value, (list, tuple)):
            return all(map(plain, value))
        return value is None or isinstance(value, (bool, int, float, np.ndarray))

    fitted = {k: v for k, v in vars(rule.fit(*held_out)).items() if k.endswith("_")}
    assert fitted
    assert all(map(plain, fitted.values())), fitted


@pytest.mark.parametrize("objective", ["harmonic_mean", DecisionCost(delay=0.3)])
def test_step_by_step_equals_at_once_for_any_batch(rule, held_out, objective):
    rule.fit(*held_out, objective)
    p, _, fractions = informative(2, 37)
    at_once = rule.stop_points(p)
    assert at_once.min() >= 0
    assert at_once.max() < len(fractions)
    by_step = np.full(37, -1)
    safe = rule.safe_points(p)
    for i in range(len(fractions)):
        stopped = rule.should_stop(p[: i + 1])
        assert stopped.shape == (37,)
        assert stopped.dtype == bool
        assert (stopped == safe[i]).all()
        by_step[stopped & (by_step < 0)] = i
    assert (by_step == at_once).all()
    for i in range(37):
        assert rule.stop_points(p[:, i : i + 1])[0] == at_once[i]
    some = np.random.default_rng(0).permutation(37)[:11]
    assert (rule.stop_points(p[:, some]) == at_once[some]).all()
    assert (rule.stop_points(np.asfortranarray(p)) == at_once).all()


def test_asking_changes_nothing(rule, held_out):
    rule.fit(*held_out)
    state = pickle.dumps(rule)
    rule.should_stop(held_out[0][:3])
    rule.stop_points(held_out[0])
    assert pickle.dumps(rule) == state


def test_last_point_forces_a_stop(rule, held_out):
    n_points, _, n_classes = held_out[0].shape
    rule.fit(*held_out)
    undecided = np.full((n_points, 6, n_classes), 1 / n_classes)
    assert rule.should_stop(undecided).all()
    assert rule.stop_points(undecided).max() <= n_points - 1


def test_no_case_gives_no_answer(rule, held_out):
    rule.fit(*held_out)
    assert rule.should_stop(held_out[0][:2, :0]).shape == (0,)
    assert rule.stop_points(held_out[0][:, :0]).shape == (0,)


def test_global_randomness_is_left_alone(rule, held_out):
    before = pickle.dumps(np.random.get_state())  # noqa: NPY002
    rule.fit(*held_out).stop_points(held_out[0])
    assert pickle.dumps(np.random.get_state()) == before  # noqa: NPY002


@pytest.mark.parametrize("n_classes", [2, 3])
def test_informative_confidence_beats_first_and_last(rule, n_classes):
    rule.fit(*informative(3, 60, n_classes))
    p, y, fractions = informative(4, 500, n_classes)
    reached = harmonic(rule.stop_points(p), p, y, fractions)
    always_first = harmonic(np.zeros(500, dtype=int), p, y, fractions)
    always_last = harmonic(np.full(500, len(fractions) - 1), p, y, fractions)
    assert reached > always_first + 0.05
    assert reached > always_last + 0.05


def test_dearer_delay_stops_earlier(rule, held_out):
    p = informative(2, 200)[0]
    cheap = rule.fit(*held_out, DecisionCost(delay=0.02)).stop_points(p).mean()
    dear = rule.fit(*held_out, DecisionCost(delay=5.0)).stop_points(p).mean()
    assert dear < cheap


@pytest.mark.parametrize("unit", [2.0**-12, 2.0**12])
def test_the_unit_of_a_cost_does_not_matter(rule, held_out, unit):
    p = informative(2, 100)[0]
    matrix = np.array([[0, 1, 2], [2, 0, 1], [1, 3, 0]])
    one = rule.fit(*held_out, DecisionCost(matrix, delay=0.5)).stop_points(p)
    other = rule.fit(*held_out, DecisionCost(matrix * unit, delay=0.5 * unit)).stop_points(p)
    assert (one == other).all()


@pytest.mark.parametrize("n_cases, n_points, n_classes", [(1, 4, 2), (2, 1, 2), (3, 2, 4)])
def test_tiny_sets(rule, n_cases, n_points, n_classes):
    p, y, fractions = informative(0, n_cases, n_classes, n_points)
    points = rule.fit(p, y, fractions).stop_points(p)
    assert points.shape == (n_cases,)
    assert points.max() < n_points


@pytest.mark.parametrize("right", [True, False])
def test_held_out_cases_all_right_or_all_wrong(rule, right):
    p = np.full((5, 8, 2), [0.8, 0.2])
    y = np.full(8, 0 if right else 1)
    points = rule.fit(p, y, np.arange(1, 6) / 5).stop_points(p)
    assert points.max() < 5


def test_one_hot_probabilities(rule, held_out):
    p, y, fractions = held_out
    hard = np.eye(p.shape[2])[p.argmax(axis=-1)]
    points = rule.fit(hard, y, fractions).stop_points(hard)
    assert points.max() < len(fractions)


P, Y, F = np.full((3, 4, 2), 0.5), np.array([0, 1, 0, 1]), np.array([0.2, 0.5, 1.0])


@pytest.mark.parametrize(
    "arguments, word",
    [
        ((P[0], Y, F), "n_points, n_cases, n_classes"),
        ((P[:, :0], Y[:0], F), "at least one case"),
        ((P * np.nan, Y, F), r"\[0, 1\]"),
        ((P - 1, Y, F), r"\[0, 1\]"),
        ((P / 2, Y, F), "sum to 1"),
        ((P, Y[:3], F), "y="),
        ((P, Y + 1, F), r"0\.\.1"),
        ((P, Y - 1, F), r"0\.\.1"),
        ((P, Y * 1.0, F), "y="),
        ((P, np.array(["a", "b", "a", "b"]), F), "y="),
        ((P, Y, F[:2]), "fractions"),
        ((P, Y, F[::-1]), "fractions"),
        ((P, Y, F - 0.2), "fractions"),
        ((P, Y, F / 2), "the last one 1"),
        ((P, Y, F * np.nan), "fractions"),
        ((P, Y, F, "accuracy"), "objective='accuracy'"),
        ((P, Y, F, None), "objective=None"),
        ((P, Y, F, DecisionCost(np.zeros((3, 3)))), "misclassification"),
        ((P, Y, F, DecisionCost(delay=-2.0)), "delay=-2.0"),
        ((P, Y, F, DecisionCost(delay=lambda f: f[:1])), r"finite costs of shape \(3,\)"),
    ],
)
def test_bad_fit_input_is_named(rule, arguments, word):
    with pytest.raises(ValueError, match=word):
        rule.fit(*arguments)


def test_bad_questions_are_named(rule, held_out):
    p = held_out[0]
    with pytest.raises(NotFittedError):
        rule.should_stop(p)
    rule.fit(*held_out)
    with pytest.raises(ValueError, match="needs all 12"):
        rule.stop_points(p[:5])
    with pytest.raises(ValueError, match="1 to 12 points"):
        rule.should_stop(np.concatenate([p, p]))
    with pytest.raises(ValueError, match="3 classes"):
        rule.should_stop(np.full((2, 4, 2), 0.5))


@pytest.mark.parametrize(
    "name, parameters, word",
    [
        ("probability_threshold", {"threshold": 1.5}, "threshold=1.5"),
        ("probability_threshold", {"consecutive": 0}, "consecutive=0"),
        ("margin", {"tolerance": -0.1}, "tolerance=-0.1"),
        ("falling_threshold", {"max_slope": -1.0}, "max_slope=-1.0"),
        ("falling_threshold", {"max_slope": np.inf}, "max_slope"),
        ("falling_threshold", {"tolerance": "small"}, "tolerance='small'"),
        ("stopping_rule", {"rule": "SR3"}, "rule='SR3'"),
        ("stopping_rule", {"n_candidates": 0}, "n_candidates=0"),
        ("stopping_rule", {"rule": "SR2", "random_state": None}, "random_state=None"),
        ("teaser", {"max_consecutive": 0}, "max_consecutive=0"),
        ("teaser", {"nu": 0.0}, "nu=0.0"),
        ("teaser", {"n_folds": 1}, "n_folds=1"),
        ("economy_gamma", {"n_groups": 0}, "n_groups=0"),
        ("economy_gamma", {"max_groups": 1}, "max_groups=1"),
        ("economy_gamma", {"n_weights": 0}, "n_weights=0"),
        ("calimera", {"regularization": 0.0}, "regularization=0.0"),
        ("calimera", {"gamma": 0.0}, "gamma=0.0"),
        ("calimera", {"n_folds": 1.5}, "n_folds=1.5"),
        ("ecec", {"fuse": "some"}, "fuse='some'"),
        ("ecec", {"tolerance": -1.0}, "tolerance=-1.0"),
        ("fixed_point", {"fraction": 1.1}, "fraction=1.1"),
        ("fixed_point", {"tolerance": np.nan}, "tolerance"),
    ],
)
def test_bad_hyperparameters_are_named(name, parameters, word, held_out):
    rule = resolve_trigger(name).set_params(**parameters)
    for ask in (rule.check_parameters, lambda: rule.fit(*held_out)):
        with pytest.raises(ValueError, match=word):
            ask()


def test_good_hyperparameters_pass_unfitted(rule):
    assert rule.check_parameters() is None
    assert not [name for name in vars(rule) if name.endswith("_")]


@pytest.mark.parametrize("name", sorted(TRIGGERS))
def test_it_has_a_mirrored_test_and_a_row_in_the_docs(name):
    cls = TRIGGERS[name]
    file = Path(inspect.getfile(cls))
    mirrored = Path(__file__).parent / f"test{file.name}"
    assert mirrored.exists(), f"{mirrored} is missing: what {cls.__name__} computes, by plain loops"
    own = f"| `{name}` | `{cls.__name__}` |", f"| `{file.relative_to(ROOT)}` |"
    rows = [line for line in DOCS.read_text().splitlines() if line.startswith(own[0])]
    assert len(rows) == 1, f"{DOCS} lacks a row that begins with {own[0]!r}"
    assert rows[0].endswith(own[1]), f"the row of {name} in {DOCS} must end with {own[1]!r}"


def test_names_objects_and_functions_resolve():
    for name, made in TRIGGERS.items():
        assert type(resolve_trigger(name)) is made
    mine = TRIGGERS["margin"]()
    assert resolve_trigger(mine) is mine

    def sure(seen, fractions):
        return seen[-1].max(axis=-1) > 0.9

    wrapped = resolve_trigger(sure)
    assert isinstance(wrapped, CallableTrigger)
    assert clone(wrapped).function is sure


@pytest.mark.parametrize(
    "value, error, word",
    [
        ("margins", ValueError, "did you mean 'margin'"),
        ("best", ValueError, "falling_threshold"),
        (TRIGGERS["margin"], TypeError, "instance of Trigger"),
        (3, TypeError, "instance of Trigger"),
        (None, TypeError, "instance of Trigger"),
    ],
)
def test_unknown_triggers_are_named(value, error, word):
    with pytest.raises(error, match=word):
        resolve_trigger(value)


def test_a_rule_without_its_methods_cannot_be_made():
    class Half(Trigger):
        def _fit(self, held_out):
            pass

    with pytest.raises(TypeError, match="_safe"):
        Half()


@pytest.mark.parametrize("name", TRIGGERS)
@pytest.mark.parametrize("objective", ["harmonic_mean", DecisionCost(delay=0.4)])
def test_cases_of_weight_0_are_not_there_and_one_weight_is_none(name, objective):
    p, y, fractions = noisy(0)
    weight = np.random.default_rng(0).uniform(0.5, 2.0, len(y))
    weight[::4] = 0.0
    some = weight > 0
    rules = [
        TRIGGERS[name]().fit(*data, objective, sample_weight=each)
        for data, each in (
            ((p, y, fractions), weight),
            ((p[:, some], y[some], fractions), weight[some]),
            ((p, y, fractions), np.full(len(y), 3.0)),
            ((p, y, fractions), None),
        )
    ]
    new, _, _ = noisy(9, n_cases=200)
    stops = [rule.stop_points(new).tolist() for rule in rules]
    assert stops[0] == stops[1]
    assert stops[2] == stops[3]
    with pytest.raises(ValueError, match="sample_weight"):
        TRIGGERS[name]().fit(p, y, fractions, objective, sample_weight=-weight)
