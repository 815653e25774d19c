"""Small made-up data and tiny settings, for all tests."""

import numpy as np

from gdpd_sklearn.recipes import Training


def make_series(n_cases=24, n_channels=1, n_timepoints=20, n_classes=2, seed=0):
    """Classes that differ by the frequency of a noisy wave; balanced, in random order."""
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.arange(n_cases) % n_classes)
    time = np.linspace(0.0, 1.0, n_timepoints)
    wave = np.sin(2 * np.pi * (1 + 2 * codes[:, None, None]) * time)
    X = wave + 0.1 * rng.normal(size=(n_cases, n_channels, n_timepoints))
    return X, codes


TINY = {
    "n_epochs": 4,
    "student": "lstm1-8",
    "teacher": "lstm1-8",
    "training": Training(batch_size=8),
    "random_state": 0,
    "device": "cpu",
}

EARLY = {**TINY, "n_epochs": 3, "n_folds": 2, "classification_points": 4, "shared": True}


def write_split(folder, name, split, X, y):
    """Write series, equally long or not, as an archive's ``<name>/<name>_<split>.ts``."""
    equal = len({series.shape[1] for series in X}) == 1
    lines = [
        f"@problemName {name}", "@timestamps false", "@missing false",
        f"@univariate {str(len(X[0]) == 1).lower()}", f"@dimension {len(X[0])}",
        f"@equalLength {str(equal).lower()}", *([f"@seriesLength {X[0].shape[1]}"] * equal),
        f"@classLabel true {' '.join(map(str, np.unique(y)))}", "@data",
    ]  # fmt: skip
    for series, label in zip(X, y, strict=True):
        channels = [",".join(map(repr, map(float, channel))) for channel in series]
        lines.append(":".join([*channels, str(label)]))
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / f"{name}_{split}.ts").write_text("\n".join(lines) + "\n")
