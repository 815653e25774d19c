"""
Explain a decision
==================

Why this label, and why now? A picture of the decision shows when it was certain enough. An
explanation shows which part of the series spoke for it. A report says how often decisions like it
were right.
"""

import matplotlib.pyplot as plt
from aeon.datasets import load_gunpoint

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.plots import plot_decision, plot_explanation, plot_reliability

X, y = load_gunpoint(split="train")
X_test, y_test = load_gunpoint(split="test")
early = GDPDEarlyClassifier(objective=DecisionCost(delay=0.2), random_state=0).fit(X, y)

# %%
# Why now?
# --------
# Above the series, below it the probabilities of the two classes. The decision falls when the class
# that is ahead is certain enough.
plot_decision(early, X_test[5])
plt.show()

# %%
# Why this label?
# ---------------
# With random kernels, the default, the margin between two classes is taken apart exactly: what each
# value of the series counts adds up to it.
(why,) = early.explain(X_test[5:6])
print(why)
plot_explanation(why)
plt.show()

# %%
# How far to trust it?
# --------------------
# ``reliability`` is how often held-out decisions like this one were right, ``n_alike`` how many
# these were.
early.report(X_test[:6]).round(2)

# %%
# Over all test motions: of decisions that are 80 % sure, are four in five right? Waiting is dearer
# here, so that decisions are less sure.
early.fit_trigger(objective=DecisionCost(delay=2.0))
plot_reliability(early, X_test, y_test, n_bins=4)
plt.show()

# %%
# Dots below the line: decisions that fall so early are too sure of themselves. One temperature for
# all points, learned from fifty motions, does not know that the first points are worse.
#
# An explanation tells what the classifier went by, and not what is true of the world. Here it went
# by how high the hand lies before anything moves. A series that is normalised as a whole gives that
# away: it tells how high the hand will be raised.
