"""
A stream, animated
==================

Sensors send one value after another. A stream watches them side by side and answers each at the
first moment that is safe.
"""

import matplotlib.pyplot as plt
import numpy as np
from aeon.datasets import load_gunpoint
from matplotlib.animation import FuncAnimation

from gdpd_sklearn import GDPDEarlyClassifier

# %%
# Fit on complete motions of a hand: with a gun (1) or pointing (2).
X, y = load_gunpoint(split="train")
X_test, y_test = load_gunpoint(split="test")
early = GDPDEarlyClassifier(random_state=0).fit(X, y)

# %%
# Four hands move. ``push_many`` takes one point of each and gives the decisions that fell with it.
names = ["hand A", "hand B", "hand C", "hand D"]
watched = dict(zip(names, X_test[[0, 3, 5, 8]], strict=True))
stream = early.stream()
for time in range(X.shape[2]):
    points = {
        name: series[:, time] for name, series in watched.items() if name not in stream.decisions
    }
    for name, decision in stream.push_many(points).items():
        print(f"point {decision.stop_time:3d}: {name} is class {decision.label}, "
              f"probability {decision.probabilities.max():.2f}")  # fmt: skip
    if len(stream.decisions) == len(names):
        break
print(stream)

# %%
# The same, drawn as it happens. A line ends where its decision fell: nothing after it was needed.
colours = dict(zip(early.classes_, ["#d95f02", "#1b6ca8"], strict=True))
figure, axes = plt.subplots(2, 2, figsize=(7, 4.2), sharex=True, sharey=True, layout="constrained")
lines, titles = [], []
for name, axis in zip(names, axes.flat, strict=True):
    lines.append(axis.plot([], [], color="0.3")[0])
    titles.append(axis.set_title(f"{name}: watching", fontsize=10))
    axis.set(xlim=(0, 150), ylim=(np.min(X_test) - 0.1, np.max(X_test) + 0.1))
for axis in axes[1]:
    axis.set_xlabel("time point")


def draw(time):
    """Show what has been seen at this time."""
    for (name, series), line, title in zip(watched.items(), lines, titles, strict=True):
        decision = stream.decisions[name]
        seen = min(time, decision.stop_time)
        line.set_data(np.arange(1, seen + 1), series[0, :seen])
        if time >= decision.stop_time:
            line.set_color(colours[decision.label])
            title.set_text(f"{name}: class {decision.label} after {decision.stop_time}")
    return [*lines, *titles]


last = max(decision.stop_time for decision in stream.decisions.values())
animation = FuncAnimation(figure, draw, frames=range(1, last + 12, 3), interval=80)
plt.show()

# %%
# A session can be stored at any moment and goes on elsewhere: ``pickle.dumps(stream)``. The page on
# streams in production says more.
