"""
The normalisation leak
======================

A series that is z-normalised as a whole tells its own future: where a prefix lies in the mean and
spread of the whole is known from its first point on. In use nobody knows that.
"""

import matplotlib.pyplot as plt
import numpy as np

from gdpd_sklearn import GDPDClassifier

# %%
# Cylinders, bells and funnels (Saito 1994) as they are defined: noise, and somewhere in it a shape.
random = np.random.default_rng(0)
names = np.array(["cylinder", "bell", "funnel"])


def draw(name):
    """Draw one series of 128 points."""
    start, length = random.integers(16, 33), random.integers(32, 97)
    time = np.arange(128)
    rise = (time - start) / length
    shape = {"cylinder": np.ones(128), "bell": rise, "funnel": 1 - rise}[name]
    inside = (rise >= 0) & (rise <= 1)
    return (6 + random.normal()) * shape * inside + random.normal(size=128)


y = np.tile(names, 130)
raw = np.array([[draw(name)] for name in y])
normalised = (raw - raw.mean(-1, keepdims=True)) / raw.std(-1, keepdims=True)

# %%
# The first sixteen points of a raw series are noise: nothing has begun. Of a normalised series they
# tell how much is still to come.
figure, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
colours = dict(zip(names, ["#1b9e77", "#d95f02", "#1b6ca8"], strict=True))
for axis, X, title in zip(axes, (raw, normalised), ("raw", "normalised as a whole"), strict=True):
    for case in range(9):
        axis.plot(X[case, 0], color=colours[y[case]], lw=0.9, alpha=0.8,
                  label=y[case] if case < 3 else None)  # fmt: skip
    axis.axvspan(0, 15, color="0.5", alpha=0.2, lw=0)
    axis.set(title=title, xlabel="time point")
axes[0].legend(frameon=False, fontsize="small")
plt.show()

# %%
# The same classifier on both: ninety series train, three hundred test.
shares = [0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0]
figure, axis = plt.subplots(figsize=(6.5, 3.8), layout="constrained")
for label, X in (("normalised as a whole", normalised), ("raw", raw)):
    scores = [
        GDPDClassifier(share, random_state=0).fit(X[:90], y[:90]).score(X[90:], y[90:])
        for share in shares
    ]
    axis.plot(shares, scores, "o-", label=label)
    print(label, [f"{score:.2f}" for score in scores])
axis.axhline(1 / 3, color="0.6", ls=":", label="a guess")
axis.axvspan(0, 16 / 128, color="0.5", alpha=0.15, lw=0)
axis.set(xlabel="share of the series seen", ylabel="accuracy", ylim=(0.2, 1.03))
axis.legend(loc="lower right")
plt.show()

# %%
# Within the grey part nothing has happened yet, so whatever is above a guess is knowledge of the
# future. Most sets of the UCR archive are normalised in this way. Compare methods on raw series
# where you can, and in a fit of your own scale by training statistics: ``scaling="standard"``, the
# default, does that.
