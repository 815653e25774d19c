"""
Costs and constraints
=====================

What an early decision is worth depends on prices: of an error, of each kind of error, and of
waiting. A rule learns them in a moment, since no student is trained again.
"""

import matplotlib.pyplot as plt
import numpy as np
from aeon.datasets import load_italy_power_demand

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import DecisionCost, LeastDelay

# %%
# Power demand of a town, hour by hour. Is the day one of winter (1) or of summer (2)? Of the 1096
# days of both splits 400 train here and 300 test.
parts = [load_italy_power_demand(split=split) for split in ("train", "test")]
X, y = (np.concatenate(each) for each in zip(*parts, strict=True))
order = np.random.default_rng(0).permutation(len(y))
X, y, X_test, y_test = X[order[:400]], y[order[:400]], X[order[400:700]], y[order[400:700]]
early = GDPDEarlyClassifier(classification_points=24, random_state=0).fit(X, y)
print("decides after", early.classification_points_, "hours")

# %%
# The price of waiting
# --------------------
# An error costs 1. Waiting for the whole day costs ``delay``. The dearer it is, the earlier the
# decisions fall.
delays = [0.05, 0.3, 1.0]
figure, axes = plt.subplots(3, 1, figsize=(7, 5), sharex=True, layout="constrained")
for delay, axis in zip(delays, axes, strict=True):
    early.fit_trigger(objective=DecisionCost(delay=delay))
    labels, _, hours = early.predict_early(X_test)
    right = labels == y_test
    bins = np.arange(0.5, 25)
    axis.hist([hours[right], hours[~right]], bins=bins, stacked=True, color=["#1b9e77", "#d95f02"],
              label=["right", "wrong"])  # fmt: skip
    axis.set_title(f"waiting costs {delay:g}: {right.mean():.0%} right after "
                   f"{hours.mean():.1f} hours on average", fontsize=10)  # fmt: skip
    axis.set_ylabel("days")
axes[0].legend(frameon=False)
axes[-1].set_xlabel("hour of the decision")
plt.show()

# %%
# Errors of two prices
# --------------------
# Calling a winter's day summer may be dear, since the town then buys too little. A dict names the
# costs by label. What is left out costs 1. The label is then that of the least expected cost, which
# need not be the likeliest one.
for costs in ({}, {"1": 10.0}):
    objective = DecisionCost(costs, delay=0.5)
    early.fit_trigger(objective=objective)
    labels, _, hours = early.predict_early(X_test)
    missed = np.mean(labels[y_test == "1"] == "2")
    print(f"costs {costs or 'all 1'}: {missed:.1%} of winter days missed, {hours.mean():.1f} hours")

# %%
# A promise instead of prices
# ---------------------------
# ``LeastDelay`` asks for rates and decides as early as they allow. Each circle is a rule that
# promises to find so many of the winter days, with at most one in ten false alarms.
promises = [0.7, 0.8, 0.9, 0.95]
kept, waited = [], []
for promise in promises:
    goal = LeastDelay(sensitivity=promise, specificity=0.9, positive="1")
    early.fit_trigger(objective=goal)
    labels, _, hours = early.predict_early(X_test)
    kept.append(np.mean(labels[y_test == "1"] == "1"))
    waited.append(hours.mean())
figure, axes = plt.subplots(1, 2, figsize=(7, 3.2), layout="constrained")
axes[0].plot([0.6, 1], [0.6, 1], color="0.7", lw=1, label="as promised")
axes[0].plot(promises, kept, "o-")
axes[0].legend(frameon=False)
axes[0].set(xlabel="sensitivity asked for", ylabel="sensitivity on test days")
axes[1].plot(promises, waited, "o-", color="#d95f02")
axes[1].set(xlabel="sensitivity asked for", ylabel="hours until the decision", ylim=(0, 24))
plt.show()

# %%
# The rates are those of held-out days, and scatter on new ones. Of forty winter days a rate of 0.8
# lies within ±0.12 in nineteen of twenty samples. Ask for a little more than you need.
