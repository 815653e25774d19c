"""
Sensors with gaps
=================

Values go missing, whole channels fail, series end early. Series go in as they are: NaN says that
there is no value, and a list holds series of unequal lengths.
"""

import matplotlib.pyplot as plt
import numpy as np
from aeon.transformations.collection import SimpleImputer

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.metrics import DecisionCost

# %%
# Three sensors of a pump, made up. In a pump that leaks the second one swings faster, from the
# twentieth point on.
random = np.random.default_rng(0)
y = np.repeat(["sound", "leaks"], 60)
time = np.arange(80)
X = random.normal(0, 0.4, (120, 3, 80)) + np.sin(time / 6 + random.uniform(0, 6, (120, 3, 1)))
X[y == "leaks", 1, 20:] += 1.2 * np.sin(time[20:] / 1.5)
order = random.permutation(120)
X, y = X[order], y[order]


def lose(X, share):
    """Take a share of the values away, in runs of four time points."""
    starts = random.random((*X.shape[:2], X.shape[2] // 4)) < share
    return np.where(starts.repeat(4, axis=2), np.nan, X)


# %%
# What a gap costs
# ----------------
# Random kernels, the default, read what is there. The usual way out is to fill each gap by the mean
# of its series first. Both see the first 60 of 80 points.
shares = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]
as_they_are, filled = [], []
for share in shares:
    gappy = lose(X, share)[:, :, :60]
    imputed = SimpleImputer(strategy="mean").fit_transform(gappy) if share else gappy
    for series, scores in ((gappy, as_they_are), (imputed, filled)):
        clf = GDPDClassifier(1.0, random_state=0).fit(series[:60], y[:60])
        scores.append(clf.score(series[60:], y[60:]))
figure, axis = plt.subplots(figsize=(6, 3.5), layout="constrained")
axis.plot(shares, as_they_are, "o-", label="as they are")
axis.plot(shares, filled, "s--", label="filled by the mean first")
axis.set(xlabel="share of values missing", ylabel="accuracy on 60 other pumps", ylim=(0.45, 1.02))
axis.grid(alpha=0.3)
axis.legend()
plt.show()

# %%
# A stream with gaps and an end
# -----------------------------
# ``None`` is a point without any value, NaN a channel without one. When a pump is switched off,
# ``end`` asks for a decision by what was seen.
goal = DecisionCost(delay=0.3)  # an error costs 1, waiting for the end 0.3
early = GDPDEarlyClassifier(objective=goal, random_state=0).fit(lose(X[:60], 0.2), y[:60])
stream = early.stream()
stream.push("pump 7", X[60, :, 0])
stream.push("pump 7", None)
stream.push("pump 7", [0.2, np.nan, -0.1])
decision = stream.end("pump 7")
print(f"pump 7, truly {y[60]}: {decision.label} after {decision.stop_time} points, "
      f"probability {decision.probabilities.max():.2f}")  # fmt: skip

# %%
# Ends of their own: some pumps are switched off after 40 points. A list holds them.
lengths = random.integers(40, 81, 60)
switched_off = [series[:, :n] for series, n in zip(lose(X[60:], 0.2), lengths, strict=True)]
labels, _, stop_times = early.predict_early(switched_off)
ended = stop_times == lengths
right = labels == y[60:]
figure, axis = plt.subplots(figsize=(6, 3.2), layout="constrained")
# fmt: off
for what, chosen, marker in (("the rule", ~ended, "o"), ("its end", ended, "x")):
    axis.scatter(lengths[chosen], stop_times[chosen], marker=marker, alpha=0.7,
                 label=f"decided by {what}: {right[chosen].sum()} of {chosen.sum()} right")
# fmt: on
axis.plot([40, 80], [40, 80], color="0.7", lw=1, zorder=0)
axis.set(xlabel="length of the series", ylabel="point of the decision", ylim=(0, 82))
axis.legend(loc="upper left", frameon=False)
plt.show()
