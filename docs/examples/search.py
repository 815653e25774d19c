"""
Grid search and pipelines
=========================

Both classifiers are scikit-learn estimators. They go into pipelines and searches as they are. For
students that are trained, ``GDPDGridSearchCV`` gives the same answers several times faster.
"""

import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from aeon.datasets import load_basic_motions, load_italy_power_demand
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.estimators import neg_average_cost_scorer
from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.model_selection import GDPDGridSearchCV

# %%
# A pipeline
# ----------
# Six channels of a wrist sensor, four motions. A step in front takes differences of neighbours.
X, y = load_basic_motions(split="train")
chain = make_pipeline(
    FunctionTransformer(lambda X: np.diff(X, axis=2)), GDPDClassifier(0.3, random_state=0)
)
folds = StratifiedKFold(3, shuffle=True, random_state=0)
print("differences:", cross_val_score(chain, X, y, cv=folds).round(2))

# %%
# A search over prices
# --------------------
# An early classifier has no single score. ``score`` gives the harmonic mean, and scorers give other
# figures. Here it is the average cost, where an error costs 1 and waiting for the end a half.
X, y = load_italy_power_demand(split="train")
cost = DecisionCost(delay=0.5)
search = GDPDGridSearchCV(
    GDPDEarlyClassifier(classification_points=12, random_state=0),
    {
        "trigger": ["falling_threshold", "probability_threshold", "calimera"],
        "objective": ["harmonic_mean", cost],
    },
    scoring=neg_average_cost_scorer(cost), cv=folds,
).fit(X, y)  # fmt: skip
results = pd.DataFrame(search.cv_results_)
results["cost"] = -results.mean_test_score
results[["param_trigger", "param_objective", "cost", "std_test_score"]].sort_values("cost")

# %%
# A search over a method
# ----------------------
# A student taught by GDPD has a weight and a warm-up. ``GridSearchCV`` trains a teacher and a
# warm-up for each candidate. ``GDPDGridSearchCV`` trains what candidates share once, and the rest
# side by side.
grid = {"distiller__weight": [0.1, 1.0, 10.0], "distiller__warmup": [0.3, 0.6]}
clf = GDPDClassifier(0.5, student="fcn", distiller="gdpd", n_epochs=10, random_state=0)
seconds = {}
for kind in (GridSearchCV, GDPDGridSearchCV):
    start = time.process_time()
    search = kind(clf, grid, cv=folds, refit=False).fit(X, y)
    seconds[kind.__name__] = time.process_time() - start

# %%
# The scores and what they took. (The times are of ten epochs on a small set.)
figure, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
scores = search.cv_results_["mean_test_score"].reshape(2, 3)
picture = axes[0].imshow(scores, cmap="Blues")
for row, column in np.ndindex(scores.shape):
    dark = scores[row, column] > scores.min() + 0.6 * np.ptp(scores)
    axes[0].text(column, row, f"{scores[row, column]:.3f}", ha="center", va="center",
                 color="white" if dark else "black")  # fmt: skip
axes[0].set_xticks(range(3), grid["distiller__weight"])
axes[0].set_yticks(range(2), grid["distiller__warmup"])
axes[0].set(xlabel="weight", ylabel="warm-up", title="cross-validated accuracy")
axes[1].barh(list(seconds), list(seconds.values()), color=["0.6", "#1b6ca8"])
axes[1].set(xlabel="processor seconds", title="the same 18 fits")
plt.show()
