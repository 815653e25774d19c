"""What a new method needs beside its file and its line in ``DISTILLERS`` is named if it lacks."""

import configparser
import inspect
from fnmatch import fnmatch
from pathlib import Path

from gdpd_sklearn import distillers
from gdpd_sklearn.distillers import DISTILLERS

ROOT = Path(__file__).parents[2]
ROOM = ROOT / "gdpd_sklearn" / "distillers"


def test_every_method_can_be_imported_from_the_room():
    missing = [
        cls.__name__ for cls in DISTILLERS.values() if cls.__name__ not in distillers.__all__
    ]
    assert not missing, f"__all__ of gdpd_sklearn/distillers/__init__.py lacks {missing}"


def test_every_method_has_a_test_of_its_own():
    files = {Path(inspect.getfile(cls)).name for cls in DISTILLERS.values()}
    missing = [f"tests/distillers/test{file}" for file in sorted(files)
               if not (Path(__file__).parent / f"test{file}").exists()]  # fmt: skip
    assert not missing, f"there is no {missing}"


def test_every_file_of_the_room_is_bound_to_independence():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    contract = config["importlinter:contract:independent-methods"]
    bound = contract["modules"].split()
    missing = [
        f"gdpd_sklearn.distillers.{file.stem}"
        for file in sorted(ROOM.glob("*.py"))
        if file.stem != "__init__"
        and not any(fnmatch(f"gdpd_sklearn.distillers.{file.stem}", each) for each in bound)
    ]
    assert not missing, f"the contract independent-methods of setup.cfg lacks {missing}"
    excused = {line.split(" -> ")[1].split(".")[-1]
               for line in contract["ignore_imports"].splitlines() if " -> " in line}  # fmt: skip
    # excuses are for what methods are made of, and for the two that contain another method
    assert excused == {"_base", "_match_steps", "_soft_dtw", "_sum", "_hinton"}
