"""Made-up stays in intensive care, in the files of PhysioNet's challenge 2012."""

import tarfile

import numpy as np


def stay(rng, died):
    """Rows of a stay: irregular times, whole channels missing, the sicker the faster the heart."""
    rows = [
        ("00:00", "Age", int(rng.integers(20, 90))), ("00:00", "Gender", int(rng.integers(0, 2))),
        ("00:00", "Height", -1), ("00:00", "ICUType", int(rng.integers(1, 5))),
        ("00:00", "Weight", round(float(rng.normal(80, 10)), 1)),
    ]  # fmt: skip
    for name, level, often in (
        ("HR", 130 if died else 70, 40), ("Temp", 37, 12), ("Urine", 100, 20), ("Lactate", 2, 3),
    ):  # fmt: skip
        if rng.random() < 0.85:
            for minute in np.sort(rng.integers(0, 48 * 60 + 1, size=often)):
                value = level * (1 + 0.05 * rng.normal())
                rows.append((f"{minute // 60:02d}:{minute % 60:02d}", name, round(value, 2)))
    if rng.random() < 0.5:
        rows.append(("07:30", "MechVent", 1))
    return sorted(rows, key=lambda row: row[0])


def write_stays(folder, stays, outcomes, archive=None):
    """Write ``set-a`` (as a folder, or packed) and ``Outcomes-a.txt``.

    ``stays``: record to rows; ``outcomes``: record to (days, death).
    """
    series = folder / "set-a"
    series.mkdir(parents=True)
    for record, rows in stays.items():
        lines = ["Time,Parameter,Value", f"00:00,RecordID,{record}"]
        lines += [f"{time},{name},{value}" for time, name, value in rows]
        (series / f"{record}.txt").write_text("\n".join(lines) + "\n")
    lines = ["RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death"]
    lines += [f"{record},6,1,{days},-1,{death}" for record, (days, death) in outcomes.items()]
    (folder / "Outcomes-a.txt").write_text("\n".join(lines) + "\n")
    if archive is not None:
        with tarfile.open(folder / archive, f"w:{archive.rpartition('.')[2]}") as opened:
            opened.add(series, "set-a")
        for path in series.iterdir():
            path.unlink()
        series.rmdir()


def make_stays(n=30, seed=0):
    """Give ``stays`` and ``outcomes`` of n stays, a third of whom die; two lengths are unknown."""
    rng = np.random.default_rng(seed)
    records = rng.permutation(np.arange(132500, 132500 + n)).tolist()
    stays, outcomes = {}, {}
    for number, record in enumerate(records):
        died = number % 3 == 0
        stays[record] = stay(rng, died)
        outcomes[record] = (-1 if number in (4, 7) else int(rng.integers(2, 30)), int(died))
    return stays, outcomes
