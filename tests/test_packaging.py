"""What stands in several files about the package says the same."""

import configparser
import re
from pathlib import Path

from gdpd_sklearn import __version__

ROOT = Path(__file__).parents[1]


def requirements(option):
    """Give name and version specifiers of each requirement of a setup.cfg option."""
    lines = [line for line in option.splitlines() if line and not line.startswith("#")]
    return {normal(re.match(r"[\w-]+", line)[0]): re.sub(r"^[\w-]+", "", line) for line in lines}


def normal(name):
    return name.lower().replace("_", "-")


def pinned(name):
    lines = (ROOT / name).read_text().splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {normal(name): version for name, version in pairs}


def setup():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def numbers(version):
    return [int(part) for part in version.split(".")]


def test_version_in_changelog_and_citation():
    heading = re.search(r"^## (\S+) \((\S+)\)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    citation = (ROOT / "CITATION.cff").read_text()
    assert heading[1] == __version__
    assert f"\nversion: {__version__}\n" in citation
    assert f"\ndate-released: {heading[2]}\n" in citation


def test_minimums_are_those_of_the_requirements():
    lowest = pinned(".ci/minimums.txt")
    wanted = requirements(setup()["options"]["install_requires"])
    for extra in ("progress", "plots", "onnx"):
        wanted |= requirements(setup()["options.extras_require"][extra])
    assert len(wanted) >= 12
    for name, specifiers in wanted.items():
        least = numbers(re.search(r">=([\d.]+)", specifiers)[1])
        assert numbers(lowest[name])[: len(least)] == least, name
        # nothing older is let in by the digits that the specifier leaves out
        assert not any(numbers(lowest[name])[len(least) :]), name


def test_constraints_hold_every_requirement():
    pins = pinned("constraints.txt")
    wanted = requirements(setup()["options"]["install_requires"])
    for extra in ("progress", "plots", "distributed", "benchmarks", "docs", "lint"):
        wanted |= requirements(setup()["options.extras_require"][extra])
    missing = [name for name in wanted if name not in pins]
    assert not missing


def test_extras_agree_on_what_they_share():
    extras = {n: requirements(v) for n, v in setup()["options.extras_require"].items()}
    for name in {name for extra in extras.values() for name in extra}:
        assert len({extra[name] for extra in extras.values() if name in extra}) == 1, name


def test_the_sdist_takes_every_folder_that_tests_read():
    manifest = (ROOT / "MANIFEST.in").read_text()
    for folder in ("benchmarks", "docs", "tests", ".ci"):
        assert f"graft {folder}\n" in manifest
