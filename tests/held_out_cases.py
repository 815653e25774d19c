"""Held-out probabilities, and rules asked case by case in plain loops, for tests of rules."""

import numpy as np


def noisy(seed, n_cases=30, n_classes=3, n_points=6):
    rng = np.random.default_rng(seed)
    y = rng.integers(n_classes, size=n_cases)
    logits = rng.normal(size=(n_points, n_cases, n_classes))
    logits[:, np.arange(n_cases), y] += np.linspace(0, 4, n_points)[:, None]
    powers = np.exp(logits)
    fractions = np.arange(1, n_points + 1) / n_points
    return powers / powers.sum(axis=-1, keepdims=True), y, fractions


def loop(safe_at, probabilities):
    """Ask ``safe_at(history of one case)`` at each point; the last always stops."""
    n_points, n_cases = probabilities.shape[:2]
    points = []
    for i in range(n_cases):
        for p in range(n_points):
            if p == n_points - 1 or safe_at(probabilities[: p + 1, i]):
                points.append(p)
                break
    return points


def value_by_loop(points, probabilities, y, fractions):
    accuracy = np.mean([probabilities[p, i].argmax() == y[i] for i, p in enumerate(points)])
    saved = 1 - np.mean([fractions[p] for p in points])
    return 0.0 if accuracy + saved == 0 else 2 * accuracy * saved / (accuracy + saved)


def top_two(row):
    ordered = sorted(row, reverse=True)
    return ordered[0], ordered[1]
