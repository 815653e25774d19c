"""Reports say what the cells say, of complete sets alone, and name what they leave out."""

from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from made_up_cells import plausible_figures, write_cell

from benchmarks._cells import load_cells
from benchmarks.accuracy._report import report
from benchmarks.accuracy._report._comparison import compare

SETS = ("CBF", "Coffee", "ECG200", "GunPoint", "Trace", "FaceFour")


def test_averages_ranks_and_wins_are_over_complete_sets():
    rows = pd.DataFrame(
        [("A", "none", 0, 0.5), ("A", "none", 1, 0.7), ("A", "kd", 0, 0.6), ("A", "kd", 1, 0.6),
         ("B", "none", 0, 0.8), ("B", "none", 1, 0.8), ("B", "kd", 0, 0.9), ("B", "kd", 1, 0.9),
         ("C", "none", 0, 0.1), ("C", "none", 1, 0.1), ("C", "kd", 0, 0.9)],
        columns=["set", "distiller", "seed", "auc_prc"],
    )  # fmt: skip
    found = compare(rows)
    assert found.complete == ["A", "B"]
    assert found.left_out == ["C"]
    assert found.n_seeds.loc["C", "kd"] == 1
    assert np.allclose(found.summary["average"], [70.0, 75.0])
    # A is a tie: rank 1.5 for both and a shared win
    assert np.allclose(found.summary["rank"], [1.75, 1.25])
    assert found.summary["wins"].tolist() == [1, 2]
    assert np.isclose(found.summary.loc["none", "std"], np.std([65.0, 75.0], ddof=1))
    assert found.summary.loc["kd", "std"] == 0.0


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Cells for each table, an incomplete set, a damaged file: the folder, what is printed."""
    folder = tmp_path_factory.mktemp("results")
    rng = np.random.default_rng(0)

    def add(**cell):
        figures = plausible_figures({"earliness": 0.5, "distiller": "none", **cell}, rng)
        if cell["set"] == "PhysioNet2012":
            rare = figures["auc_prc"] - 0.3
            figures["class_auc_prc"] = {"died": rare, "survived": 2 * figures["auc_prc"] - rare}
        seconds = 0.03 if cell.get("distiller", "none") == "none" else 0.06
        write_cell(folder, figures, {"seconds_per_epoch": seconds}, **cell)

    for seed in (0, 1):
        for name in SETS:
            for method in ("none", "kd", "gdpd"):
                for earliness in (0.2, 0.5):
                    add(set=name, distiller=method, earliness=earliness, seed=seed)
                add(set=name, distiller=method, seed=seed, teacher="lstm3-100", student="lstm1-8")
            for weight in (0.0, 1.0, 10.0):
                add(set=name, distiller="gdpd", seed=seed, weight=weight, validation_fraction=0.3)
            steps = {"distiller__n_diffusion_steps": 100}
            add(set=name, distiller="gdpd", seed=seed, options=steps)
        for name in ("Libras", "NATOPS"):
            for method in ("none", "gdpd"):
                for channels in (None, 2):
                    add(set=name, distiller=method, seed=seed, channels=channels)
        for method, teacher in (("none", "fcn"), ("kd", "fcn"), ("gdpd", "fcn@PhysioNet2012Stay")):
            for weight in (None, "balanced"):
                options = {"class_weight": weight} if weight else {}
                add(set="PhysioNet2012", distiller=method, teacher=teacher, options=options,
                    seed=seed)  # fmt: skip
    add(set="TwoLeadECG", distiller="kd")
    (folder / "damaged.json").write_text('{"cell": ')
    with redirect_stdout(StringIO()) as printed:
        report(folder)
    return folder, printed.getvalue()


def test_every_table_is_written_and_no_cell_is_averaged_over_silently(written):
    folder, text = written
    out = folder / "report"
    assert text.startswith((out / "report.md").read_text())
    for number in range(1, 11):
        assert f"## Table {number}:" in text
    assert "No cells for" not in text
    assert "damaged.json" in text
    assert "left out of averages, incomplete: TwoLeadECG" in text
    assert "of UCR-12, without any cell: ECGFiveDays" in text
    assert "cross-architecture" not in text
    names = {path.name for path in out.iterdir()}
    for kind in ("critical_difference", "scatter", "curves"):
        assert any(kind in name and name.endswith(".png") for name in names)
    assert {f"table_{n}_averages.csv" for n in range(1, 10)} | {"table_10.csv"} <= names
    for shown in [part.split("](")[1][:-1] for part in text.split("\n") if part.startswith("![")]:
        assert (out / shown).stat().st_size > 2000


def test_figures_of_the_csv_files_are_those_of_the_cells(written):
    folder, _ = written
    out = folder / "report"
    sets = pd.read_csv(out / "table_1_sets.csv").set_index(["earliness", "set", "method"])
    scores = [
        100 * row["auc_prc"]
        for row in load_cells(folder)[0]
        if (row["set"], row["distiller"], row["earliness"]) == ("Coffee", "kd", 0.2)
    ]
    assert np.isclose(sets.loc[(0.2, "Coffee", "kd"), "mean"], np.mean(scores))
    assert np.isclose(sets.loc[(0.2, "Coffee", "kd"), "std"], np.std(scores, ddof=1))
    costs = pd.read_csv(out / "table_10.csv").set_index("method")
    assert np.allclose(costs.loc["gdpd", "relative to none"].dropna(), 2.0)
    averages = pd.read_csv(out / "table_1_averages.csv").set_index(["earliness", "method"])
    assert averages.loc[(0.2, "gdpd"), "paper"] == 73.83
    deaths = pd.read_csv(out / "table_8_averages.csv", keep_default_na=False)
    assert deaths["class weight"].tolist() == ["None"] * 3 + ["balanced"] * 3
    assert deaths["teacher of"].tolist() == ["-", "the same", "PhysioNet2012Stay"] * 2
    assert deaths["method"].tolist() == ["none", "kd", "gdpd"] * 2
    assert deaths["seeds"].tolist() == [2] * 6
    rare = [
        100 * row["class_auc_prc"]["died"]
        for row in load_cells(folder)[0]
        if row["set"] == "PhysioNet2012" and row["distiller"] == "kd" and row["options"]
    ]
    line = deaths.set_index(["class weight", "method"]).loc[("balanced", "kd")]
    assert np.isclose(line["died"], np.mean(rare))
    assert np.isclose(line["died std"], np.std(rare, ddof=1))
    assert np.allclose(deaths["both"] - deaths["died"], 30.0)
    weights = pd.read_csv(out / "table_9_averages.csv").query("varied == 'weight'")
    assert weights["paper"].tolist() == [83.90, 97.26, 91.87]


def test_weights_are_chosen_by_validation_and_on_test_only_in_a_labelled_column(tmp_path, capsys):
    for name in SETS:
        for seed in (0, 1):
            write_cell(tmp_path, {"auc_prc": 0.5}, set=name, seed=seed)
            for weight, validation, test in ((0.1, 0.9, 0.6), (10.0, 0.8, 0.7)):
                figures = {"validation_auc_prc": validation, "auc_prc": test}
                write_cell(tmp_path, figures, set=name, seed=seed, distiller="gdpd", weight=weight)
    averages = {}
    for protocol in ("honest", "paper"):
        report(tmp_path, tmp_path / protocol, protocol)
        path = tmp_path / protocol / "table_2_averages.csv"
        averages[protocol] = pd.read_csv(path).set_index("method")
    assert "chosen on test" not in averages["honest"]
    for table in averages.values():
        assert np.isclose(table.loc["gdpd", "average"], 60.0)
    assert np.isclose(averages["paper"].loc["gdpd", "chosen on test"], 70.0)
    assert np.isnan(averages["paper"].loc["none", "chosen on test"])


def test_weights_without_validation_are_not_chosen_among(tmp_path, capsys):
    for weight in (0.1, 1.0):
        for name in SETS:
            figures = {"validation_auc_prc": None, "auc_prc": weight}
            write_cell(tmp_path, figures, set=name, distiller="gdpd", weight=weight)
    report(tmp_path)
    text = capsys.readouterr().out
    assert "none may be chosen" in text
    assert "## Table 2" not in text
    assert "## Table 9" in text


def test_own_sets_rank_beside_those_of_an_archive_and_one_share_is_enough(tmp_path, capsys):
    names = ("MySet", "CBF", "Coffee", "ECG200", "GunPoint", "ItalyPowerDemand")
    rng = np.random.default_rng(0)
    for name in names:
        for method in ("none", "kd", "gdpd"):
            cell = {"set": name, "distiller": method, "earliness": 0.4}
            write_cell(tmp_path, plausible_figures(cell, rng), **cell)
    report(tmp_path)
    text = capsys.readouterr().out
    assert "## Table 2: all methods at one share of the series" in text
    assert "6 complete sets" in text
    averages = pd.read_csv(tmp_path / "report" / "table_2_averages.csv")
    assert averages["sets"].tolist() == [6] * 3
    assert averages["block"].str.startswith("all sets, ").all()
    assert list((tmp_path / "report").glob("table_2_*critical_difference.png"))


def test_foreign_and_unfinished_results_are_named(tmp_path, capsys):
    write_cell(tmp_path)
    broken = write_cell(tmp_path, {"auc_prc": None}, seed=1)
    foreign = write_cell(tmp_path, benchmark="early", seed=2)
    report(tmp_path)
    text = capsys.readouterr().out
    assert f"{broken.name}: auc_prc=None" in text
    assert f"{foreign.name}: benchmark 'early'" in text


def test_bad_folder_and_protocol_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        report(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="holds no accuracy result"):
        report(tmp_path)
    with pytest.raises(ValueError, match="protocol='best'"):
        report(tmp_path, protocol="best")
