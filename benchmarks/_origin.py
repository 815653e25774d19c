"""Which code computed a result: the package's version, and the commit of a git checkout."""

from __future__ import annotations

import hashlib
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path
from typing import Any

__all__ = ["Origin", "current_origin", "describe_origins", "origin_of_checkout"]

_ROOT = Path(__file__).parents[1]

# what computes: a change of texts or tests is no other code
_CODE = ("gdpd_sklearn", "benchmarks")


@dataclass(frozen=True)
class Origin:
    """The code of a result.

    Parameters
    ----------
    version : str, optional
        Of the package; None where a result does not say it.
    commit : str, optional
        Twelve digits of the commit. Where the code differs from that commit, ``+`` and eight digits
        of the difference follow. None outside a git checkout.
    """

    version: str | None = None
    commit: str | None = None

    @classmethod
    def read(cls, result: Mapping[str, Any]) -> Origin:
        """Give the origin that a result file names; an unknown one where it names none."""
        return cls(**result.get("origin", {}))

    def as_dict(self) -> dict[str, str | None]:
        """Give what a result file holds."""
        return asdict(self)

    def __str__(self) -> str:
        if self.version is None:
            return "an unknown version"
        where = f"commit {self.commit}" if self.commit else "outside a git checkout"
        return f"gdpd_sklearn {self.version} ({where})"


@cache
def current_origin() -> Origin:
    """Give the origin of what this process computes: the code as it is at the first call.

    A process asks before it computes its first cell, so that a commit made while it runs does not
    count.
    """
    package = _package_folder()
    same_checkout = package.is_relative_to(_ROOT.resolve())
    commit = origin_of_checkout(_ROOT) if same_checkout else None
    return Origin(run_path(str(package / "_version.py"))["__version__"], commit)


def _package_folder() -> Path:
    """Find the package without importing it: torch takes seconds, and not every cell needs it."""
    spec = find_spec("gdpd_sklearn")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("gdpd_sklearn is not installed.")
    return Path(spec.origin).resolve().parent


def origin_of_checkout(root: Path) -> str | None:
    """Give the commit of a checkout, with a mark of what differs from it; None without git.

    A folder inside somebody else's repository is no checkout of its own.
    """
    try:
        if Path(_git(root, "rev-parse", "--show-toplevel").decode().strip()) != root.resolve():
            return None
        commit = _git(root, "rev-parse", "HEAD").decode().strip()[:12]
        changes = _git(root, "diff", "HEAD", "--binary", "--", *_CODE)
        added = _git(root, "ls-files", "-z", "--others", "--exclude-standard", "--", *_CODE)
    except (OSError, subprocess.CalledProcessError):
        return None
    if not changes and not added:
        return commit
    digest = hashlib.sha256(changes)
    for name in sorted(filter(None, added.split(b"\0"))):
        digest.update(name + b"\0" + (root / name.decode()).read_bytes())
    return f"{commit}+{digest.hexdigest()[:8]}"


def _git(root: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True).stdout


def describe_origins(origins: Iterable[Origin]) -> str:
    """Say in a sentence which code the cells of a report come from, the most frequent first."""
    counts = Counter(origins).most_common()
    if len(counts) == 1:
        (origin, n_cells), *_ = counts
        return f"{n_cells} cells of {origin}."
    parts = "; ".join(f"{n_cells} of {origin}" for origin, n_cells in counts)
    total = sum(n_cells for _, n_cells in counts)
    return f"{total} cells of different code: {parts}. --redo-other-versions computes them anew."
