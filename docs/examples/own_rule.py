"""
A stopping rule of your own
===========================

A rule sees the class probabilities so far and says whether a case may be decided. A function is a
rule; a class can learn.
"""

import matplotlib.pyplot as plt
import numpy as np
from aeon.datasets import load_arrow_head

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.triggers import Trigger

X, y = load_arrow_head(split="train")
X_test, y_test = load_arrow_head(split="test")
early = GDPDEarlyClassifier(random_state=0).fit(X, y)

# %%
# A function
# ----------
# It gets the probabilities of all points so far, of shape (points, cases, classes), and the shares
# of the series at these points. This one waits until the same class was ahead three times.


def three_times(probabilities, fractions):
    """Say which cases may be decided now."""
    ahead = probabilities.argmax(-1)[-3:]
    return (ahead == ahead[-1]).all(axis=0) & (len(ahead) == 3)


print(early.fit_trigger(three_times).score(X_test, y_test))

# %%
# A class that learns
# -------------------
# ``_fit`` gets held-out cases, ``_safe`` answers for every point. This rule stops when the entropy
# of the answer is low enough, and tries thirty levels. ``held_out.value`` says what stopping points
# are worth, for whatever objective the classifier has: the harmonic mean, costs or a promise.


class LowEntropy(Trigger):
    """Stop when the entropy of the class probabilities is below a level."""

    def _fit(self, held_out):
        entropy = self._entropy(held_out.probabilities)
        best = -np.inf
        for level in np.quantile(entropy, np.linspace(0.02, 1, 30)):
            safe = entropy <= level
            safe[-1] = True  # at the end of the series every case is decided
            value = held_out.value(safe.argmax(axis=0))
            if value > best:
                best, self.level_ = value, level

    def _safe(self, probabilities):
        return self._entropy(probabilities) <= self.level_

    @staticmethod
    def _entropy(probabilities):
        return -(probabilities * np.log(np.maximum(probabilities, 1e-12))).sum(-1)


print(early.fit_trigger(LowEntropy()).score(X_test, y_test))

# %%
# The rules of the package beside these, all on the same students. Whatever a rule learns, it learns
# from left-out answers of the 36 training cases.
rules = {
    "falling_threshold": "falling_threshold", "probability_threshold": "probability_threshold",
    "calimera": "calimera", "three_times": three_times, "LowEntropy": LowEntropy(),
}  # fmt: skip
figure, axis = plt.subplots(figsize=(6.5, 4), layout="constrained")
for (name, rule), marker in zip(rules.items(), "osD^*", strict=True):
    score, accuracy, earliness = early.fit_trigger(rule).score(X_test, y_test)
    axis.plot(earliness, accuracy, marker, ms=9, label=f"{name}: {score:.2f}")
axis.set(xlabel="earliness", ylabel="accuracy", title="ArrowHead: harmonic mean of each rule",
         xlim=(0.1, 0.4), ylim=(0.5, 0.85))  # fmt: skip
axis.grid(alpha=0.3)
axis.legend(loc="lower right", fontsize="small")
plt.show()
