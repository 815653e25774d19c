"""What README and docs show runs as it is printed, and every example runs while the site is built.

A page's blocks run one after another in one namespace and in an empty folder, as a reader would. A
block that cannot run here says so in its first line: ``# not run by the tests: why``.
"""

import re
import runpy
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
from synthetic import make_series

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    path
    for path in (ROOT / "README.md", *DOCS.glob("*.md"))
    if "```python" in path.read_text(encoding="utf-8")
)
NOT_RUN = {"students.md": 1, "deployment.md": 1, "benchmarks.md": 1}
"""Blocks that say that they are not run, page by page: a new one has to be entered here."""


def blocks_of(page):
    """Python blocks of a page, and how many others say that they are not run."""
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M)
    run = [block for block in blocks if not block.startswith("# not run by the tests: ")]
    return run, len(blocks) - len(run)


def run_page(page, known):
    for number, block in enumerate(blocks_of(page)[0], 1):
        exec(compile(block, f"{page.name}, block {number}", "exec"), known)
    return known


def prepared(page, folder):
    """What a page takes for given, and says so: a table of one's own, series of a ward."""
    if page.name == "frames.md":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = runpy.run_path(str(DOCS / "examples" / "own_data.py"))
        shutil.copy(made["path"], folder / "machines.csv")
    if page.name == "early_warning.md":
        X, y = make_series(40, n_timepoints=48)
        p = np.random.default_rng(0).dirichlet([1.0, 1.0], size=(4, 40))
        return {
            "X": X, "y": np.where(y == 1, "died", "survived"), "p": p, "p_new": p[:, :7],
            "died": y, "hours": np.array([6, 12, 24, 48]) / 48,
        }  # fmt: skip
    return {}


def check_labels(known):
    assert known["clf"].n_labelled_ == 10
    assert len(known["scores"]) == 2


def check_messy(known):
    assert (known["labels"] == known["y"]).mean() > 0.8
    ends = [each.shape[1] for each in known["series"]]
    assert (known["stop_times"] <= ends).all()
    assert known["decision"].stop_time == 3


def check_frames(known):
    assert known["score"].accuracy > 0.85
    assert set(known["labels"]) == {"fails", "runs"}
    assert known["decision"].label in ("fails", "runs")


def check_early_warning(known):
    assert known["clf"].classification_points_ == (6, 12, 24, 48)
    assert known["points"].shape == (7,)


def check_tour(known):
    assert known["harmonic_mean"] > 0.8
    assert known["table"].shape[0] == len(known["X_test"])
    assert known["clf"].prefix_length_ == 60


def check_own_benchmark(known):
    np.testing.assert_allclose(known["X_back"], known["X"][::2], atol=1e-6)
    assert (known["y_back"] == known["y"][::2]).all()


CHECKS = {
    "labels.md": check_labels, "messy.md": check_messy, "frames.md": check_frames,
    "early_warning.md": check_early_warning, "tour.md": check_tour,
    "own_benchmark.md": check_own_benchmark,
}  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_run_as_printed(page, tmp_path, monkeypatch):
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("Agg")
    monkeypatch.chdir(tmp_path)
    known = run_page(page, prepared(page, tmp_path))
    plt.close("all")
    CHECKS.get(page.name, lambda known: None)(known)


def test_blocks_that_are_not_run_are_counted():
    assert {page.name: blocks_of(page)[1] for page in PAGES if blocks_of(page)[1]} == NOT_RUN


def test_readme_stands_alone():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert all(link.startswith(("https://", "#")) for link in links), links
    assert len(re.findall(r"^python -m pip install .*&& python -m", text, re.M)) == 2


def test_every_page_is_in_the_site():
    named = set()
    for page in DOCS.glob("*.md"):
        for tree in re.findall(r"^```{toctree}\n(.*?)^```", page.read_text(), re.S | re.M):
            named |= {line.strip() for line in tree.splitlines() if line and line[0] != ":"}
    pages = {page.stem for page in DOCS.glob("*.md")} - {"index"}
    assert pages == {name for name in named if "/" not in name}


def test_lines_are_wrapped():
    for page in DOCS.glob("*.md"):
        within = False
        for line in page.read_text(encoding="utf-8").splitlines():
            within ^= line.startswith("```")
            if not within and not line.lstrip().startswith("|"):
                assert len(line) <= 100, (page.name, line)
