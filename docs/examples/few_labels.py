"""
Twenty labelled series, two hundred without a label
===================================================

Recordings that are over are plenty; that somebody has judged them is rare. A teacher of complete
series learns from the few labels and says what the other series are. The early classifier learns
from both.
"""

import matplotlib.pyplot as plt
import numpy as np
from aeon.datasets import load_italy_power_demand

from gdpd_sklearn import GDPDEarlyClassifier

# %%
# Ten labels in each of two classes, and two hundred series of which only the shape is known. Their
# label is -1; any mark will do.
X, y = (np.concatenate(each) for each in zip(
    load_italy_power_demand(split="train"), load_italy_power_demand(split="test"), strict=True
))  # fmt: skip
order = np.random.default_rng(0).permutation(len(y))
X, y = X[order], y[order].astype(int)
labelled = np.concatenate([np.flatnonzero(y == label)[:10] for label in np.unique(y)])
others = np.setdiff1d(np.arange(len(y)), labelled)
unlabelled, test = others[:200], others[200:]
X_train = np.concatenate([X[labelled], X[unlabelled]])
y_train = np.concatenate([y[labelled], np.full(200, -1)])

# %%
# The same classifier, without and with the series that nobody has judged.
alone = GDPDEarlyClassifier(random_state=0).fit(X[labelled], y[labelled])
taught = GDPDEarlyClassifier(unlabelled=-1, random_state=0).fit(X_train, y_train)
for name, classifier in {"20 labels": alone, "and 200 series": taught}.items():
    print(name, classifier.score(X[test], y[test]))

# %%
# Accuracy at every classification point, whatever the rule.
figure, axis = plt.subplots(figsize=(6, 3.5), layout="constrained")
for name, classifier in {"20 labels alone": alone, "and 200 series without": taught}.items():
    points = classifier.classification_points_
    answers = classifier.engine_.probabilities_up_to(X[test], len(points)).argmax(-1)
    right = (classifier.classes_[answers] == y[test]).mean(axis=1)
    axis.plot(np.array(points) / points[-1], right, marker="o", label=name)
axis.set_xlabel("share of the day seen")
axis.set_ylabel("accuracy")
axis.grid(alpha=0.3)
axis.legend()
plt.show()
