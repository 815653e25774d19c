"""
A distiller of your own
=======================

A distiller is a loss: what a student of prefixes is to learn from a teacher of complete series. Any
loss of features or logits will do, in a class of a few lines.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch
from aeon.datasets import load_italy_power_demand
from torch.nn.functional import cosine_similarity, normalize

from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.distillers import KD, Distiller, Sum

# %%
# This one asks that two cases which the teacher finds alike are alike to the student too. It takes
# cosines of all pairs of a batch, from the pooled features of both networks.


class Likeness(Distiller):
    """Match the similarities of the cases of a batch."""

    stackable = True  # the loss runs under torch.func.vmap: students train as one

    def __init__(self, weight: float = 1.0) -> None:
        self.weight = weight

    def loss(self, batch, adapter):
        """Mean squared difference of two matrices of cosines."""
        student, teacher = (normalize(net.pooled) for net in (batch.student, batch.teacher))
        return (student @ student.mT - teacher @ teacher.mT).square().mean()


# %%
# It is a parameter like any other: nested names reach it, ``clone`` copies it, searches vary it.
# Here students of a convolutional network see the first eight hours of a day.
X, y = load_italy_power_demand(split="train")
X_test, y_test = (each[:400] for each in load_italy_power_demand(split="test"))
methods = {
    "labels alone": "none",
    "kd": "kd",
    "likeness": Likeness(),
    "likeness and kd": Sum(Likeness(weight=3.0), KD()),
}
scores = {}
for name, method in methods.items():
    scores[name] = [
        GDPDClassifier(
            8, student="fcn", teacher="fcn", distiller=method, n_epochs=25, random_state=seed,
        )
        .fit(X, y)
        .score(X_test, y_test)
        for seed in range(3)
    ]  # fmt: skip
    print(f"{name:16s} {np.mean(scores[name]):.3f}")

# %%
# Dots are seeds, bars their means. Differences of this size are noise: three seeds of one set say
# nothing about a method. The page on own sets and own rivals tells how a fair table is made.
figure, axis = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
for place, values in enumerate(scores.values()):
    axis.plot(values, [place] * len(values), "o", color="#1b6ca8", alpha=0.7)
    axis.plot([np.mean(values)] * 2, [place - 0.25, place + 0.25], color="#d95f02", lw=2)
axis.set_yticks(range(len(scores)), scores)
axis.invert_yaxis()
axis.set_xlabel("accuracy from the first eight hours")
axis.grid(alpha=0.3, axis="x")
plt.show()

# %%
# What a loss may see is documented in ``DistillationBatch``: features, feature maps and logits of
# both networks, labels, the student's head. A quick test by hand tells whether it does what it
# should: a student equal to its teacher loses nothing.
alike = torch.randn(5, 3)
assert torch.allclose(cosine_similarity(alike, alike, dim=-1), torch.ones(5))
