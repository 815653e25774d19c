"""Which cells a command asks for."""

import pytest

from benchmarks._data import UCR_12, UEA_12
from benchmarks.accuracy.__main__ import build_parser, cells_of
from benchmarks.accuracy._estimator import build_estimator
from benchmarks.accuracy._grid import Grid
from benchmarks.accuracy._recipes import RECIPES
from benchmarks.accuracy._teachers import teacher_cell
from gdpd_sklearn.distillers import DISTILLERS
from gdpd_sklearn.recipes import TRAININGS


def parsed(*arguments):
    return cells_of(build_parser().parse_args(["run", *arguments]))


def test_a_cell_has_all_settings_of_the_schema():
    (cell,) = Grid(sets=("A",), distillers=("gdpd",), n_seeds=1).cells()
    assert cell == {
        "benchmark": "accuracy", "set": "A", "earliness": 0.5, "teacher": "fcn", "student": "fcn",
        "distiller": "gdpd", "options": {}, "weight": None, "warmup": None, "channels": None,
        "setting": "default", "n_epochs": None, "validation_fraction": 0.0, "seed": 0,
    }  # fmt: skip


def test_a_grid_is_a_product_where_methods_have_the_parameter():
    cells = Grid(
        sets=("A", "B"), distillers=("none", "kd", "gdpd"), weights=(0.1, 1), warmups=(0.5, 0.6),
        options={"distiller__temperature": (1.0, 4.0)}, validation_fraction=0.2, n_seeds=3,
    ).cells()  # fmt: skip
    per_method = {
        name: [c for c in cells if (c["set"], c["seed"], c["distiller"]) == ("B", 2, name)]
        for name in ("none", "kd", "gdpd")
    }
    assert {name: len(found) for name, found in per_method.items()} == {
        "none": 1, "kd": 4, "gdpd": 8,
    }  # fmt: skip
    assert len(cells) == 6 * 13
    assert {(c["weight"], c["warmup"]) for c in per_method["kd"]} == {(0.1, None), (1.0, None)}


def test_architecture_and_classifier_options():
    cells = Grid(
        sets=("A",), distillers=("none",), pairs=(("fcn", "lstm"), ("fcn", "fcn")), n_seeds=1,
        options={"student__hidden_size": (4, 8), "training__batch_size": (8,)},
    ).cells()  # fmt: skip
    assert [c["options"] for c in cells] == [
        {"student__hidden_size": 4, "training__batch_size": 8},
        {"student__hidden_size": 8, "training__batch_size": 8},
        {"training__batch_size": 8},
    ]


def test_a_teacher_of_another_task_teaches_those_who_read_its_features():
    cells = Grid(
        sets=("A",), distillers=tuple(DISTILLERS), pairs=(("lstm@B", "fcn"),), n_seeds=1,
        options={"teacher__hidden_size": (4,)},
    ).cells()  # fmt: skip
    assert {c["distiller"] for c in cells} == {
        "none", "fitnets", "at", "rkd", "pkt", "vid", "dt2w", "gdpd",
    }  # fmt: skip
    assert {c["options"]["teacher__hidden_size"] for c in cells} == {4}
    own, other = (
        Grid(sets=(name,), distillers=("gdpd",), pairs=((teacher, "fcn"),), n_seeds=1).cells()[0]
        for name, teacher in (("B", "lstm"), ("A", "lstm@B"))
    )
    assert teacher_cell(own) == teacher_cell(other)
    assert build_estimator(other).teacher == "lstm"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sets": ()}, "no sets"),
        ({"pairs": (("fnc@B", "fcn"),)}, r"pair: 'fnc' is unknown"),
        ({"distillers": ("kd", "gdp")}, r"distillers: 'gdp' is unknown; known are \['none'"),
        ({"pairs": (("fcn", "lsmt"),)}, r"pair: 'lsmt' is unknown"),
        ({"setting": "best"}, r"setting: 'best' is unknown"),
        ({"earliness": (0.5, 1.5)}, r"earliness=1.5 must be in \(0, 1\]"),
        ({"n_seeds": 0}, r"seeds=0"),
        ({"channels": (0,)}, r"channels=0"),
        ({"options": {"distiller__gamma": (1,)}}, r"'distiller__gamma' is a parameter of nothing"),
        ({"options": {"batch": (1,)}}, r"'batch' is a parameter of nothing"),
        ({"options": {"n_epochs": (1,)}}, r"'n_epochs' has an argument of its own"),
        ({"options": {"training__n_epochs": (1,)}}, r"'training__n_epochs' has an argument of its"),
        ({"options": {"batch_size": (8,)}}, r"'batch_size' is a parameter of nothing in this run"),
        ({"options": {"distiller__weight": (1,)}}, r"use --weights"),
        ({"weights": (0.1, 1)}, r"weights=\[0.1, 1\].*chosen.*--validation-fraction"),
        ({"warmups": (0.5, 0.6), "setting": "paper", "validation_fraction": 0.0}, r"warmups"),
    ],
)
def test_what_makes_no_sense_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Grid(**{"sets": ("A",), **changes})


def test_the_paper_setting_has_a_validation_part_to_choose_by():
    cells = Grid(sets=("A",), setting="paper", distillers=("kd",), weights=(0.1, 1)).cells()
    assert {c["validation_fraction"] for c in cells} == {0.2}


def test_command_line_is_read():
    cells = parsed(
        "--sets", "A", "B", "--distillers", "gdpd", "--earliness", "0.2,0.4", "--seeds", "1",
        "--pair", "fcn:lstm1-8", "fcn:fcn", "--weights", "0.1,1", "--warmups", "0.5,3",
        "--channels", "2", "--option", "distiller__n_diffusion_steps=100,500",
        "--option", "student__widths=(4,4,4),(8,8,8)", "--option", "scaling=prefix,none",
        "--n-epochs", "7", "--validation-fraction", "0.25",
    )  # fmt: skip
    assert len(cells) == 2 * 2 * 2 * 2 * 2 * 2 * (1 + 2)
    last = cells[-1]
    assert last["options"] == {
        "distiller__n_diffusion_steps": 500, "student__widths": (8, 8, 8), "scaling": "none",
    }  # fmt: skip
    assert (last["weight"], last["warmup"], last["channels"]) == (1.0, 3, 2)
    assert type(last["warmup"]) is int  # epochs, not a share
    assert (last["n_epochs"], last["validation_fraction"]) == (7, 0.25)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--pair", "fcn"], "'fcn' is not of the form TEACHER:STUDENT"),
        (
            ["--option", "training__batch_size"],
            "'training__batch_size' is not of the form NAME=VALUE",
        ),
        (["--earliness", "0.2,soon"], "'soon' in '0.2,soon' is no number"),
        (["--table", "11"], "invalid choice: 11"),
    ],
)
def test_command_line_errors_name_what_is_wrong(arguments, message, capsys):
    with pytest.raises(SystemExit):
        parsed(*arguments)
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("table", RECIPES)
def test_every_cell_of_every_recipe_makes_a_classifier(table):
    cells = parsed("--table", str(table))
    assert {c["setting"] for c in cells} == {"paper"}
    kinds = {(c["distiller"], c["teacher"], c["student"], str(c["options"])): c for c in cells}
    for cell in kinds.values():
        clf = build_estimator(cell)
        clf.distiller.check_parameters()
        assert TRAININGS[clf.training]().n_epochs == 600
        assert clf.validation_fraction == 0.2


def test_recipes_are_the_tables_of_the_paper():
    one = parsed("--table", "1")
    assert {c["set"] for c in one} == set(UCR_12)
    assert len(one) == 12 * 6 * 4 * 5
    assert {c["distiller"] for c in parsed("--table", "2")} == set(DISTILLERS)
    assert {(c["channels"], c["set"]) for c in parsed("--table", "3")} == {
        (1, name) for name in UEA_12
    }
    pairs = {(c["teacher"], c["student"]) for c in parsed("--table", "5")}
    assert {("lstm3-100", "lstm1-8"), ("inception55-32", "resnet32-64")} <= pairs
    eight = parsed("--table", "8")
    assert {(c["set"], c["channels"]) for c in eight} == {
        ("PhysioNet2012", None), ("PhysioNet2012", 21),
    }  # fmt: skip
    assert len(eight) == 5 * 2 * 2 * (4 + 4 + 2)
    weights = {c["weight"] for c in parsed("--table", "9")}
    assert weights == {None, 0.0, 0.01, 0.1, 0.5, 1.0, 10.0, 100.0}


def test_an_option_joins_those_of_a_recipe():
    cells = parsed("--table", "8", "--option", "training__batch_size=32", "--distillers", "kd")
    assert {str(c["options"]) for c in cells} == {
        "{'training__batch_size': 32}",
        "{'class_weight': 'balanced', 'training__batch_size': 32}",
    }  # fmt: skip


def test_teachers_of_another_task_alone_leave_nothing_to_logits():
    with pytest.raises(ValueError, match="nothing to run"):
        parsed("--sets", "A", "--pair", "fcn@B:fcn", "--distillers", "kd,dkd")


def test_arguments_override_a_recipe():
    cells = parsed(
        "--table", "1", "--sets", *UEA_12, "--seeds", "1", "--setting", "default",
        "--pair", "fcn:fcn", "--earliness", "0.5",
    )  # fmt: skip
    assert len(cells) == 12 * 4
    assert {(c["set"] in UEA_12, c["setting"], c["teacher"]) for c in cells} == {
        (True, "default", "fcn")
    }
