import inspect
from pathlib import Path

from gdpd_sklearn.distillers import DISTILLERS

ROOT = Path(__file__).parents[2]


def table():
    rows = {}
    for line in (ROOT / "docs" / "methods.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            name, cls, paper, loss, file = (cell.strip() for cell in line.strip("|").split("|"))
            rows[name.strip("`")] = (cls.strip("`"), paper, loss, file.strip("`"))
    return rows


def test_table_has_every_distiller_in_order_and_no_other():
    rows = table()
    missing = [name for name in DISTILLERS if name not in rows]
    assert not missing, f"the table of docs/methods.md lacks rows for {missing}"
    assert list(rows) == list(DISTILLERS), "the table of docs/methods.md has another order"


def test_class_file_and_paper_are_right():
    for name, (cls, paper, loss, file) in table().items():
        assert DISTILLERS[name].__name__ == cls
        assert (ROOT / file).samefile(inspect.getfile(DISTILLERS[name]))
        assert loss
        # the module's docstring names the authors and the year that the table names
        if name != "none":
            module = inspect.getmodule(DISTILLERS[name]).__doc__
            first = paper.split(";")[0].split(",")[0].split(" ")[0]
            assert first in module, name
