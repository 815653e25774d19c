"""Tables: how much better normalised series seem, at each share and for early decisions."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks._cells import load_results
from benchmarks.leak._compute import SHARES

__all__ = ["report"]

_KEYS = ["set", "contestant"]


def report(out: Path) -> None:
    """Print means over seeds, and the gain over sets with its standard error."""
    cells = load_results(out)
    shares = pd.DataFrame([dict(each) for each in cells["at shares"]]).set_axis(
        [f"at {share:g}" for share in SHARES], axis=1
    )
    names = ["harmonic_mean", "accuracy", "earliness", *shares.columns]
    table = pd.concat([cells.drop(columns="at shares"), shares], axis=1)
    # per cent of cases; a harmonic mean and an earliness are shares
    table[shares.columns] *= 100
    means = table.groupby([*_KEYS, "series"])[names].mean().reset_index()
    raw, seeming = (
        means[means["series"] == kind].set_index(_KEYS)[names] for kind in ("raw", "normalised")
    )
    gains = (seeming - raw).dropna()
    print("\nHarmonic mean, raw → normalised, and the gain in accuracy (points) at shares\n")
    shown = gains[shares.columns].map("{:+.1f}".format)
    shown.insert(
        0,
        "harmonic mean",
        raw["harmonic_mean"].map("{:.3f} → ".format)
        + seeming["harmonic_mean"].map("{:.3f}".format),
    )
    print(shown.reset_index().to_markdown(index=False))
    print("\nMean gain ± standard error over sets, and sets where it is above 0\n")
    rows = []
    for contestant, own in gains.groupby("contestant"):
        row = {"contestant": str(contestant)}
        for name in names:
            digits = 1 if name.startswith("at ") else 3
            error = own[name].std(ddof=1) / len(own) ** 0.5 if len(own) > 1 else 0.0
            ahead = f"({(own[name] > 0).sum()} of {len(own)})"
            row[name] = f"{own[name].mean():+.{digits}f} ± {error:.{digits}f} {ahead}"
        rows.append(row)
    print(pd.DataFrame(rows).to_markdown(index=False))
