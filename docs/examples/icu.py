"""
Early warning with a promise
============================

A clinic asks: find eight in ten of the patients who get worse, with at most three in ten false
alarms among the others, and do it as early as that can be kept. The patients here are made up; the
page on early warning has figures of real ones.
"""

import matplotlib.pyplot as plt
import numpy as np

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import LeastDelay

# %%
# Two days of pulse, blood pressure and lactate, hour by hour. One patient in five gets worse, from
# an hour of their own on. Pulse is measured nearly every hour, lactate every sixth or so.
random = np.random.default_rng(0)
N, HOURS = 500, 48
worse = random.random(N) < 0.2
y = np.where(worse, "worse", "stable")
onset = random.integers(2, 30, N)
grown = np.clip((np.arange(HOURS) - onset[:, None]) / 12, 0, 1) * worse[:, None]
level = random.normal(0, 1, (N, 3, 1)) * [[8], [7], [0.4]]
drift = random.normal(0, 1, (N, 3, HOURS)).cumsum(-1) * [[1.0], [1.0], [0.05]]
X = np.array([[80], [85], [1.2]]) + level + drift + random.normal(0, 1, (N, 3, HOURS)) * [
    [4], [4], [0.2]
]  # fmt: skip
X += grown[:, None] * np.array([[22], [-16], [1.8]])
measured = random.random((N, 3, HOURS)) < [[0.9], [0.6], [0.17]]
measured[:, :, 0] = True
X = np.where(measured, X, np.nan)
train, test = np.arange(N) < 300, np.arange(N) >= 300

# %%
# The promise is an objective. Rates are kept on held-out cases, so they scatter on new ones.
goal = LeastDelay(sensitivity=0.8, specificity=0.7, positive="worse")
early = GDPDEarlyClassifier(
    classification_points=tuple(range(6, HOURS + 1, 6)), objective=goal, random_state=0
).fit(X[train], y[train])
labels, probabilities, hours = early.predict_early(X[test])
sick = y[test] == "worse"
alarms = labels == "worse"
print(f"{sick.sum()} of {len(sick)} got worse; a decision falls after {hours.mean():.0f} hours")
print(f"sensitivity {alarms[sick].mean():.2f}, specificity {(~alarms[~sick]).mean():.2f}")

# %%
# When are they found? An alarm before an onset is luck, or a false alarm that came true.
figure, axis = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
grid = np.arange(0, HOURS + 1)
found = [(alarms & (hours <= hour))[sick].mean() for hour in grid]
false = [(alarms & (hours <= hour))[~sick].mean() for hour in grid]
begun = [(onset[test][sick] <= hour).mean() for hour in grid]
axis.step(grid, begun, where="post", color="0.6", ls="--", label="got worse so far")
axis.step(grid, found, where="post", color="#d95f02", label="of these, found")
axis.step(grid, false, where="post", color="#1b6ca8", label="false alarms among the others")
axis.axhline(0.8, color="#d95f02", lw=0.8, ls=":")
axis.axhline(0.3, color="#1b6ca8", lw=0.8, ls=":")
axis.set(xlabel="hours since admission", ylabel="share of patients", ylim=(0, 1.02), xlim=(0, 48))
axis.legend(loc="upper left", frameon=False, fontsize="small")
plt.show()

# %%
# Another promise takes a moment: students stay, the rule is learned again.
for sensitivity, specificity in ((0.6, 0.9), (0.8, 0.7), (0.9, 0.5)):
    early.fit_trigger(objective=LeastDelay(sensitivity, specificity, "worse"))
    labels, _, hours = early.predict_early(X[test])
    alarms = labels == "worse"
    print(f"asked {sensitivity:.1f} and {specificity:.1f}: got {alarms[sick].mean():.2f} and "
          f"{(~alarms[~sick]).mean():.2f} after {hours.mean():.0f} hours")  # fmt: skip
