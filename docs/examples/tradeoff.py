"""
The trade-off curve, beside aeon and tslearn
============================================

An early classifier buys time with accuracy. One score hides the price; a curve shows it. Here the
default of this package stands beside aeon's threshold rule and tslearn's ``NonMyopic`` rule.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from aeon.classification.early_classification import ProbabilityThresholdEarlyClassifier
from aeon.classification.interval_based import QUANTClassifier
from aeon.datasets import load_gunpoint

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import DecisionCost, harmonic_mean

with warnings.catch_warnings(action="ignore"):  # tslearn asks for h5py, which nothing here needs
    from tslearn.early_classification import NonMyopicEarlyClassifier

# %%
# Fifty motions of a hand train. A hundred and fifty others test. All three may decide at every
# tenth of a motion; tslearn's rule may stop at every time point after the first tenth.
X, y = load_gunpoint(split="train")
X_test, y_test = load_gunpoint(split="test")
points = tuple(range(15, 151, 15))

# %%
# **gdpd_sklearn.** One fit is enough for the whole curve. ``fit_trigger`` learns the rule again for
# another price of waiting, from left-out answers of the training cases.
delays = [0.02, 0.1, 0.3, 1.0, 3.0, 9.0]
early = GDPDEarlyClassifier(classification_points=points, random_state=0).fit(X, y)
ours = []
for delay in delays:
    early.fit_trigger(objective=DecisionCost(delay=delay))
    _, accuracy, earliness = early.score(X_test, y_test)
    ours.append((earliness, accuracy))

# %%
# **aeon.** A QUANT classifier at each point, and a threshold on its probability. The threshold is
# no part of the fit, so each of them is tried with the same classifiers.
rival = ProbabilityThresholdEarlyClassifier(
    estimator=QUANTClassifier(), classification_points=list(points), random_state=0
).fit(X, y)
aeon = []
for rival.probability_threshold in [0.5, 0.65, 0.8, 0.95]:
    _, accuracy, earliness = rival.score(X_test, y_test)
    aeon.append((earliness, accuracy))

# %%
# **tslearn.** ``NonMyopic`` groups series and looks ahead; its knob is the cost of a time point.
# On this set it hardly matters.
nonmyopic = NonMyopicEarlyClassifier(min_t=points[0], random_state=0).fit(X.transpose(0, 2, 1), y)
tslearn = []
for delay in [0.05, 0.5]:
    nonmyopic.set_params(cost_time_parameter=delay / X.shape[2])
    labels, times = nonmyopic.predict_class_and_earliness(X_test.transpose(0, 2, 1))
    tslearn.append((np.mean(times) / X.shape[2], np.mean(labels == y_test)))

# %%
# Up and to the left is better. Grey lines join what has the same harmonic mean of accuracy and the
# time saved. Every point is scored on the test motions, which chose nothing.
figure, axis = plt.subplots(figsize=(7, 4.5), layout="constrained")
x, height = np.meshgrid(np.linspace(0.01, 0.99, 80), np.linspace(0.5, 1, 80))
means = axis.contour(x, height, harmonic_mean(height, x), levels=np.arange(0.5, 1, 0.1),
                     colors="0.75", linewidths=0.8)  # fmt: skip
axis.clabel(means, fmt="%.1f", fontsize=8)
for name, curve, marker in (
    ("gdpd_sklearn, default", ours, "o"),
    ("aeon, threshold on QUANT", aeon, "s"),
    ("tslearn, NonMyopic", tslearn, "^"),
):
    axis.plot(*zip(*sorted(curve), strict=True), marker=marker, label=name)
axis.set(xlabel="earliness (share of the motion seen)", ylabel="accuracy", xlim=(0, 0.75),
         ylim=(0.5, 1.0), title="GunPoint, test motions")  # fmt: skip
axis.legend(loc="lower right")
plt.show()

# %%
# One set proves nothing. The page on early classification has twelve sets, with spread and tests.
for name, curve in (("gdpd_sklearn", ours), ("aeon", aeon), ("tslearn", tslearn)):
    best = max(curve, key=lambda point: harmonic_mean(point[1], point[0]))
    print(f"{name}: earliness {best[0]:.2f}, accuracy {best[1]:.2f}")
