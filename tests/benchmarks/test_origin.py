"""Every result says which version and which commit computed it; a report names a mixture."""

import json
import subprocess

import pytest

import gdpd_sklearn
from benchmarks._cells import cell_path, load_cells, load_results, missing_cells, run_cells
from benchmarks._origin import Origin, current_origin, describe_origins, origin_of_checkout

CELLS = [{"x": x} for x in range(3)]
OLD = Origin("0.0.9", "0123456789ab")


def git(root, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def checkout(tmp_path):
    root = tmp_path / "checkout"
    for name in ("gdpd_sklearn", "benchmarks", "docs"):
        (root / name).mkdir(parents=True)
        (root / name / "file.py").write_text("one\n")
    git(tmp_path, "init", "-q", str(root))
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    return root


def test_a_clean_checkout_is_its_commit(checkout):
    assert git(checkout, "rev-parse", "HEAD").startswith(origin_of_checkout(checkout))
    assert len(origin_of_checkout(checkout)) == 12
    # texts compute nothing
    (checkout / "docs" / "file.py").write_text("two\n")
    (checkout / "notes.txt").write_text("three\n")
    assert len(origin_of_checkout(checkout)) == 12


@pytest.mark.parametrize("name", ["gdpd_sklearn/file.py", "benchmarks/new.py"])
def test_changed_code_has_a_mark_of_its_own(checkout, name):
    clean = origin_of_checkout(checkout)
    marks = []
    for text in ("two\n", "three\n", "two\n"):
        (checkout / name).write_text(text)
        marks.append(origin_of_checkout(checkout))
    assert all(mark.startswith(f"{clean}+") and len(mark) == 21 for mark in marks)
    assert marks[0] == marks[2] != marks[1]


def test_no_checkout_of_its_own_has_no_commit(checkout, tmp_path):
    assert origin_of_checkout(checkout / "docs") is None  # unpacked inside another repository
    assert origin_of_checkout(tmp_path) is None
    assert origin_of_checkout(tmp_path / "nowhere") is None


def test_every_result_names_version_and_commit(tmp_path):
    def compute(cell):
        if cell["x"] == 2:
            raise ValueError("two")
        return {"y": 1}

    run_cells(compute, CELLS, tmp_path, n_jobs=1)
    for cell in CELLS:
        origin = json.loads(cell_path(tmp_path, cell).read_text())["origin"]
        assert origin == {
            "version": gdpd_sklearn.__version__,
            "commit": current_origin().commit,
        }
    assert all(row["origin"] == current_origin() for row in load_cells(tmp_path)[0])


def age(folder, cells, origin=OLD):
    """Write over the results of cells that another version computed them."""
    for cell in cells:
        path = cell_path(folder, cell)
        result = json.loads(path.read_text())
        result["origin"] = origin.as_dict()
        path.write_text(json.dumps(result))


def test_other_versions_count_as_done_and_are_computed_anew_on_request(tmp_path, capsys):
    run_cells(lambda cell: {"y": 1}, CELLS, tmp_path, n_jobs=1)
    load_results(tmp_path)
    assert capsys.readouterr().out.splitlines()[0] == f"3 cells of {current_origin()}."
    age(tmp_path, CELLS[:1])
    age(tmp_path, CELLS[1:2], Origin(current_origin().version, "ba9876543210"))

    assert missing_cells(CELLS, tmp_path) == []
    assert missing_cells(CELLS, tmp_path, redo_other_versions=True) == CELLS[:2]
    load_results(tmp_path)
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("3 cells of different code: 1 of ")
    assert "1 of gdpd_sklearn 0.0.9 (commit 0123456789ab)" in first
    assert "(commit ba9876543210)" in first
    assert "--redo-other-versions" in first

    run_cells(lambda cell: {"y": 2}, CELLS, tmp_path, n_jobs=1, redo_other_versions=True)
    assert [row["y"] for row in sorted(load_cells(tmp_path)[0], key=lambda r: r["x"])] == [2, 2, 1]
    assert missing_cells(CELLS, tmp_path, redo_other_versions=True) == []


def test_results_that_name_no_version_are_told_apart(tmp_path):
    path = cell_path(tmp_path, CELLS[0])
    path.write_text(json.dumps({"cell": CELLS[0], "figures": {"y": 1}}))
    (row,), problems = load_cells(tmp_path)
    assert row["origin"] == Origin()
    assert not problems
    assert describe_origins([row["origin"]]) == "1 cells of an unknown version."
    assert missing_cells(CELLS[:1], tmp_path, redo_other_versions=True) == CELLS[:1]


def test_a_sentence_begins_with_the_most_frequent_code():
    new = Origin("0.2.0")
    text = describe_origins([OLD, new, new])
    assert text.startswith(
        "3 cells of different code: 2 of gdpd_sklearn 0.2.0 (outside a git checkout); 1 of "
    )
